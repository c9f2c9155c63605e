package protocol

import (
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
		{"not ASCII", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "blåbær\u2028😀~\x7f"},
			head + `"alice","response":"message","content":"bl\u00e5b\u00e6r\u2028\ud83d\ude00~\u007f"}`},
		{"the last of one unit of UTF-16 and the first of two", Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: "\uffff\U00010000"},
			head + `"alice","response":"message","content":"\uffff\ud800\udc00"}`},
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
		{"names that can be taken for others", Response{Time: noon, Sender: ServerName, Kind: KindInfo, Content: "a1ice, aIice", Data: &Data{Event: EventNames, Names: []string{"a1ice", "aIice"}, Likes: Likes{"aIice": "alice", "a1ice": "alice"}}},
			head + `"server","response":"info","content":"a1ice, aIice","data":{"event":"names","names":["a1ice","aIice"],"likes":{"a1ice":"alice","aIice":"alice"}}}`},
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
		{"words, the last one without a blank", words[:9999], []int{room / 5 * 5, room / 5 * 5, 9999 - room/5*10}},
		{"words as long as fit", words[:room], []int{room}},
		{"last space too far back by a little", strings.Repeat("x", room*7/10) + " " + strings.Repeat("x", room), []int{room, room*7/10 + 1}},
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
