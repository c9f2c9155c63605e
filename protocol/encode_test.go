package protocol

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 21, 13, 0, 0, 999, time.FixedZone("Oslo", 3600))

// Every frame below begins with this.
const head = `{"timestamp":"2026-11-21T12:00:00Z","sender":`

func TestAppendPlain(t *testing.T) {
	for _, tt := range []struct {
		name string
		r    Response
		want string
	}{
		{"message", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "hi"},
			head + `"alice","response":"message","content":"hi"}`},
		{"no text", Response{Time: noon, Sender: ServerName, Kind: KindInfo},
			head + `"server","response":"info","content":""}`},
		{"ref and data are not for plain sessions", Response{Time: noon, Sender: ServerName, Kind: KindError, Content: "no", Ref: "7", Data: &Data{Event: "x", Code: Busy}},
			head + `"server","response":"error","content":"no"}`},
		{"braces", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "odd}{[]"},
			head + `"alice","response":"message","content":"odd\u007d\u007b[]"}`},
		{"not ASCII", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "blåbær\u2028😀\x7f"},
			head + `"alice","response":"message","content":"bl\u00e5b\u00e6r\u2028\ud83d\ude00\u007f"}`},
		{"escapes", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "\"\\/\n\r\t\b\x00<>&'"},
			head + `"alice","response":"message","content":"\"\\/\n\r\t\u0008\u0000<>&'"}`},
		{"not UTF-8", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "a\xffb"},
			head + `"alice","response":"message","content":"a\ufffdb"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want+"\n", string(AppendPlain(nil, tt.r))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAppendExtended(t *testing.T) {
	entry := Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "hi", Data: &Data{Event: EventMessage, ID: 1}}
	for _, tt := range []struct {
		name string
		r    Response
		want string
	}{
		{"message", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "hi", Data: &Data{Event: EventMessage, ID: 12}},
			head + `"alice","response":"message","content":"hi","data":{"event":"message","id":12}}`},
		{"answer", Response{Time: noon, Sender: ServerName, Kind: KindInfo, Content: "ok", Ref: "7", Data: &Data{Event: EventLogin, Name: "alice", Log: "a1"}},
			head + `"server","response":"info","content":"ok","ref":"7","data":{"event":"login","name":"alice","log":"a1"}}`},
		{"error", Response{Time: noon, Sender: ServerName, Kind: KindError, Content: "no", Ref: "\"", Data: &Data{Event: "msg", Code: NotLoggedIn}},
			head + `"server","response":"error","content":"no","ref":"\"","data":{"event":"msg","code":"not_logged_in"}}`},
		{"names", Response{Time: noon, Sender: ServerName, Kind: KindInfo, Content: "alice, bob", Data: &Data{Event: EventNames, Names: []string{"alice", "bob"}}},
			head + `"server","response":"info","content":"alice, bob","data":{"event":"names","names":["alice","bob"]}}`},
		{"names, of which one is away and one has not said why", Response{Time: noon, Sender: ServerName, Kind: KindInfo, Content: "carl, alice, bob", Data: &Data{Event: EventNames,
			Names: []string{"carl", "alice", "bob"}, Away: Absences{"alice": `at "lunch"`, "carl": "", "dora": "not listed here"}}},
			head + `"server","response":"info","content":"carl, alice, bob","data":{"event":"names","names":["carl","alice","bob"],"away":{"carl":"","alice":"at \"lunch\""}}}`},
		{"names, of which none is away", Response{Time: noon, Sender: ServerName, Kind: KindInfo, Content: "bob", Data: &Data{Event: EventNames, Names: []string{"bob"}, Away: Absences{"dora": ""}}},
			head + `"server","response":"info","content":"bob","data":{"event":"names","names":["bob"]}}`},
		{"nobody", Response{Time: noon, Sender: ServerName, Kind: KindInfo, Data: &Data{Event: EventNames, Names: []string{}}},
			head + `"server","response":"info","content":"","data":{"event":"names","names":[]}}`},
		{"private", Response{Time: noon, Sender: ServerName, Kind: KindInfo, Content: "hi", Data: &Data{Event: EventIntroduced, Name: "bob",
			Private: &Private{Session: 7, Fingerprint: "SHA256:x", Paths: []string{"10.0.0.1:1", "relay"}, Credit: 5, Payload: "aGk="}}},
			head + `"server","response":"info","content":"hi","data":{"event":"introduced","name":"bob",` +
				`"private":{"session":7,"fingerprint":"SHA256:x","paths":["10.0.0.1:1","relay"],"credit":5,"payload":"aGk="}}}`},
		{"private with one field", Response{Time: noon, Sender: "bob", Kind: KindInfo, Data: &Data{Event: EventRelayed, Private: &Private{Credit: 5}}},
			head + `"bob","response":"info","content":"","data":{"event":"relayed","private":{"credit":5}}}`},
		{"private with none", Response{Time: noon, Sender: "bob", Kind: KindInfo, Data: &Data{Event: EventBye, Private: &Private{Paths: []string{}}}},
			head + `"bob","response":"info","content":"","data":{"event":"bye","private":{}}}`},
		{"no data", Response{Time: noon, Sender: ServerName, Kind: KindInfo, Content: "hi"},
			head + `"server","response":"info","content":"hi"}`},
		{"UTF-8 as it is", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "blåbær\u2028😀{}\x7f"},
			head + `"alice","response":"message","content":"blåbær` + "\u2028" + `😀{}` + "\x7f" + `"}`},
		{"escapes", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "\"\\/\n\r\t\b\x00<>&'"},
			head + `"alice","response":"message","content":"\"\\/\n\r\t\u0008\u0000<>&'"}`},
		{"not UTF-8", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "a\xff\xfeb\xe5"},
			head + `"alice","response":"message","content":"a` + "\ufffd\ufffdb\ufffd" + `"}`},
		{"history", Response{Time: noon, Sender: ServerName, Kind: KindHistory, History: []Response{entry, entry}, Data: &Data{Event: EventHistory}},
			head + `"server","response":"history","content":[` +
				head + `"alice","response":"message","content":"hi","data":{"event":"message","id":1}},` +
				head + `"alice","response":"message","content":"hi","data":{"event":"message","id":1}}],"data":{"event":"history"}}`},
		{"empty history", Response{Time: noon, Sender: ServerName, Kind: KindHistory},
			head + `"server","response":"history","content":[]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want+"\n", string(AppendExtended(nil, tt.r))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// contents sends a text to a plain session and returns the pieces that it is sent in.
