package protocol

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The limit of the fuzzed scanners: small, so that it is often reached.
const fuzzFrame = 64

// What comes out of a stream does not depend on how it is cut.
func FuzzScannerSplits(f *testing.F) {
	for i, stream := range []string{
		help + help + "\r\n" + help,
		`{"content":"a}{ \"x\" \\"}` + "\n" + `[1,{"a":null}]`,
		"{\n  \"a\": [\n    1\n  ]\n}\n" + help,
		`{"a":}` + help + `{"a":1,}` + help,
		"hello" + help + "hello\n" + help,
		`{"a":"cut off` + "\n" + help + "\n" + `{"a":` + "\n" + help,
		`{"content":"` + strings.Repeat("x", fuzzFrame) + `\"}"}` + help,
		`{"content":"` + strings.Repeat("[", 40) + `","a":` + strings.Repeat("[", 40) + "\n" + help,
	} {
		f.Add([]byte(stream), uint64(i))
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		s := string(stream)
		want := scan(t, fuzzFrame, s)
		check := func(pieces []string) {
			t.Helper()
			if diff := cmp.Diff(want, scan(t, fuzzFrame, pieces...)); diff != "" {
				t.Fatalf("cut as %q (-whole +cut):\n%s", pieces, diff)
			}
		}
		check(bytewise(s))
		if len(s) <= 256 {
			for i := range s {
				check(cut(s, i))
			}
		}
		random := rand.New(rand.NewPCG(seed, 0))
		var places []int
		for i := 0; i < len(s); i += 1 + random.IntN(40) {
			places = append(places, i)
		}
		check(cut(s, places...))
	})
}

// Of good frames, each on a line of its own with garbage lines before it, every
// one comes out that the garbage does not swallow. The newline behind the
// garbage ends what the garbage had begun, with one exception: where an
// unfinished object or array awaits a value, behind '[', ':' or ',', the good
// frame is that value by the grammar.
func FuzzScannerRecovers(f *testing.F) {
	for _, garbage := range []string{
		"", "hello", "{", "}", "]", `"`, `{"a`, `{"a\`, `{"a":"b`, `{"a":1`, `{"a":1,`, `[1`, `{"a":`, "[", "[1,",
		"GET / HTTP/1.1\r\nHost: x\r\n\r", "{\n{\n[", `{"a":{"b":[1]}`, help + help[:9],
		`{"a":"` + strings.Repeat("x", fuzzFrame), strings.Repeat(`{"":`, 15), `{"a":` + strings.Repeat(" ", fuzzFrame-6),
		strings.Repeat(" ", fuzzFrame), strings.Repeat("[", MaxDepth), "\x00\xff", "words [ ( {", `{"a":!"`,
	} {
		f.Add([]byte(garbage), []byte("x"+garbage), []byte(`{"a":1 `+garbage))
	}
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		var stream []byte
		var want []string
		for i, garbage := range [][]byte{a, b, c} {
			stream = append(append(stream, garbage...), '\n')
			good := `{"request":"msg","content":"good ` + strconv.Itoa(i) + `"}`
			if !awaitsValue(stream) {
				want = append(want, good)
			}
			stream = append(stream, good+"\n"...)
		}
		got := scan(t, fuzzFrame, string(stream))
		for _, good := range want {
			at := slices.Index(got, good)
			if at < 0 {
				t.Fatalf("of %q came %q, without %s", stream, got, good)
			}
			got = got[at+1:]
		}
	})
}

// awaitsValue reports whether a stream ends in an unfinished object or array
// where a value can stand.
func awaitsValue(stream []byte) bool {
	s := NewScanner(fuzzFrame)
	for b := stream; len(b) > 0; {
		_, n, _ := s.Scan(b)
		b = b[n:]
	}
	text := bytes.TrimRight(stream, " \t\r\n")
	return s.Pending() > 0 && bytes.ContainsAny(text[len(text)-1:], "[:,")
}

func FuzzParse(f *testing.F) {
	for _, tt := range requestTests {
		f.Add([]byte(tt.frame))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		var p Parser
		r, err := p.Parse(frame)
		if err != nil {
			if err.Code == "" || err.Text == "" {
				t.Errorf("error without code or text: %+v", err)
			}
			return
		}
		if !json.Valid(frame) {
			t.Errorf("accepted %q, which is not JSON", frame)
		}
		if r.Verb == "" || len(r.Ref) > MaxTag || len(r.ID) > MaxTag || len(r.Token) > MaxTag || len(r.Log) > MaxTag || r.After > 0 && !r.HasAfter {
			t.Errorf("accepted %+v", r)
		}
		if !utf8.ValidString(r.Verb + r.Content.Text + r.Ref + r.ID + r.Token + r.Log) {
			t.Errorf("accepted text that is not UTF-8: %+v", r)
		}
		// A parser that has seen other frames understands it alike.
		if again, err := p.Parse(frame); err != nil || !cmp.Equal(r, again, unexported) {
			t.Errorf("again: %+v, %v", again, err)
		}
		NewVerbs().List()[0].Parse(r.Content)
	})
}

