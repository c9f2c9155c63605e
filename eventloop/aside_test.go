package eventloop_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/eventloop"
	"pgregory.net/rapid"
)

// An asideConn is a connection of which the test knows what is set aside for it, and sent.
type asideConn struct {
	*socket
	aside, sent int
	over        bool // it was closed, by either side
}

// do does one thing with so many bytes, or as many as there are.
func (c *asideConn) do(what string, bytes int) {
	switch what {
	case "set aside":
		if c.conn.SetAside(bytes) {
			c.aside += bytes
		}
	case "take up", "take up and send":
		bytes = min(bytes, c.aside)
		c.aside -= bytes
		c.conn.TakeUp(bytes)
		if what == "take up and send" {
			c.sent += bytes
			c.conn.Send(make([]byte, bytes))
		}
	case "read", "do not read":
		c.full = what == "do not read"
	case "close":
		c.over = true
		c.conn.Close()
	case "reset":
		c.over = true
		c.socket.Close()
	}
}

// waiting returns what waits for it as the test sees it.
func (c *asideConn) waiting() int {
	waiting := c.aside + c.sent
	for _, w := range c.writes {
		waiting -= len(w)
	}
	return waiting
}

// Whatever is set aside, taken up, sent, read or not, and whatever ends: it is known at every
// time what waits for each connection, and for all, and in the end it is nothing.
func TestAccountsOfWhatIsSetAside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, memory := &driver{now: time.Unix(1e9, 0)}, eventloop.NewMemory(0)
		l := eventloop.NewLoop(0, &hooks{}, d, testOutbound, memory)
		l.Start()
		turn := func() {
			d.now = d.now.Add(time.Second)
			l.Turn()
		}
		var conns []*asideConn
		for range 3 {
			conns = append(conns, &asideConn{socket: open(l)})
		}
		read := true // all that is sent
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			c := rapid.SampledFrom(conns).Draw(t, "connection")
			acts := []string{"set aside", "set aside", "set aside", "take up", "take up and send", "take up and send", "read", "do not read", "close", "reset"}
			act := rapid.SampledFrom(acts).Draw(t, "act")
			read = read && act != "do not read"
			c.do(act, rapid.IntRange(0, testOutbound/4).Draw(t, "bytes"))
			if rapid.Bool().Draw(t, "turn") {
				turn()
			}
			aside := 0
			for _, c := range conns {
				if c.over || c.closed {
					continue
				}
				aside += c.aside
				if n := c.conn.Waiting(); n != c.waiting() && c.conn.SetAside(0) || n > testOutbound {
					t.Fatalf("%d bytes wait for one, want %d", n, c.waiting())
				}
			}
			if used := memory.Used(); used != l.Counts().Backlog || used < int64(aside) || read && used != int64(aside) {
				t.Fatalf("%d bytes are taken, of which the loop knows %d, and %d are set aside", used, l.Counts().Backlog, aside)
			}
		}
		for _, c := range conns {
			c.do("read", 0)
			c.do("take up and send", c.aside)
			if rapid.Bool().Draw(t, "ends") {
				c.do("reset", 0)
			}
		}
		turn()
		if n := memory.Used(); n != 0 {
			t.Fatalf("when nothing waits any more, %d bytes are taken", n)
		}
	})
}

// What is set aside counts in the limit of a connection, with what it does not read.
func TestAsideCountsInTheLimit(t *testing.T) {
	for _, tt := range []struct {
		unread, aside int // bytes
		more          string
		lives         bool
	}{
		{0, testOutbound, "", true},
		{0, testOutbound, "x", false},
		{testOutbound / 2, testOutbound / 2, "", true},
		{testOutbound / 2, testOutbound/2 + 1, "", false},
		{testOutbound / 2, testOutbound / 2, "x", false},
	} {
		t.Run(fmt.Sprintf("%d unread and %d set aside, then %q", tt.unread, tt.aside, tt.more), func(t *testing.T) {
			var why error
			l, _ := newLoop(&hooks{closed: func(_ *eventloop.Conn, err error) { why = err }})
			s := open(l)
			s.full = true
			s.conn.Send(make([]byte, tt.unread))
			l.Turn()
			s.conn.SetAside(tt.aside)
			s.conn.Send([]byte(tt.more))
			l.Turn()
			if s.closed == tt.lives || s.closed && !errors.Is(why, eventloop.ErrSlow) {
				t.Errorf("closed: %v, %v", s.closed, why)
			}
			if s.closed && l.Counts().Backlog != 0 {
				t.Errorf("%d bytes are taken by one that is gone", l.Counts().Backlog)
			}
		})
	}
}

// What is set aside leaves less room for what others do not read; when all have set aside much
// it is to be sent, and nobody is closed for it.
func TestAsideCountsInTheMemoryForAll(t *testing.T) {
	const limit = 8 << 10
	gone := map[*eventloop.Conn]error{}
	l := eventloop.NewLoop(0, &hooks{closed: func(c *eventloop.Conn, err error) { gone[c] = err }}, &driver{now: time.Unix(1e9, 0)}, limit, eventloop.NewMemory(limit))
	l.Start()
	unread := func(bytes int) *eventloop.Conn {
		s := open(l)
		s.full = true
		s.conn.Send(make([]byte, bytes))
		return s.conn
	}
	little, much := unread(limit/4), unread(limit/2)
	l.Turn()
	patient := open(l).conn
	if patient.SetAside(limit / 4); patient.AsideFull() {
		t.Error("a quarter is too much")
	}
	l.Turn()
	if len(gone) > 0 {
		t.Errorf("while all fits: %v", gone)
	}
	if patient.SetAside(1); len(gone) > 0 {
		t.Errorf("before the end of the turn: %v", gone)
	}
	l.Turn()
	if len(gone) != 1 || !errors.Is(gone[much], eventloop.ErrFull) {
		t.Errorf("beyond the limit: %v", gone)
	}
	other := open(l).conn
	if other.SetAside(limit / 4); !other.AsideFull() || !patient.AsideFull() {
		t.Error("half of all is not too much")
	}
	other.SetAside(limit / 2)
	for range 3 {
		l.Turn()
	}
	if len(gone) != 2 || gone[little] == nil {
		t.Errorf("set aside is what may wait in all: %v", gone)
	}
}
