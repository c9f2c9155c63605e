package server_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
)

// people logs in guests and accounts, and returns their connections in that order.
func (c chat) people(guests, accounts int) (all []*sim.Conn) {
	c.Helper()
	for i := range guests + accounts {
		conn := c.net.Dial()
		r := protocol.Request{Verb: "login", Content: protocol.Content{Text: fmt.Sprintf("user%d", i)}, Extended: true}
		if i >= guests {
			r.Password, r.Register = "green horse", true
		}
		c.send(conn, r)
		all = append(all, conn)
	}
	c.net.Advance(time.Second)
	for i, conn := range all {
		if got := c.responses(conn); len(got) == 0 || got[0].Data.Event != protocol.EventLogin {
			c.Fatalf("user%d: %+v", i, got)
		}
	}
	return all
}

// ends returns how long after the begin of the drain each connection is closed, looked at
// every tick, and what each was told of when to come back, in seconds.
func (c chat) ends(all []*sim.Conn, tick time.Duration) (closed []time.Duration, seconds []int) {
	c.Helper()
	closed, seconds = make([]time.Duration, len(all)), make([]int, len(all))
	c.End()
	began := c.net.Now()
	for left := len(all); left > 0; c.net.Advance(tick) {
		after := c.net.Now().Sub(began)
		for i, conn := range all {
			if closed[i] > 0 {
				continue
			}
			for {
				b, err := conn.Read()
				if err == io.EOF {
					closed[i] = max(after, 1)
					left--
				}
				if b == nil {
					break
				}
				r, bad := protocol.DecodeResponse(b)
				if bad != nil || r.Data.Event != protocol.EventShuttingDown || seconds[i] != 0 {
					c.Fatalf("user%d is told at the end, after %d: %s", i, seconds[i], b)
				}
				seconds[i] = r.Data.Seconds
			}
		}
		if after > time.Minute {
			c.Fatalf("%d are not closed after %s", left, after)
		}
	}
	return closed, seconds
}

// Connections are closed evenly over the time that there is for it, no faster than is good,
// and all of them at once where there is no time.
func TestDrainIsSpread(t *testing.T) {
	const tick = 100 * time.Millisecond
	for _, test := range []struct {
		drain, takes time.Duration
		sessions     int
		perTick      int // closed at most
	}{
		{drain: 10 * time.Second, sessions: 1, perTick: 1},
		{drain: 10 * time.Second, sessions: 600, takes: 600 * time.Millisecond, perTick: 101},
		{drain: 2 * time.Second, sessions: 3000, takes: time.Second, perTick: 301},
		{drain: time.Second, sessions: 600, perTick: 600},
		{drain: 0, sessions: 600, perTick: 600},
	} {
		t.Run(fmt.Sprintf("%d in %s", test.sessions, test.drain), func(t *testing.T) {
			cfg := config()
			cfg.Drain, cfg.PresenceLimit = test.drain, 1
			c := newChat(t, cfg)
			closed, _ := c.ends(c.people(test.sessions, 0), tick)
			ticks, last := make(map[time.Duration]int), time.Duration(0)
			for _, at := range closed {
				ticks[at]++
				last = max(last, at)
			}
			for at, n := range ticks {
				if n > test.perTick {
					t.Errorf("%d are closed within %s, at %s", n, tick, at)
				}
			}
			if last < test.takes-tick || last > test.takes+tick {
				t.Errorf("the last one is closed after %s, want %s", last, test.takes)
			}
		})
	}
}

