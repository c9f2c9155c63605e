package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"parley/eventloop/client"
	"parley/eventloop/client/roster"
	"parley/eventloop/client/timeline"
	"parley/p2p"
	"parley/protocol"
)

// What others decide of an entry, of the chat and of an answer is safe wherever it stands: no
// string that a page is sent has a control character or one that turns the direction of
// writing, but for the newlines of texts.
func TestAllStringsAreSafe(t *testing.T) {
	const bad = "a\x1b[2J\u202eb\u2066\x00\ufeff\u0085\r\u200bc<script>"
	dev := timeline.With(timeline.Room, bad)
	e := timeline.Entry{
		ID: 1, In: dev, Sender: bad, To: bad, Like: bad, Text: bad + "\nb", Why: bad, Path: bad, Re: timeline.Quote{Number: 1, Sender: bad, Text: bad},
		Marks: timeline.Marks{Removed: true, By: bad, Why: bad, Reactions: []timeline.Reaction{{Word: bad, Names: []string{bad}}}},
	}
	again := e
	again.In, again.From = timeline.Conversation{Place: timeline.Again}, dev
	m := client.Model{
		Name: bad, AwayWhy: bad, Server: bad, Why: bad, Refused: bad, Learns: bad, Writing: bad, To: dev, Question: client.Question{Prompt: bad},
		Conversations: []client.Conversation{{In: dev, Name: bad, Topic: bad, Role: bad, Closed: bad}},
		Peers:         []p2p.Peer{{Name: "bob", Fingerprint: bad, Known: p2p.Pin{Fingerprint: bad}, Path: p2p.Path{Address: bad}}},
	}
	for name, v := range map[string]any{
		"an entry": entryOf(e, "alice"), "what is told again": entryOf(again, "alice"), "the state": stateOf(m, client.Model{}, nil),
		"an answer": answerOf(client.Answer{Error: bad, Entries: []timeline.Entry{e}, Rooms: []protocol.Room{{Name: "dev", Topic: bad}, {Name: bad}}}, nobodyYet),
	} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var any any
		if err := json.Unmarshal(b, &any); err != nil {
			t.Fatal(err)
		}
		checkStrings(t, name, any)
	}
}

// A text is sent once where nothing of it is drawn apart.
func TestATextIsSentOnce(t *testing.T) {
	for text, want := range map[string]int{"a line": 1, "a line\nof two": 1, "a line: https://radio.example": 2, "a line, alice": 2, "": 0} {
		l := stateOf(client.Model{Name: "alice"}, client.Model{}, nil).LineOf(Entry{ID: 1, In: "lobby", Kind: "message", Sender: "bob", Text: text, Mention: true, Edited: true})
		b, err := json.Marshal(Frame{Type: TypeEntry, Entry: &l})
		if got := strings.Count(string(b), "a line"); err != nil || got != want {
			t.Errorf("%q is sent %d times: %s (%v)", text, got, b, err)
		}
	}
}

func checkStrings(t *testing.T, where string, v any) {
	switch v := v.(type) {
	case string:
		for _, r := range v {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("%s: %q", where, v)
				return
			}
		}
	case []any:
		for _, x := range v {
			checkStrings(t, where, x)
		}
	case map[string]any:
		for key, x := range v {
			checkStrings(t, where, key)
			checkStrings(t, where+"."+key, x)
		}
	}
}

func TestPeers(t *testing.T) {
	noon := time.UnixMilli(1764188400000)
	pin := p2p.Pin{Fingerprint: "SHA256:old", Verified: true, Since: noon}
	for _, x := range []struct {
		peer p2p.Peer
		want string
	}{
		{p2p.Peer{Name: "bob", State: p2p.Asked, Fingerprint: "SHA256:new", Until: noon},
			`"state":"asked","until":1764188400000,"since":0,"path":"","relay":false,"fingerprint":"SHA256:new","verified":false,"known":null,"changed":false`},
		{p2p.Peer{Name: "bob", State: p2p.Open, Fingerprint: "SHA256:old", Verified: true, Known: pin, Path: p2p.Path{Relay: true}, RoundTrip: 1500 * time.Microsecond},
			`"path":"relay","relay":true,"fingerprint":"SHA256:old","verified":true,"known":{"fingerprint":"SHA256:old","since":1764188400000,"verified":true},"changed":false,"round_trip":1.5`},
		// a changed key is never shown as the verified one
		{p2p.Peer{Name: "bob", State: p2p.Closed, Verified: true, Known: pin, Offered: "SHA256:new"},
			`"fingerprint":"SHA256:new","verified":false,"known":{"fingerprint":"SHA256:old","since":1764188400000,"verified":true},"changed":true`},
	} {
		b, _ := json.Marshal(peerOf(x.peer))
		if !strings.Contains(string(b), x.want) {
			t.Errorf("%s lacks %s", b, x.want)
		}
	}
}

// An id that was sent is read as the conversation that it was made of, and nothing else is.
func FuzzIDs(f *testing.F) {
	for _, s := range []string{"lobby", "status", "again", "room:dev", "direct:Bob", "private:bob", "room:", "room", "lobby:x", "", ":", "direct::"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, name, ok := conversationOf(s)
		if !ok {
			return
		}
		if c.Name != timeline.With(c.Place, name).Name || (c.Name == "") != (c.Place == timeline.Lobby || c.Place == timeline.Status) || c.Place == timeline.Again {
			t.Errorf("%q is %+v, %q", s, c, name)
		}
		if c.Alone() && protocol.CheckName(name) == nil || c.Place == timeline.Room && protocol.CheckRoom(name) == nil {
			if again, _, ok := conversationOf(idOf(c)); !ok || again != c {
				t.Errorf("%q is %+v, whose id is %q", s, c, idOf(c))
			}
		}
	})
}

// A page is told whom somebody can be taken for, with the person and with what they say.
func TestWhoIsNotWhom(t *testing.T) {
	said := entryOf(timeline.Entry{Sender: "aIice", Like: "alice", Text: "hi"}, "bob")
	people := stateOf(client.Model{People: map[string]roster.Person{"aiice": {Name: "aIice", Like: "alice"}}}, client.Model{}, nil).People
	if said.Like != "alice" || people["aiice"].Like != "alice" {
		t.Errorf("the text is not of %q, the person is not %q", said.Like, people["aiice"].Like)
	}
}
