package server_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
)

// patient is how many responses may wait for a plain session: two seconds of them.
const patient = int(2 * time.Second / pace)

// A plain session sees one response per read, a pause apart, also when much is
// said at one moment.
func TestPlainSessionGetsOneResponseAtATime(t *testing.T) {
	c := newChat(t, config())
	plain, extended := c.login("plain", false), c.login("extended", true)
	for i := range 20 {
		c.say(extended, fmt.Sprint("text ", i))
	}
	if got := len(c.responses(extended)); got != 20 {
		t.Errorf("the extended session has %d responses at once, want 20", got)
	}
	for i := range 20 {
		pieces := c.read(plain)
		if len(pieces) != 1 || strings.Count(pieces[0], "\n") != 1 || !strings.Contains(pieces[0], fmt.Sprintf(`"text %d"`, i)) {
			t.Fatalf("after %d pauses the plain session reads %q", i, pieces)
		}
		c.net.Advance(pace - time.Millisecond)
		if early := c.read(plain); early != nil {
			t.Fatalf("before the end of pause %d: %q", i, early)
		}
		c.net.Advance(time.Millisecond)
	}
}

// When more waits than two seconds of pauses the pause is given up; nothing is
// lost and the order stays.
func TestPauseIsGivenUpInABusyRoom(t *testing.T) {
	c := newChat(t, config())
	plain, extended := c.login("plain", false), c.login("extended", true)
	const said = 100
	for i := range said {
		c.say(extended, fmt.Sprint(i))
	}
	got := c.responses(plain)
	if waiting := said - len(got); waiting != patient {
		t.Errorf("%d responses wait, want %d", waiting, patient)
	}
	c.net.Advance(2 * time.Second)
	got = append(got, c.responses(plain)...)
	for i := range said {
		if i >= len(got) || got[i].Content != fmt.Sprint(i) {
			t.Fatalf("response %d of %d is wrong", i, len(got))
		}
	}
}

// news returns what a plain session was told, a line for each write.
func (c chat) news(conn *sim.Conn) string {
	var lines []string
	for _, p := range c.read(conn) {
		r, err := protocol.DecodeResponse([]byte(p))
		if err != nil {
			c.Fatalf("%v: %q", err, p)
		}
		lines = append(lines, r.Content)
	}
	return strings.Join(lines, "\n")
}

// plainPresence is a configuration in which plain sessions hear who comes and goes.
func plainPresence() server.Config {
	cfg := config()
	cfg.PlainPresence, cfg.PresenceLimit = true, 100
	return cfg
}

// Who comes and goes at one moment is told in one response.
func TestPresenceOfOneMomentIsOneResponse(t *testing.T) {
	c := newChat(t, plainPresence())
	plain := c.login("plain", false)
	var ann *sim.Conn
	for _, name := range []string{"ann", "bob", "carl", "dora"} {
		conn := c.net.Dial()
		c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true})
		if ann == nil {
			ann = conn
		}
	}
	c.send(ann, protocol.Request{Verb: "msg", Content: protocol.Content{Text: "hi"}})
	c.send(ann, protocol.Request{Verb: "logout"})
	c.net.Advance(time.Second)
	if got, want := c.news(plain), "ann logged in\nbob, carl and dora logged in\nhi\nann logged out"; got != want {
		t.Errorf("the plain session is told\n%s\nwant\n%s", got, want)
	}
}

// Who comes and goes is not told while so much is said that pauses would be lost.
func TestPresenceGivesWayToTexts(t *testing.T) {
	c := newChat(t, plainPresence())
	plain, extended := c.login("plain", false), c.login("extended", true)
	c.net.Advance(time.Second)
	c.read(plain)
	c.say(extended, "first")
	for i := range patient {
		if i%10 == 0 {
			c.send(c.net.Dial(), protocol.Request{Verb: "login", Content: protocol.Content{Text: fmt.Sprint("guest", i)}, Extended: true})
		}
		c.say(extended, fmt.Sprint(i))
	}
	if got := c.news(plain); got != "first" {
		t.Errorf("at once: %q", got)
	}
	c.say(extended, "last")
	c.send(c.net.Dial(), protocol.Request{Verb: "login", Content: protocol.Content{Text: "late"}, Extended: true})
	c.net.Advance(3 * time.Second)
	if got := c.news(plain); strings.Contains(got, "guest") || strings.Count(got, "\n") != patient+1 || !strings.HasSuffix(got, "last\nlate logged in") {
		t.Errorf("%q", got)
	}
}