// Nobody is to come back before the last one is closed, those who cost more time are given
// more, and nobody is sent away for ever.
func TestReturnIsSpread(t *testing.T) {
	cfg := config()
	cfg.Drain, cfg.PresenceLimit = 3*time.Second, 1
	c := newChat(t, cfg)
	const guests, accounts = 1500, 100
	closed, seconds := c.ends(c.people(guests, accounts), 100*time.Millisecond)
	perSecond, first := make(map[int][2]int), seconds[0]
	for i, s := range seconds {
		n := perSecond[s]
		n[min(i/guests, 1)]++
		perSecond[s] = n
		first = min(first, s)
		if time.Duration(s)*time.Second <= closed[len(closed)-1] {
			t.Errorf("user%d is to come back after %d s, and the last one is closed after %s", i, s, closed[len(closed)-1])
		}
	}
	for s, n := range perSecond {
		if n[0] > 501 || n[1] > 26 {
			t.Errorf("%d guests and %d accounts are to come back after %d s", n[0], n[1], s)
		}
	}
	if first != 3 || seconds[len(seconds)-1] > 11 {
		t.Errorf("they are to come back after %d to %d s", first, seconds[len(seconds)-1])
	}
}

// settled reports whether the server has nothing more to do.
func (c chat) settled() bool {
	select {
	case <-c.Server.Settled():
		return true
	default:
		return false
	}
}

// The server is settled as soon as nobody is left, also of those whose turn to be closed
// would be later.
func TestDrainEndsWithTheLastOne(t *testing.T) {
	cfg := config()
	cfg.Drain, cfg.PresenceLimit = 10*time.Second, 1
	c := newChat(t, cfg)
	all := c.people(600, 0)
	c.End()
	if c.settled() {
		t.Fatal("it is settled, and 599 are there")
	}
	for _, conn := range all {
		conn.HangUp()
	}
	c.net.Run()
	c.net.Advance(time.Millisecond) // which the disk may take
	if !c.settled() {
		t.Error("nobody is left, and it is not settled")
	}
}

// The server is not settled before that is safe which it has decided at last.
func TestDrainWaitsForTheDisk(t *testing.T) {
	cfg := config()
	cfg.Drain = 10 * time.Second
	w := sim.NewWorld(cfg, 100*time.Millisecond, start)
	c := chat{t, w, w.Net}
	alice := c.login("alice", true)
	c.say(alice, "at last")
	c.End()
	if c.settled() {
		t.Error("what she has said is not safe yet, and the server is settled")
	}
	c.net.Advance(time.Second)
	if !c.settled() {
		t.Error("all is safe, and the server is not settled")
	}
	if got := c.responses(alice); len(got) != 2 || got[0].Content != "at last" && got[1].Content != "at last" {
		t.Errorf("she is told %+v", got)
	}
}

// Whoever waits for a hash or for what is read when their turn to be closed comes is answered
// first, with all that they have asked for behind it, as long as there is time for that.
func TestDrainAnswersFirst(t *testing.T) {
	for drain, want := range map[time.Duration]string{10 * time.Second: "shutting_down, created, message", 0: "shutting_down"} {
		cfg := config()
		cfg.Drain = drain
		w := sim.NewWorld(cfg, 100*time.Millisecond, start)
		c := chat{t, w, w.Net}
		alice := c.login("alice", true)
		key := protocol.Content{Fields: map[string]string{"room": "den", "mode": "key", "key": "open sesame"}}
		c.send(alice, protocol.Request{Verb: "create", Content: key})
		c.say(alice, "hello")
		c.End()
		c.net.Advance(time.Second)
		var got []string
		for _, r := range c.responses(alice) {
			got = append(got, r.Data.Event)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("in %s she is told %q, want %s", drain, got, want)
		}
		if !c.settled() {
			t.Errorf("in %s: the server is not settled", drain)
		}
	}
}

// Who has not logged in when the server ends is told an error: anything else would be taken for the
// answer that a login on its way has succeeded.
func TestTheEndIsNoAnswerToALogin(t *testing.T) {
	for name, form := range map[string]string{"plain": `{"request":"login","content":"alice"}`, "extended": `{"request":"login","content":"alice","extended":1}`} {
		c := newChat(t, config())
		before := c.net.Dial()
		c.net.Run()
		c.End()
		before.Send([]byte(form + "\n")) // it was on its way
		c.net.Advance(time.Second)
		got := c.responses(before)
		if len(got) != 1 || got[0].Kind != protocol.KindError || !strings.HasPrefix(got[0].Content, "The server is shutting down") {
			t.Errorf("%s: it is told %+v", name, got)
		}
	}
}