func contents(t *testing.T, text string) []string {
	t.Helper()
	var pieces []string
	for _, frame := range PlainFrames(Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: text}) {
		checkPlain(t, frame, false)
		r := decoded(t, frame)
		if r.Sender != "alice" || r.Kind != KindMessage || !r.Time.Equal(noon.Truncate(time.Second)) {
			t.Errorf("piece of something else: %s", frame)
		}
		pieces = append(pieces, r.Content)
	}
	if got := strings.Join(pieces, ""); got != text {
		t.Errorf("the pieces of %q are %q", text, got)
	}
	return pieces
}

func TestPlainFrames(t *testing.T) {
	room := MaxPlainText - len(head+`"alice","response":"message","content":""}`+"\n")
	words := strings.Repeat("word ", 2000)
	for _, tt := range []struct {
		name  string
		text  string
		sizes []int // in bytes of text
	}{
		{"empty", "", []int{0}},
		{"short", "hi", []int{2}},
		{"as long as fits", strings.Repeat("x", room), []int{room}},
		{"one byte more", strings.Repeat("x", room+1), []int{room, 1}},
		{"words", words, []int{room / 5 * 5, room / 5 * 5, 10000 - room/5*10}},
		{"lines", strings.ReplaceAll(words, " ", "\n")[:5000], []int{room / 6 * 5, 5000 - room/6*5}},
		{"last space too far back", "one two " + strings.Repeat("x", room), []int{room, 8}},
		{"written with 6 bytes each", strings.Repeat("å", room/6+1), []int{room / 6 * 2, 2}},
		{"written with 12 bytes each", strings.Repeat("😀", room/12+1), []int{room / 12 * 4, 4}},
		{"braces", strings.Repeat("{", room/6+1), []int{room / 6, 1}},
		{"quotes", strings.Repeat(`"`, room/2+1), []int{room / 2, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var sizes []int
			for _, piece := range contents(t, tt.text) {
				sizes = append(sizes, len(piece))
			}
			if diff := cmp.Diff(tt.sizes, sizes); diff != "" {
				t.Errorf("pieces (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlainFramesCutBetweenWords(t *testing.T) {
	pieces := contents(t, strings.Repeat("somewhat longer words ", 400))
	for _, piece := range pieces {
		if !strings.HasSuffix(piece, " ") {
			t.Errorf("piece ends in %q", piece[len(piece)-10:])
		}
	}
	if len(pieces) != 3 {
		t.Errorf("%d pieces", len(pieces))
	}
}

// said returns a history of messages by alice.
func said(texts ...string) Response {
	h := Response{Time: noon, Sender: ServerName, Kind: KindHistory, Ref: "7", Data: &Data{Event: EventHistory}}
	for i, text := range texts {
		h.History = append(h.History, Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: text, Data: &Data{Event: EventMessage, ID: uint64(i + 1)}})
	}
	return h
}

func TestPlainHistory(t *testing.T) {
	h := said("hi", "odd}\n\"å\"")
	list := head + `"server","response":"history","content":`
	first := head + `"alice","response":"message","content":"hi"}`
	second := head + `"alice","response":"message","content":"odd\u007d\n\"\u00e5\""}`
	for _, tt := range []struct {
		form HistoryForm
		want []string
	}{
		{HistoryStrings, []string{list + `["\u007b\"timestamp\":\"2026-11-21T12:00:00Z\",\"sender\":\"alice\",\"response\":\"message\",\"content\":\"hi\"\u007d",` +
			`"\u007b\"timestamp\":\"2026-11-21T12:00:00Z\",\"sender\":\"alice\",\"response\":\"message\",\"content\":\"odd\\u007d\\n\\\"\\u00e5\\\"\"\u007d"]}`}},
		{HistoryObjects, []string{list + "[" + first + "," + second + "]}"}},
		{HistoryText, []string{list + `"2026-11-21T12:00:00Z alice: hi\n2026-11-21T12:00:00Z alice: odd\u007d\n\"\u00e5\""}`}},
		{HistoryReplay, []string{first, second}},
		{HistoryBoth, []string{list + "[]}", first, second}},
	} {
		t.Run(string(tt.form), func(t *testing.T) {
			var want, got []string
			for _, frame := range tt.want {
				want = append(want, frame+"\n")
			}
			frames, told := PlainHistory(h, tt.form, 10)
			for _, frame := range frames {
				got = append(got, string(frame))
			}
			if told != 2 {
				t.Errorf("%d of 2 messages are told", told)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlainHistoryIsEmpty(t *testing.T) {
	for form, content := range map[HistoryForm]string{HistoryStrings: `[]`, HistoryObjects: `[]`, HistoryText: `""`, HistoryReplay: `""`, HistoryBoth: `[]`} {
		frames, _ := PlainHistory(said(), form, 1)
		want := head + `"server","response":"history","content":` + content + "}\n"
		if len(frames) != 1 || string(frames[0]) != want {
			t.Errorf("%s: %q", form, frames)
		}
	}
}

// texts returns what a client reads of a history that comes in the given frames.
func texts(t *testing.T, frames [][]byte) (got []string) {
	t.Helper()
	for _, frame := range frames {
		r := decoded(t, frame)
		if r.Kind == KindMessage {
			r.History = []Response{r}
		}
		for _, m := range r.History {
			_, text, isLine := strings.Cut(m.Content, "alice: ") // the text form
			if !isLine {
				text = m.Content
			}
			got = append(got, text)
		}
	}
	return got
}

var forms = []HistoryForm{HistoryStrings, HistoryObjects, HistoryText, HistoryReplay, HistoryBoth}

// What does not fit is left out from the oldest on, and counted.
func TestPlainHistoryCutsTheOldest(t *testing.T) {
	var all []string
	for i := range 200 {
		all = append(all, fmt.Sprintf("message %d {å}", i))
	}
	for form, want := range map[HistoryForm]int{HistoryStrings: 60, HistoryObjects: 70, HistoryText: 150, HistoryReplay: 10, HistoryBoth: 9} {
		frames, told := PlainHistory(said(all...), form, 10)
		if len(frames) != 10 {
			t.Errorf("%s: %d frames", form, len(frames))
		}
		for _, frame := range frames {
			checkPlain(t, frame, form == HistoryObjects)
			if len(frame) > MaxPlainFrame {
				t.Errorf("%s: a frame of %d bytes that holds several messages", form, len(frame))
			}
		}
		got := texts(t, frames)
		if diff := cmp.Diff(all[len(all)-told:], got); diff != "" {
			t.Errorf("%s is not the end of what was said (-want +got):\n%s", form, diff)
		}
		if told != want {
			t.Errorf("%s: %d messages, want %d", form, told, want)
		}
	}
}

// A message that is too large by itself comes in parts among the others, and
// none comes without its beginning.
func TestPlainHistoryTellsLargeMessages(t *testing.T) {
	large := strings.Repeat("å", 1000) // at least 6 bytes each
	for _, form := range forms {
		frames, told := PlainHistory(said("first", large, "second"), form, 20)
		for _, frame := range frames {
			checkPlain(t, frame, form == HistoryObjects)
		}
		got := texts(t, frames)
		if n := len(got); told != 3 || got[0] != "first" || got[n-1] != "second" || strings.Join(got[1:n-1], "") != large {
			t.Errorf("%s: %d messages, %q", form, told, got)
		}
		most := len(frames) - 2 // there is no place for all parts
		frames, told = PlainHistory(said("first", large, "second"), form, most)
		if got := texts(t, frames); told != 1 || got[len(got)-1] != "second" || strings.Contains(strings.Join(got, ""), "å") {
			t.Errorf("%s: %d messages in %d frames, %q", form, told, most, got)
		}
	}
}

// A direct message says in each part that it is one.
func TestPlainFramesOfADirectMessage(t *testing.T) {
	r := Response{Time: noon, Sender: "bob", Kind: KindMessage, Content: strings.Repeat("word ", 1000), Data: &Data{Event: EventDirect}}
	var whole string
	frames := PlainFrames(r)
	for _, frame := range frames {
		checkPlain(t, frame, false)
		text, ok := strings.CutPrefix(decoded(t, frame).Content, Aside)
		if !ok {
			t.Errorf("a part looks as if it was said to all: %s", frame)
		}
		whole += text
	}
	if whole != r.Content || len(frames) != 2 {
		t.Errorf("%d parts, together the text: %v", len(frames), whole == r.Content)
	}
}

// What the server itself says is cut where some clients stop to read.
func TestPlainFramesOfTheServersWords(t *testing.T) {
	for _, kind := range []Kind{KindInfo, KindError} {
		var whole string
		for _, frame := range PlainFrames(Response{Time: noon, Sender: ServerName, Kind: kind, Content: strings.Repeat("alice, ", 400)}) {
			if len(frame) > MaxPlainFrame {
				t.Errorf("%s: %d bytes", kind, len(frame))
			}
			whole += decoded(t, frame).Content
		}
		if whole != strings.Repeat("alice, ", 400) {
			t.Errorf("%s: the parts are %q", kind, whole)
		}
	}
}

func TestExtendedHistory(t *testing.T) {
	h := said("hi", "odd}\n\"å\"")
	whole, told := ExtendedHistory(h)
	if diff := cmp.Diff(string(AppendExtended(nil, h)), string(bytes.Join(whole, nil))); diff != "" || told != 2 {
		t.Errorf("what fits is told whole (-want +got), %d messages:\n%s", told, diff)
	}
	if none, told := ExtendedHistory(said()); len(none) != 1 || told != 0 {
		t.Errorf("nothing is told as %q", none)
	}

	// Texts and tags of the largest size, written with 6 bytes for each.
	long := said(slices.Repeat([]string{strings.Repeat("\x00", MaxText)}, 10)...)
	long.Ref = strings.Repeat("\x00", MaxTag)
	long.Data.Log = strings.Repeat("l", 200)
	for size := range 100 {
		long.History[9].Content = strings.Repeat("\x00", MaxText-size)
		long.History[8].Content = strings.Repeat("x", 15000+7*size)
		frames, told := ExtendedHistory(long)
		for _, frame := range frames {
			if len(frame)-1 > MaxFrame {
				t.Fatalf("%d bytes", len(frame))
			}
		}
		if got := texts(t, frames); told != 10 || len(got) != 10 {
			t.Fatalf("%d of 10 messages, said to be %d", len(got), told)
		}
	}

	// What does not fit is sent as several, the newest kept together.
	var all []string
	for i := range 2000 {
		all = append(all, fmt.Sprintf("message %d {å}", i))
	}
	frames, told := ExtendedHistory(said(all...))
	if diff := cmp.Diff(all, texts(t, frames)); diff != "" || told != len(all) {
		t.Errorf("%d messages; (-said +told):\n%s", told, diff)
	}
	for i, frame := range frames {
		if i > 0 && len(frame) < MaxFrame-400 || len(frame) > MaxFrame || decoded(t, frame).Data.More != (i < len(frames)-1) {
			t.Errorf("response %d of %d has %d bytes, and says %s", i, len(frames), len(frame), frame[len(frame)-60:])
		}
	}

	// All of it is what a slow reader may have waiting, and ends with the newest.
	var huge []string
	for i := range 1000 {
		huge = append(huge, fmt.Sprint(i, strings.Repeat("x", 1000)))
	}
	frames, told = ExtendedHistory(said(huge...))
	got := texts(t, frames)
	if diff := cmp.Diff(huge[len(huge)-len(got):], got); diff != "" || told != len(got) {
		t.Errorf("not the end of what was said (-want +got):\n%s", diff)
	}
	if size := len(bytes.Join(frames, nil)); size > MaxHistory+len(frames)*200 || size < MaxHistory-2000 {
		t.Errorf("%d bytes", size)
	}
}
