package server_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"pgregory.net/rapid"
)

// waits returns how many bytes the server counts as waiting for all clients.
func (c chat) waits() (bytes int) {
	for _, l := range c.server().CountsHere().Loops {
		bytes += int(l.Backlog)
	}
	return bytes
}

// What waits for the pauses of plain sessions counts, and is what they are told then.
func TestWhatIsPacedCounts(t *testing.T) {
	c := newChat(t, config())
	alice, pat := c.login("alice", true), c.login("pat", false)
	for i := range 10 {
		c.say(alice, fmt.Sprint(i, strings.Repeat(" and more", i)))
	}
	c.raw(pat, `{"request":"help"}`+"\n")
	c.raw(pat, `{"request":"history","content":"5"}`+"\n")
	told := len(strings.Join(c.read(pat), ""))
	waiting := pat.Waiting()
	c.net.Advance(pace)
	first := len(strings.Join(c.read(pat), ""))
	if told == 0 || first == 0 || waiting-first != pat.Waiting() || pat.Waiting() != c.waits() {
		t.Errorf("%d bytes waited, %d were told, and %d wait, or %d", waiting, first, pat.Waiting(), c.waits())
	}
	c.net.Advance(5 * time.Second)
	if rest := len(strings.Join(c.read(pat), "")); waiting != first+rest || pat.Waiting() != 0 || c.waits() != 0 {
		t.Errorf("%d bytes waited, %d were told, and %d wait, or %d", waiting, first+rest, pat.Waiting(), c.waits())
	}
}

// More may not wait for a plain session than for any other, whatever its pauses are: who floods
// itself or is flooded by its room, and does not read, is dropped. Who reads is not.
func TestPacedFloodsMeetTheLimit(t *testing.T) {
	long := strings.Repeat("x", 900)
	floods := map[string]func(c chat, alice, pat *sim.Conn){
		"the room speaks": func(c chat, alice, _ *sim.Conn) { c.say(alice, long) },
		"it is spoken to": func(c chat, alice, _ *sim.Conn) { c.ask(alice, "dm", "pat", long) },
		"it asks for the past": func(c chat, _, pat *sim.Conn) {
			c.send(pat, protocol.Request{Verb: "history", Content: protocol.Content{Text: "9"}})
		},
		"it asks for help": func(c chat, _, pat *sim.Conn) { c.send(pat, protocol.Request{Verb: "help"}) },
	}
	for name, flood := range floods {
		for _, pause := range []time.Duration{pace, time.Millisecond / 4} { // in 2 s fewer responses than may wait, and more
			for _, reads := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, pauses of %s, it reads: %v", name, pause, reads), func(t *testing.T) {
					cfg := config()
					cfg.Flood, cfg.Pace = server.FloodLimits{}, pause
					c := newChat(t, cfg)
					alice, pat := c.login("alice", true), c.login("pat", false)
					for range 10 {
						c.say(alice, long)
					}
					c.net.Advance(2 * time.Second)
					if !reads {
						pat.Stall()
					}
					most, told := 0, 0
					for range 5000 {
						flood(c, alice, pat)
						told += len(strings.Join(c.read(pat), ""))
						c.read(alice)
						most = max(most, pat.Waiting())
						if pat.Closed() || told > 2*protocol.MaxOutbound {
							break
						}
					}
					if pat.Closed() == reads || most > protocol.MaxOutbound {
						t.Errorf("closed: %v, after it was told %d bytes, and up to %d waited", pat.Closed(), told, most)
					}
					pat.HangUp()
					alice.Reset()
					if c.net.Advance(time.Second); c.waits() != 0 {
						t.Errorf("%d bytes wait for nobody", c.waits())
					}
				})
			}
		}
	}
}

// An accountStage is a chat of alice, in extended sessions, and others in plain ones, who do
// whatever is drawn.
type accountStage struct {
	chat
	*rapid.T
	conns  map[string]*sim.Conn
	said   int  // messages
	unread bool // somebody did not read
}

// do has somebody do one thing, or come if they are not here.
func (s *accountStage) do() {
	name := rapid.SampledFrom([]string{"alice", "pat", "paul", "pam"}).Draw(s.T, "who")
	conn := s.conns[name]
	if conn == nil || conn.Closed() {
		s.conns[name] = s.net.Dial()
		s.send(s.conns[name], protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: name == "alice"})
		return
	}
	verbs := []string{"msg", "msg", "msg", "dm", "history", "help", "remove", "edit", "logout", "reset", "hang up", "stall", "read", "wait"}
	switch what := rapid.SampledFrom(verbs).Draw(s.T, "what"); what {
	case "msg":
		s.said++
		s.say(conn, strings.Repeat("x", rapid.IntRange(1, 3000).Draw(s.T, "size")))
	case "dm":
		s.ask(conn, what, "pat", "psst")
	case "remove":
		s.ask(conn, what, s.message())
	case "edit":
		s.ask(conn, what, s.message(), "other words")
	case "history":
		s.ask(conn, what, "20")
	case "help", "logout":
		s.ask(conn, what)
	case "reset":
		conn.Reset()
	case "hang up":
		conn.HangUp()
	case "stall":
		s.unread = true
		conn.Stall()
	case "read":
		conn.ReadOn()
	case "wait":
		s.net.Advance(time.Duration(rapid.IntRange(1, 3000).Draw(s.T, "ms")) * time.Millisecond)
	}
	s.net.Run()
}