func FuzzDecodeResponse(f *testing.F) {
	for _, tt := range decodeTests {
		f.Add([]byte(tt.frame))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		r, err := DecodeResponse(frame)
		if err != nil {
			if err.Code == "" || err.Text == "" {
				t.Errorf("error without code or text: %+v", err)
			}
			return
		}
		checkKinds(t, r)
		if r.Kind != KindHistory && r.History != nil {
			t.Errorf("%s with a history: %+v", r.Kind, r)
		}
		if again, _ := DecodeResponse(frame); !cmp.Equal(r, again) {
			t.Errorf("decoded differently the second time: %s", cmp.Diff(r, again))
		}
		AppendExtended(nil, r)
	})
}

// checkKinds reports kinds that the standard does not have. A history does not
// hold histories.
func checkKinds(t *testing.T, r Response) {
	t.Helper()
	switch r.Kind {
	case KindError, KindInfo, KindHistory, KindMessage:
	default:
		t.Errorf("kind %q", r.Kind)
	}
	for _, m := range r.History {
		checkKinds(t, m)
		if m.Kind == KindHistory {
			t.Errorf("history within a history: %+v", m)
		}
	}
}

// A request comes back from the wire as it was sent.
func FuzzRequestRoundTrip(f *testing.F) {
	f.Add("login", "alice", true, "7", "", uint64(0))
	f.Add("login", "alice", true, "7", "log", uint64(1)<<63)
	f.Add("msg", "  two words\n\"}{\\ \x00\x7f blåbær 😀\u2028", false, "", "id", uint64(1))
	f.Add("names", "", false, "", "", uint64(0))
	f.Add("names", "None", false, "", "", uint64(0))
	f.Fuzz(func(t *testing.T, verb, text string, extended bool, ref, id string, after uint64) {
		valid := utf8.ValidString(verb + "|" + text + "|" + ref + "|" + id)
		if !valid || verb == "" || len(ref) > MaxTag || len(id) > MaxTag || checkArgument(ref) != nil || checkArgument(id) != nil {
			t.Skip("not a request that a client makes")
		}
		for _, content := range []Content{{Text: text}, {Fields: map[string]string{}}, {Fields: map[string]string{"name": text, strings.ToLower(verb): id}}} {
			checkRequest(t, Request{Verb: verb, Content: content, Extended: extended, Ref: ref, ID: id})
			checkRequest(t, Request{Verb: verb, Content: content, Extended: extended, Token: ref, Log: id, After: after, HasAfter: true})
		}
	})
}

// checkRequest sends a request and reads it.
func checkRequest(t *testing.T, r Request) {
	t.Helper()
	line := AppendRequest(nil, r)
	checkLine(t, line)
	checkASCII(t, line)
	frames := scan(t, 1<<20, string(line))
	if len(frames) != 1 {
		t.Fatalf("%q was read as %q", line, frames)
	}
	var p Parser
	got, err := p.Parse([]byte(frames[0]))
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	r.Verb = strings.ToLower(r.Verb)
	if diff := cmp.Diff(r, got, unexported); diff != "" {
		t.Errorf("%q (-sent +read):\n%s", line, diff)
	}
}

