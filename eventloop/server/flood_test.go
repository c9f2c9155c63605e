package server_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
)

// floodChat is a chat with the limits that hold where an owner says nothing else.
func floodChat(t *testing.T) chat {
	cfg := config()
	cfg.Flood = server.DefaultFlood()
	return newChat(t, cfg)
}

// paste has a client say n numbered lines in one go.
func (c chat) paste(conn *sim.Conn, from, n int) {
	var b []byte
	for i := from; i < from+n; i++ {
		b = append(b, request("msg", fmt.Sprint(i))...)
	}
	conn.Send(b)
	c.net.Run()
}

func request(verb, content string) []byte {
	return protocol.AppendRequest(nil, protocol.Request{Verb: verb, Content: protocol.Content{Text: content}, Ref: verb})
}

// heard returns the texts that a client has been told since the last time, and how many
// errors of each code.
func (c chat) heard(conn *sim.Conn) (texts []string, errors map[protocol.Code]int) {
	errors = make(map[protocol.Code]int)
	for _, r := range c.responses(conn) {
		switch {
		case r.Kind == protocol.KindMessage:
			texts = append(texts, r.Content)
		case r.Kind == protocol.KindError && r.Data == nil:
			errors[""]++
		case r.Kind == protocol.KindError:
			errors[r.Data.Code]++
		}
	}
	return texts, errors
}

func numbers(from, to int) (all []string) {
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprint(i))
	}
	return all
}

// What is said too fast is said later, in order and once: ten messages at once and two
// each second.
func TestFloodIsDelayed(t *testing.T) {
	for _, extended := range []bool{true, false} {
		c := floodChat(t)
		talker, other := c.login("talker", extended), c.login("other", true)
		c.paste(talker, 0, 40)
		var all []string
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{0, 10}, {400 * time.Millisecond, 10}, {200 * time.Millisecond, 11}, {500 * time.Millisecond, 12}, {4 * time.Second, 20}, {time.Minute, 40}} {
			c.net.Advance(step.after)
			texts, _ := c.heard(other)
			if all = append(all, texts...); !slices.Equal(all, numbers(0, step.want)) {
				t.Errorf("extended %t: %s later the other has heard %v, not %d", extended, step.after, all, step.want)
			}
		}
		if texts, errors := c.heard(talker); !slices.Equal(texts, numbers(0, 40)) || len(errors) > 0 {
			t.Errorf("extended %t: the talker has heard %v and %v", extended, texts, errors)
		}
	}
}

// What would wait for too long is refused and says for how long; who goes on regardless is
// sent away, which is counted and logged with the reason.
func TestFloodIsRefusedAndThenEnded(t *testing.T) {
	var log bytes.Buffer
	cfg := config()
	cfg.Flood, cfg.Log = server.DefaultFlood(), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c := newChat(t, cfg)
	flooder, other := c.login("flooder", true), c.login("other", true)
	c.paste(flooder, 0, 100)
	got := c.responses(flooder)
	refused := slices.DeleteFunc(got, func(r protocol.Response) bool { return r.Kind != protocol.KindError })
	if len(refused) != 50 || refused[0].Data.Code != protocol.RateLimited || refused[0].Data.Seconds != 21 || refused[0].Content != "Too many requests: wait 21 s and send that again." {
		t.Fatalf("%d are refused: %+v", len(refused), refused[:min(len(refused), 2)])
	}
	c.net.Advance(21 * time.Second)
	if texts, _ := c.heard(other); !slices.Equal(texts, numbers(0, 50)) {
		t.Errorf("the other has heard %v", texts)
	}
	c.paste(flooder, 100, 1000)
	got = c.responses(flooder)
	if last := got[len(got)-1]; last.Kind != protocol.KindError || !strings.HasPrefix(last.Content, "Good bye: those were too many requests") || !ended(flooder) {
		t.Errorf("who goes on is told %+v, ended: %v", last, ended(flooder))
	}
	c.net.Advance(time.Minute)
	texts, _ := c.heard(other)
	if len(texts) > 10 {
		t.Errorf("%d more were said", len(texts))
	}
	if n := c.server().CountsHere(); n.Dropped[server.DropFlood] != 1 || n.Delayed < 40 || n.Flooded < 50 {
		t.Errorf("counted: %v, %d delayed, %d refused", n.Dropped, n.Delayed, n.Flooded)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "user=flooder") || !strings.Contains(got, "more requests than a user may send") {
		t.Errorf("the log says %q", got)
	}
}