// A history of any form has its pauses, is over after two seconds, holds the
// newest messages, and says how many. What is said meanwhile comes behind it.
func TestPlainHistoryForms(t *testing.T) {
	for form, shape := range map[protocol.HistoryForm]string{protocol.HistoryStrings: "[]interface {} string", protocol.HistoryObjects: "[]interface {} map[string]interface {}",
		protocol.HistoryText: "string <nil>", protocol.HistoryReplay: "string <nil>", protocol.HistoryBoth: "[]interface {} <nil>"} {
		t.Run(string(form), func(t *testing.T) {
			cfg := config()
			cfg.PlainHistory = form
			c := newChat(t, cfg)
			alice := c.login("alice", true)
			for i := range 90 {
				c.say(alice, fmt.Sprintf("message %d of many, so that not all fit {}", i)+strings.Repeat(" and more", 60))
			}
			conn := c.net.Dial()
			c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}})
			for range patient * 3 { // so much is said meanwhile that it loses its pauses, but not the history
				c.say(alice, "meanwhile")
			}
			var history []string
			for over := false; !over; c.net.Advance(pace) {
				pieces := c.read(conn)
				over = strings.Contains(strings.Join(pieces, ""), "meanwhile")
				if over && strings.Contains(pieces[0], "of many") || !over && (len(pieces) != 1 || len(pieces[0]) > protocol.MaxPlainFrame || strings.Count(pieces[0], "\n") != 1) {
					t.Fatalf("after %d pieces: %.200q", len(history), pieces)
				}
				history = append(history, pieces...)
			}
			if len(history) < patient-2 || len(history) > patient+2 {
				t.Errorf("%d pieces before what is said meanwhile", len(history))
			}
			all := strings.Join(history, "")
			if !strings.Contains(all, "message 89 of many") || strings.Contains(all, "message 0 of many") || !strings.Contains(history[0], "earlier messages follow; those before") {
				t.Errorf("not the newest that fit: %.300s", all)
			}
			var first struct{ Content any }
			if err := json.Unmarshal([]byte(history[1]), &first); err != nil {
				t.Fatal(err)
			}
			var entry any
			if list, _ := first.Content.([]any); len(list) > 0 {
				entry = list[0]
			}
			if got := fmt.Sprintf("%T %T", first.Content, entry); got != shape {
				t.Errorf("the content is %s, want %s", got, shape)
			}
		})
	}
}

// Who logs out is not kept by what is still to be told.
func TestLogoutDoesNotWaitForTheHistory(t *testing.T) {
	c := newChat(t, config())
	alice := c.login("alice", true)
	for i := range 30 {
		c.say(alice, fmt.Sprint(i))
	}
	conn := c.net.Dial()
	c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}})
	c.send(conn, protocol.Request{Verb: "msg", Content: protocol.Content{Text: "hi"}})
	c.send(conn, protocol.Request{Verb: "logout"})
	c.net.Advance(3 * pace)
	got := c.responses(conn)
	if n := len(got); n != 3 || got[1].Content != "hi" || !strings.HasPrefix(got[2].Content, "Logout successful") {
		t.Errorf("%+v", got)
	}
	if _, err := conn.Read(); err == nil {
		t.Error("the connection is open")
	}
}

// What was removed is not told any more to who still waits for it: of the past, of a room and
// of what was said to one alone.
func TestRemovedWhileItWaits(t *testing.T) {
	c := newChat(t, config())
	alice, carol := c.login("alice", true), c.login("carol", true)
	for _, text := range []string{"one", "two", "three", "four"} {
		c.say(alice, text)
	}
	bob := c.net.Dial()
	c.send(bob, protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}})
	c.net.Advance(0)
	c.say(alice, "five") // waits behind the past
	c.send(carol, protocol.Request{Verb: "dm", Content: protocol.Content{Text: "bob six"}})
	c.send(carol, protocol.Request{Verb: "dm", Content: protocol.Content{Text: "bob seven"}})
	for _, id := range []string{"2", "4", "5"} {
		c.send(alice, protocol.Request{Verb: "remove", Content: protocol.Content{Text: id}})
	}
	c.send(carol, protocol.Request{Verb: "remove", Content: protocol.Content{Text: "7"}})
	c.net.Advance(3 * time.Second)
	var told []string
	for _, r := range c.responses(bob) {
		told = append(told, r.Content)
	}
	all := strings.Join(told[1:], "; ") // but the answer to the login
	for _, text := range []string{"one", "three", "six"} {
		if !strings.Contains(all, text) {
			t.Errorf("%q is missing: %s", text, all)
		}
	}
	for _, text := range []string{"two", "four", "five", "seven"} {
		if strings.Contains(all, text) {
			t.Errorf("%q is told: %s", text, all)
		}
	}
}