// checkLine reports what is not exactly one line with one JSON value.
func checkLine(t *testing.T, line []byte) {
	t.Helper()
	if !json.Valid(line) {
		t.Errorf("not JSON: %q", line)
	}
	if bytes.Count(line, []byte("\n")) != 1 || !bytes.HasSuffix(line, []byte("\n")) {
		t.Errorf("not one line: %q", line)
	}
}

func checkASCII(t *testing.T, line []byte) {
	t.Helper()
	for _, c := range bytes.TrimSuffix(line, []byte("\n")) {
		if c < ' ' || c > '~' {
			t.Fatalf("byte %#x in %q", c, line)
		}
	}
}

// checkPlain reports what a third-party client cannot read: anything but four
// keys with strings in ASCII, without braces inside the strings. Of a history
// the braces may be those of a list of objects.
func checkPlain(t *testing.T, frame []byte, objects bool) {
	t.Helper()
	checkLine(t, frame)
	checkASCII(t, frame)
	if len(frame) > MaxPlainText {
		t.Errorf("%d bytes: %q", len(frame), frame)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(frame, &keys); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"timestamp", "sender", "response", "content"} {
		if _, ok := keys[key]; !ok {
			t.Errorf("no %s in %s", key, frame)
		}
	}
	if len(keys) != 4 {
		t.Errorf("%d keys in %s", len(keys), frame)
	}
	if !objects && bytes.Count(frame, []byte("{"))+bytes.Count(frame, []byte("}")) != 2 {
		t.Errorf("braces in a string: %s", frame)
	}
}

// Everything that is sent can be read by a third party and means the same when
// it comes back.
func FuzzAppend(f *testing.F) {
	f.Add("alice", "hello {there} \"\\ \n\r\t\x00\x7f", byte(1), uint32(1795217784), "7", "message", uint64(12))
	f.Add("server", strings.Repeat("blåbærsyltetøy 😀 ", 400), byte(0), uint32(0), "", "", uint64(0))
	f.Add("bob", strings.Repeat("x", 5000), byte(2), uint32(1), "ref", "login", uint64(1)<<63)
	f.Add("eve", "(in den) "+strings.Repeat("x", 4000)+" (In den) hi", byte(1), uint32(1), "", "", uint64(0))
	f.Add("eve", " ( to you alone) hi", byte(1), uint32(1), "", "", uint64(0))
	f.Add("carl", "\xff\xfe", byte(3), uint32(1), "", "", uint64(0))
	f.Fuzz(func(t *testing.T, sender, text string, kind byte, seconds uint32, ref, event string, id uint64) {
		if len(sender) > MaxName || len(ref) > MaxTag || len(event) > MaxTag {
			t.Skip("over a limit that is checked before")
		}
		kinds := []Kind{KindInfo, KindMessage, KindError}
		r := Response{Time: time.Unix(int64(seconds), 0).UTC(), Sender: sender, Kind: kinds[int(kind)%len(kinds)], Content: text}
		valid := utf8.ValidString(sender + "|" + text + "|" + ref + "|" + event)

		var whole strings.Builder
		for _, frame := range PlainFrames(r) {
			checkPlain(t, frame, false)
			got := decoded(t, frame)
			whole.WriteString(unmarked(t, got, ""))
			got.Content = r.Content
			if diff := cmp.Diff(r, got); valid && diff != "" {
				t.Errorf("plain (-sent +read):\n%s", diff)
			}
		}
		if valid && whole.String() != text {
			t.Errorf("the pieces of %q are %q", text, whole.String())
		}
		line := AppendPlain(nil, r)
		checkLine(t, line)
		checkASCII(t, line)

		r.Ref, r.Data = ref, &Data{Event: event, ID: id, Name: sender, Names: []string{sender, text + "."}, Away: Absences{text + ".": sender}, Likes: Likes{sender: text}, Log: ref, Token: sender, Resume: event,
			Room: sender, Topic: text, Read: id, To: ref, State: event, More: kind%2 == 0, Seconds: int(kind),
			Rooms:    []Room{{}, {Name: sender, Topic: text, Members: int(seconds >> 1), Read: id, Joined: id%2 == 0, Private: id%3 == 0, Key: id%5 == 0, Invited: id%7 == 0}},
			Unread:   []Unread{{Room: sender, Read: id, Count: int(kind), Mentions: int(seconds >> 1), More: id%2 == 0}, {Name: text}},
			Sessions: []Session{{ID: int(kind), Since: r.Time, Address: text, Mine: id%2 == 0}, {}},
			Private:  &Private{Session: id, Fingerprint: sender, Paths: []string{text, ref}, Credit: int(seconds >> 1), Payload: text}}
		line = AppendExtended(nil, r)
		checkLine(t, line)
		if !utf8.Valid(line) {
			t.Errorf("not UTF-8: %q", line)
		}
		if diff := cmp.Diff(r, decoded(t, line)); valid && diff != "" {
			t.Errorf("extended (-sent +read):\n%s", diff)
		}
		checkHistories(t, r, valid)
	})
}