// The sessions of an account share what it may say, and have turns.
func TestFloodOfSeveralSessions(t *testing.T) {
	c := floodChat(t)
	conns := []*sim.Conn{c.raw(nil, registerAlice)}
	c.net.Advance(time.Minute)
	for range 4 {
		conns = append(conns, c.raw(nil, `{"request":"login","content":"alice","password":"blue horse","extended":1}`))
	}
	c.net.Advance(time.Minute)
	other := c.login("other", true)
	for i, conn := range conns {
		c.paste(conn, 100*i, 10)
	}
	texts, _ := c.heard(other)
	if !slices.Equal(texts, numbers(0, 10)) {
		t.Errorf("at once are said %v", texts)
	}
	c.net.Advance(2*time.Second + time.Millisecond)
	if texts, _ = c.heard(other); !slices.Equal(texts, []string{"100", "200", "300", "400"}) {
		t.Errorf("2 s later are said %v", texts)
	}
	conns[1].Reset() // what it has sent is said
	c.net.Run()
	if texts, _ = c.heard(other); !slices.Equal(texts, numbers(101, 110)) {
		t.Errorf("of the one that is gone are said %v", texts)
	}
	c.net.Advance(4 * time.Second) // that is paid for first
	if texts, _ = c.heard(other); len(texts) != 0 {
		t.Errorf("before that is paid for are said %v", texts)
	}
	c.net.Advance(time.Minute)
	if texts, _ = c.heard(other); len(texts) != 27 {
		t.Errorf("in the end are said %v", texts)
	}
}

// Who leaves has said what they have sent, and is gone at once. Coming back gives nothing
// that has been used up.
func TestFloodOfWhoLeaves(t *testing.T) {
	for name, leave := range map[string]func(*sim.Conn){
		"logout": func(conn *sim.Conn) { conn.Send(request("logout", "")) },
		"end":    (*sim.Conn).HangUp,
		"reset":  (*sim.Conn).Reset,
	} {
		for _, extended := range []bool{true, false} {
			c := floodChat(t)
			talker, other := c.login("talker", extended), c.login("other", true)
			c.paste(talker, 0, 30)
			c.heard(other)
			leave(talker)
			c.net.Run()
			if texts, _ := c.heard(other); !slices.Equal(texts, numbers(10, 30)) {
				t.Errorf("%s, extended %t: the other hears %v", name, extended, texts)
			}
			talker = c.login("Talker", extended) // the name is free
			c.heard(other)
			c.paste(talker, 30, 1)
			c.net.Advance(9 * time.Second)
			if texts, _ := c.heard(other); len(texts) > 0 {
				t.Errorf("%s, extended %t: who comes back is heard at once: %v", name, extended, texts)
			}
			c.net.Advance(2 * time.Second)
			if texts, _ := c.heard(other); !slices.Equal(texts, numbers(30, 31)) {
				t.Errorf("%s, extended %t: who comes back is heard to say %v", name, extended, texts)
			}
		}
	}
}

// A guest who comes back under another name from the same address has what the one before
// had left; from another address, and with an account, nobody pays for others.
func TestFloodUnderNewNames(t *testing.T) {
	for name, tt := range map[string]struct {
		addr  string
		gone  protocol.Request // the login of those who were there before
		login protocol.Request
		waits bool
	}{
		"a guest from the same address": {addr: "192.0.2.1", waits: true},
		"a guest where accounts were":   {addr: "192.0.2.1", gone: protocol.Request{Password: "red horses", Register: true}},
		"a guest from another address":  {addr: "192.0.2.2"},
		"an account":                    {addr: "192.0.2.1", login: protocol.Request{Password: "blue horses", Register: true}},
		"a guest of this machine":       {addr: "127.0.0.1"},
	} {
		c := floodChat(t)
		other, addr := c.login("other", true), netip.MustParseAddr(tt.addr)
		first := addr
		if !addr.IsLoopback() {
			first = netip.MustParseAddr("192.0.2.1")
		}
		enter := func(addr netip.Addr, name string, login protocol.Request) *sim.Conn {
			conn := c.net.DialFrom(addr)
			login.Verb, login.Content, login.Extended = "login", protocol.Content{Text: name}, true
			c.send(conn, login)
			c.net.Advance(time.Second) // for hashing
			return conn
		}
		for i := range 3 { // one after the other: the last one has what the first one had left
			gone := enter(first, fmt.Sprint("gone", i), tt.gone)
			c.paste(gone, 0, 10)
			gone.Reset()
			c.net.Run()
		}
		next := enter(addr, "next", tt.login)
		beside := enter(addr, "beside", protocol.Request{})
		c.heard(other)
		c.paste(next, 0, 5)
		if texts, _ := c.heard(other); len(texts) < 5 != tt.waits {
			t.Errorf("%s is heard to say %v at once", name, texts)
		}
		c.paste(beside, 10, 10)
		if texts, _ := c.heard(other); tt.waits && len(texts) < 10 {
			t.Errorf("a guest beside %s is heard to say %v at once", name, texts)
		}
		c.net.Advance(time.Minute)
		c.paste(next, 5, 1)
		if texts, _ := c.heard(other); !slices.Contains(texts, "5") {
			t.Errorf("%s is not heard a minute later: %v", name, texts)
		}
	}
}

// What waits when the server ends is said: who comes back hears it.
func TestFloodAtTheEnd(t *testing.T) {
	c := floodChat(t)
	talker := c.login("talker", true)
	c.paste(talker, 0, 30)
	c.net.Stop()
	c.net.Run()
	c.Crash()
	c.net = c.World.Net
	if _, history := c.enter("other"); !slices.Equal(history, numbers(0, 30)) {
		t.Errorf("kept are %v", history)
	}
}