// How much of the past follows a login is said in words that fit.
func TestLoginSaysWhatFollows(t *testing.T) {
	c := newChat(t, config())
	alice := c.login("alice", true)
	for said := range 101 {
		want := fmt.Sprintf(" %d earlier messages follow.", said)
		switch {
		case said == 0:
			want = "Users connected: 2."
		case said == 1:
			want = " One earlier message follows."
		case said > patient-1:
			want = fmt.Sprintf(" The newest %d earlier messages follow; those before them are left out.", patient-1)
		}
		conn := c.net.Dial()
		c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}})
		c.net.Advance(3 * time.Second)
		got := c.responses(conn)
		if !strings.HasSuffix(got[0].Content, want) || len(got) != 1+max(min(said, patient-1), 1) {
			t.Fatalf("after %d messages: %q and %d responses", said, got[0].Content, len(got)-1)
		}
		conn.HangUp()
		c.say(alice, fmt.Sprint(said))
		c.net.Advance(time.Second)
	}
}

// A session whose requests end in a newline gets newlines, one whose requests end
// in nothing gets none.
func TestNewlinesAreMirrored(t *testing.T) {
	const login, names = `{"request":"login","content":"alice"}`, `{"request":"names"}`
	for what, tt := range map[string]struct {
		sent []string
		want bool // a newline behind each response
	}{
		"none":                         {[]string{login, names}, false},
		"newline":                      {[]string{login + "\n", names + "\n"}, true},
		"CR LF":                        {[]string{login + "\r\n", names + "\r\n"}, true},
		"blank and newline":            {[]string{login + " \n", names + " \n"}, true},
		"blank":                        {[]string{login + " ", names + "\t"}, false},
		"newline in another segment":   {[]string{login, "\n", names, "\n"}, true},
		"newlines in the object":       {[]string{"{\n\"request\":\n\"login\",\"content\":\"alice\"\n}", names}, false},
		"glued":                        {[]string{login + names}, false},
		"lines in one segment":         {[]string{login + "\n" + names + "\n"}, true},
		"split before the newline":     {[]string{login[:9], login[9:] + "\n", names + "\n"}, true},
		"not JSON, as a person types":  {[]string{"hello\n", "hello\n"}, true},
		"not JSON and no newline":      {[]string{"hello"}, false},
		"JSON that a newline ends":     {[]string{"{\"request\":\"names\n"}, true},
		"JSON that is wrong, one line": {[]string{"{oops}\n", "{oops}\n"}, true},
	} {
		t.Run(what, func(t *testing.T) {
			c := newChat(t, config())
			conn := c.net.Dial()
			var got string
			for _, s := range tt.sent {
				conn.Send([]byte(s))
				c.net.Advance(time.Millisecond)
			}
			c.net.Advance(time.Second)
			pieces := c.read(conn)
			for i, p := range pieces {
				if last := p[len(p)-1]; last != '\n' && last != '}' || i > 0 && (last == '\n') != tt.want {
					t.Errorf("response %d ends in %q", i, last)
				}
				got += p
			}
			if len(pieces) == 0 || strings.HasSuffix(got, "\n") != tt.want {
				t.Errorf("%q", got)
			}
		})
	}
}

// Every session has its own pauses, whoever else leaves or has more to be told.
func TestPausesOfManySessions(t *testing.T) {
	c := newChat(t, config())
	random := rand.New(rand.NewPCG(1, 2))
	type reader struct {
		*sim.Conn
		asked, told []int // when, in ms
	}
	readers := make([]*reader, 30)
	for i := range readers {
		readers[i] = &reader{Conn: c.login(fmt.Sprint("user", i), false)}
	}
	for ms := range 1000 {
		for _, r := range readers {
			if ms < 500 && random.IntN(60) == 0 {
				c.send(r.Conn, protocol.Request{Verb: "ping"})
				r.asked = append(r.asked, ms)
			}
			for range c.read(r.Conn) {
				r.told = append(r.told, ms)
			}
		}
		if ms < 500 && ms%25 == 0 {
			readers[0].HangUp()
			readers = readers[1:]
		}
		c.net.Advance(time.Millisecond)
	}
	for _, r := range readers {
		next, want := 0, []int(nil)
		for _, ms := range r.asked {
			next = max(next, ms)
			want = append(want, next)
			next += int(pace / time.Millisecond)
		}
		if !slices.Equal(r.told, want) {
			t.Errorf("who asks at %v is told at %v, want %v", r.asked, r.told, want)
		}
	}
}