// checkHistories sends a history of a few messages in every form.
func checkHistories(t *testing.T, m Response, valid bool) {
	t.Helper()
	m.Kind = KindMessage
	h := Response{Time: m.Time, Sender: ServerName, Kind: KindHistory, History: slices.Repeat([]Response{m}, 3), Ref: m.Ref}
	h.Data = &Data{Event: EventHistory}
	lines, told := ExtendedHistory(h)
	var read []Response
	for i, line := range lines {
		checkLine(t, line)
		got := decoded(t, line)
		read = append(read, got.History...)
		if more := i < len(lines)-1; len(line) > MaxFrame && len(got.History) > 1 || got.Data.More != more {
			t.Errorf("extended history %d of %d: %d bytes, more %v", i, len(lines), len(line), got.Data.More)
		}
	}
	if len(read) != told {
		t.Errorf("extended history: %d messages are told, and %d said to be", len(read), told)
	}
	if diff := cmp.Diff(h.History[:told], read, cmpopts.EquateEmpty()); valid && diff != "" {
		t.Errorf("extended history (-sent +read):\n%s", diff)
	}
	h.Data = nil
	room := m.Data.Room
	m.Ref, m.Data = "", nil
	for _, form := range forms {
		var heard []Response
		frames, told := PlainHistory(h, form, 1000)
		if told != len(h.History) {
			t.Errorf("history as %s: %d of %d messages", form, told, len(h.History))
		}
		for _, frame := range frames {
			checkPlain(t, frame.Bytes, form == HistoryObjects)
			r := decoded(t, frame.Bytes)
			if r.Kind == KindMessage {
				heard = append(heard, r)
			}
			heard = append(heard, r.History...)
		}
		if form == HistoryText || !valid {
			continue
		}
		var whole strings.Builder
		for _, got := range heard {
			whole.WriteString(unmarked(t, got, room))
			got.Content = m.Content
			if diff := cmp.Diff(m, got); diff != "" {
				t.Errorf("history as %s (-sent +read):\n%s", form, diff)
			}
		}
		if whole.String() != strings.Repeat(m.Content, 3) {
			t.Errorf("history as %s reads %q", form, whole.String())
		}
	}
}

// unmarked returns a text of a room, "" is the lobby, as it was typed. Each says which room
// it is of, and none of the lobby looks as if it was said elsewhere.
func unmarked(t *testing.T, r Response, room string) string {
	t.Helper()
	if r.Kind != KindMessage {
		return r.Content
	}
	mark := RoomMark(Lobby)
	if room != "" {
		mark = RoomMark(strings.ToValidUTF8(room, "\ufffd"))
	}
	text, marked := strings.CutPrefix(r.Content, mark)
	if !marked && (room != "" || looksMarked.MatchString(text)) {
		t.Errorf("%.80q looks like a text from elsewhere than %q", text, room)
	}
	return text
}

// looksMarked finds what begins like a mark, but for blanks and letter case.
var looksMarked = regexp.MustCompile(`(?i)^\s*\(\s*(in|to)\s`)

// decoded reads a line back, without the timestamp's text.
func decoded(t *testing.T, line []byte) Response {
	t.Helper()
	frames := scan(t, 1<<20, string(line))
	if len(frames) != 1 {
		t.Fatalf("%q was read as %q", line, frames)
	}
	r, err := DecodeResponse([]byte(frames[0]))
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	r.Stamp = ""
	for i := range r.History {
		r.History[i].Stamp = ""
	}
	return r
}