// message draws a message's number.
func (s *accountStage) message() string {
	return fmt.Sprint(rapid.IntRange(1, s.said+1).Draw(s.T, "message"))
}

// Whatever is said, asked and removed, whoever comes, goes, and reads or does not: what waits for
// all is the sum of what waits for each, and in the end it is nothing.
func TestAccountsOfPacedSessions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := plainPresence()
		cfg.Flood, cfg.Loops = server.FloodLimits{}, rapid.IntRange(1, 2).Draw(rt, "loops")
		s := accountStage{chat: newChat(t, cfg), T: rt, conns: map[string]*sim.Conn{}}
		for range rapid.IntRange(1, 80).Draw(rt, "steps") {
			s.do()
			each := 0
			for name, conn := range s.conns {
				if name != "alice" && !conn.Closed() { // what waits for her until the end of a turn is not counted
					each += conn.Waiting()
				}
			}
			if all := s.waits(); all < each || !s.unread && all != each {
				rt.Fatalf("%d bytes wait for all, and %d for each", all, each)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(s.conns)) {
			s.conns[name].ReadOn()
			if rapid.Bool().Draw(rt, "ends") {
				s.conns[name].Reset()
			}
		}
		if s.net.Advance(time.Minute); s.waits() != 0 {
			rt.Fatalf("when all is told, %d bytes wait", s.waits())
		}
	})
}

// Who reads is not dropped for the past, however long it is and whatever its pauses are.
func TestPlainPastsMeetTheLimit(t *testing.T) {
	asks := map[string][]byte{
		"a login":            nil,
		"joining":            request("join", "den"),
		"asking":             request("history", "400"),
		"joining and asking": slices.Concat(request("join", "den"), request("history", "400")),
	}
	for _, pause := range []time.Duration{0, 2 * time.Millisecond, 4 * time.Millisecond} {
		for _, text := range []string{strings.Repeat("x", 4000), strings.Repeat("}", 4000)} { // 4 kB in a response, and 24
			for name, asked := range asks {
				t.Run(fmt.Sprintf("pauses of %s, %s, %.1s", pause, name, text), func(t *testing.T) {
					cfg := config()
					cfg.Flood, cfg.Pace, cfg.History = server.FloodLimits{}, pause, 400
					c := newChat(t, cfg)
					c.sayMuch(text, 400)
					pat := c.net.Dial()
					pat.Send(slices.Concat(request("login", "pat"), asked))
					c.net.Run()
					most, told := pat.Waiting(), 0
					for range 5 {
						told += len(strings.Join(c.read(pat), ""))
						most = max(most, pat.Waiting())
						c.net.Advance(time.Second)
					}
					if pat.Closed() || told < protocol.MaxPlainHistory/2 || most > protocol.MaxOutbound {
						t.Errorf("closed: %v, after it was told %d bytes, and up to %d waited", pat.Closed(), told, most)
					}
				})
			}
		}
	}
}

// Who joins several rooms in one go is told of each what was said there, as their allowance lets them,
// and not all in one turn.
func TestPlainPastsCost(t *testing.T) {
	cfg := config()
	cfg.Flood, cfg.Pace = server.DefaultFlood(), 2*time.Millisecond
	c := newChat(t, cfg)
	alice, pat := c.login("alice", true), c.login("pat", false)
	var joins []byte
	for i := range 5 {
		room := fmt.Sprint("room", i)
		joins = append(joins, request("join", room)...)
		c.ask(alice, "create", room)
		for range 64 {
			c.say(alice, strings.Repeat("x", 4000))
			c.net.Advance(time.Second)
		}
		c.read(alice)
	}
	c.read(pat)
	pat.Send(joins)
	c.net.Run()
	told := 0
	for range 30 {
		told += len(strings.Join(c.read(pat), ""))
		c.net.Advance(time.Second)
	}
	if pat.Closed() || told < 5*64*4000 {
		t.Errorf("closed: %v, after it was told %d bytes", pat.Closed(), told)
	}
}

// sayMuch has so many messages said in the lobby, and in the room den.
func (c chat) sayMuch(text string, n int) {
	alice := c.login("alice", true)
	for range n {
		c.say(alice, text)
	}
	c.ask(alice, "create", "den")
	for range n {
		c.say(alice, text)
	}
	alice.HangUp()
	c.net.Run()
}
