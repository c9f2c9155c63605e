package load

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

func testShape() *shape {
	return &shape{tag: runTag(7), names: []string{"ann", "bob"}, padding: strings.Repeat("x", 10)}
}

func TestMark(t *testing.T) {
	for _, m := range []mark{{}, {1, 2, 3}, {1<<24 - 1, 1<<30 - 1, 1<<54 - 1}, {5, 6, int64(time.Hour)}} {
		text := appendText(nil, runTag(1<<18-1), m, 100)
		if got, ok := readMark(text, runTag(1<<18-1)); !ok || got != m || len(text) != 100 {
			t.Errorf("%+v became %+v, %v, of %d bytes", m, got, ok, len(text))
		}
		if _, ok := readMark(text, runTag(0)); ok {
			t.Error("a mark of another run was read")
		}
		if got, ok := readRef([]byte(ref(runTag(3), m)), runTag(3)); !ok || got != m {
			t.Errorf("the ref of %+v became %+v, %v", m, got, ok)
		}
	}
	text := appendText(nil, "~007", mark{1, 2, 3}, MinSize)
	for at := range text {
		for bit := range 7 {
			altered := bytes.Clone(text)
			altered[at] ^= 1 << bit
			if m, ok := readMark(altered, "~007"); ok {
				t.Errorf("%q is read as %+v, with byte %d altered", altered, m, at)
			}
		}
	}
	for _, text := range []string{"", "~", "hello, everybody out there", "~007" + strings.Repeat("!", 30)} {
		if m, ok := readMark([]byte(text), "~007"); ok {
			t.Errorf("%q is read as %+v", text, m)
		}
	}
}

// told makes a frame of Parley's.
func told(sender, text string, d *protocol.Data) []byte {
	return protocol.AppendExtended(nil, protocol.Response{Time: time.Unix(1e9, 0), Sender: sender, Kind: protocol.KindMessage, Content: text, Data: d})
}

func TestFast(t *testing.T) {
	f := testShape()
	m := mark{sender: 1, seq: 9, due: 12345}
	text := string(appendText(nil, f.tag, m, MinSize+10))
	room := &protocol.Data{Event: protocol.EventMessage, ID: 42}
	for _, tt := range []struct {
		name  string
		frame []byte
		to    string
		id    uint64
		ok    bool
	}{
		{"room", told("bob", text, room), "", 42, true},
		{"direct", told("bob", text, &protocol.Data{Event: protocol.EventDirect, To: "ann"}), "ann", 0, true},
		{"direct for another", told("bob", text, &protocol.Data{Event: protocol.EventDirect, To: "bob"}), "ann", 0, false},
		{"direct in a room", told("bob", text, &protocol.Data{Event: protocol.EventDirect, To: "ann"}), "", 0, false},
		{"another sender", told("ann", text, room), "", 0, false},
		{"a stranger", told("eve", text, room), "", 0, false},
		{"an altered text", told("bob", text[:len(text)-1]+"y", room), "", 0, false},
		{"a longer text", told("bob", text+"x", room), "", 0, false},
		{"another text", told("bob", "hello", room), "", 0, false},
		{"more data", told("bob", text, &protocol.Data{Event: protocol.EventMessage, ID: 42, Text: "new"}), "", 0, false},
		{"plain", protocol.AppendPlain(nil, protocol.Response{Sender: "bob", Kind: protocol.KindMessage, Content: text}), "", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, n := f.fast(append(tt.frame, "more"...), tt.to)
			switch {
			case !tt.ok && n != 0:
				t.Errorf("it is taken for %+v", got)
			case tt.ok && (n != len(tt.frame) || got.mark != m || got.id != tt.id):
				t.Errorf("%+v, %d of %d bytes", got, n, len(tt.frame))
			}
			for cut := range tt.frame {
				if _, n := f.fast(tt.frame[:cut], tt.to); n != 0 {
					t.Fatalf("the first %d of %d bytes are taken for a frame", cut, len(tt.frame))
				}
			}
		})
	}
}

// What the fast reader takes for a message, the decoder does, too.
func FuzzFast(f *testing.F) {
	r := testShape()
	text := string(appendText(nil, r.tag, mark{1, 9, 12345}, MinSize+10))
	f.Add(told("bob", text, &protocol.Data{Event: protocol.EventMessage, ID: 42}), "")
	f.Add(told("bob", text, &protocol.Data{Event: protocol.EventDirect, To: "ann"}), "ann")
	f.Add([]byte(`{"timestamp":"`), "")
	f.Fuzz(func(t *testing.T, b []byte, to string) {
		event(b)
		(&client{}).answer(b)
		lastID(b)
		got, n := r.fast(b, to)
		if n == 0 {
			return
		}
		frame := b[:n]
		slow, err := protocol.DecodeResponse(frame)
		if err != nil {
			// Only the time is not looked at.
			if n > senderAt {
				return
			}
			t.Fatalf("%q is no response: %v", frame, err)
		}
		m, ok := readMark([]byte(slow.Content), r.tag)
		if !ok || m != got.mark || slow.Sender != r.names[m.sender] || slow.Data == nil || slow.Data.ID != got.id {
			t.Errorf("%q: fast %+v, decoded %+v", frame, got, slow)
		}
	})
}

func TestEvents(t *testing.T) {
	history := protocol.AppendExtended(nil, protocol.Response{Sender: protocol.ServerName, Kind: protocol.KindHistory, Data: &protocol.Data{Event: protocol.EventHistory},
		History: []protocol.Response{
			{Sender: "a", Kind: protocol.KindMessage, Content: `"id":7`, Data: &protocol.Data{Event: protocol.EventMessage, ID: 11}},
			{Sender: "a", Kind: protocol.KindMessage, Content: `{"data":{"event":"login"}} "id":99`, Data: &protocol.Data{Event: protocol.EventMessage, ID: 12}},
		}})
	if got := event(history); got != protocol.EventHistory {
		t.Errorf("a history is taken for %q", got)
	}
	if got := lastID(history); got != 12 {
		t.Errorf("its newest message is number %d, want 12", got)
	}
	answer := protocol.AppendExtended(nil, protocol.Response{Sender: protocol.ServerName, Kind: protocol.KindInfo, Content: `","ref":"no`, Ref: "yes",
		Data: &protocol.Data{Event: protocol.EventAccepted, ID: 1}})
	if event(answer) != protocol.EventAccepted {
		t.Errorf("an answer is taken for %q", event(answer))
	}
	if event([]byte("{}\n")) != "" || lastID([]byte("{}\n")) != 0 {
		t.Error("something is found in nothing")
	}
}

func BenchmarkFast(b *testing.B) {
	f := testShape()
	frame := told("bob", string(appendText(nil, f.tag, mark{1, 9, 12345}, MinSize+10)), &protocol.Data{Event: protocol.EventMessage, ID: 42})
	b.ReportAllocs()
	for b.Loop() {
		if _, n := f.fast(frame, ""); n == 0 {
			b.Fatal("not read")
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	f := testShape()
	frame := told("bob", string(appendText(nil, f.tag, mark{1, 9, 12345}, MinSize+10)), &protocol.Data{Event: protocol.EventMessage, ID: 42})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := protocol.DecodeResponse(frame); err != nil {
			b.Fatal(err)
		}
	}
}