// enter logs in and returns the texts of the history.
func (c chat) enter(name string) (conn *sim.Conn, texts []string) {
	conn = c.net.Dial()
	c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true})
	for _, r := range c.responses(conn) {
		for _, m := range r.History {
			texts = append(texts, m.Content)
		}
	}
	return conn, texts
}

// What people look up after a login, and what programs send by themselves, never waits
// visibly, also if it is asked for every second.
func TestCheapRequestsAreNotDelayed(t *testing.T) {
	c := floodChat(t)
	alice := c.login("alice", true)
	lookups := []string{"names", "rooms", "unread", "history", "search hello", "help", "whoelse", "whois alice", "sessions", "blocked", "ping"}
	ask := func() {
		c.responses(alice)
		for _, line := range lookups {
			verb, content, _ := strings.Cut(line, " ")
			alice.Send(request(verb, content))
		}
		c.net.Run()
		refs := make(map[string]bool)
		for _, r := range c.responses(alice) {
			refs[r.Ref] = true
		}
		for _, line := range lookups {
			if verb, _, _ := strings.Cut(line, " "); !refs[verb] {
				t.Errorf("%s is not answered at once", verb)
			}
		}
	}
	for range 5 {
		ask()
	}
	for range 60 {
		c.net.Advance(time.Second)
		ask()
	}
	if n := c.server().CountsHere(); n.Delayed+n.Flooded > 0 {
		t.Errorf("%d delayed, %d refused", n.Delayed, n.Flooded)
	}
}

// While what a person has said waits, programs are answered; and what they send takes
// nothing from the person.
func TestProgramsNeitherWaitNorAreWaitedFor(t *testing.T) {
	c := floodChat(t)
	alice, other := c.raw(nil, registerAlice), c.login("other", true)
	c.net.Advance(time.Minute)
	c.paste(alice, 0, 30)
	c.responses(alice)
	c.heard(other)
	alice.Send(slices.Concat(request("ping", ""), request("seen", "1"), request("read", "lobby 5")))
	c.net.Run()
	if got := c.codes(alice); got != "pong read" {
		t.Errorf("while lines wait alice is told %q", got)
	}
	alice.Send(bytes.Repeat(request("ping", ""), 530))
	c.net.Run()
	if got := c.codes(alice); strings.Count(got, "pong") != 498 || strings.Count(got, "rate_limited") != 32 {
		t.Errorf("too many pings are told %q", got)
	}
	c.net.Advance(5*time.Second + time.Millisecond)
	if texts, _ := c.heard(other); !slices.Equal(texts, numbers(10, 20)) {
		t.Errorf("beside the pings are said %v", texts)
	}
}

// twoOfAlice is a chat with two sessions of one account, and somebody who hears them.
func twoOfAlice(t *testing.T) (c chat, first, second, other *sim.Conn) {
	c = floodChat(t)
	first = c.raw(nil, registerAlice)
	c.net.Advance(time.Minute)
	second = c.raw(nil, `{"request":"login","content":"alice","password":"blue horse","extended":1}`)
	other = c.login("other", true)
	c.net.Advance(time.Minute)
	return c, first, second, other
}

// What one session asks for all the time does not keep what waits of another one back.
func TestFloodStarvesNoOtherSession(t *testing.T) {
	c, first, second, other := twoOfAlice(t)
	c.paste(first, 0, 12)
	c.heard(other)
	for range 40 {
		second.Send(bytes.Repeat(request("names", ""), 10))
		c.net.Advance(100 * time.Millisecond)
	}
	if texts, _ := c.heard(other); !slices.Equal(texts, numbers(10, 12)) {
		t.Errorf("beside cheap requests of another session are said %v", texts)
	}
}

// Nor do cheap requests that never have to wait themselves: each takes no more than what has
// come back since the one before it, and there would never be enough for a message.
func TestFloodOfWhatCostsLittleTakesNothingFromWhoWaits(t *testing.T) {
	c, first, second, other := twoOfAlice(t)
	c.paste(first, 0, 11)
	c.heard(other)
	for range 50 { // two units each, of which a hundred come back in a second
		c.net.Advance(20 * time.Millisecond)
		second.Send(request("names", ""))
	}
	if texts, _ := c.heard(other); !slices.Equal(texts, numbers(10, 11)) {
		t.Errorf("within a second of cheap requests are said %v", texts)
	}
}

// When the limits are taken away, what waits is said soon, and before what is said then.
func TestFloodThatIsSwitchedOff(t *testing.T) {
	c := floodChat(t)
	alice, other := c.login("alice", true), c.login("other", true)
	c.paste(alice, 0, 30)
	cfg := c.Config
	cfg.Flood = server.FloodLimits{}
	c.server().Reconfigure(cfg)
	c.net.Run()
	c.paste(alice, 30, 10)
	c.net.Advance(time.Second)
	if texts, errors := c.heard(other); !slices.Equal(texts, numbers(0, 40)) || len(errors) > 0 {
		t.Errorf("within a second are said %v, %v", texts, errors)
	}
}
