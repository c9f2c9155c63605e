package eventloop_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
	"parley/eventloop/sim"
	"pgregory.net/rapid"
)

// Whatever the socket takes and when, everything arrives in order.
func TestBacklog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, d := newLoop(&hooks{})
		room := l.NewGroup()
		s := open(l)
		room.Add(s.conn)
		s.full = true
		var want strings.Builder
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			text := strings.Repeat(string(rune('a'+i%26)), rapid.IntRange(0, 30).Draw(t, "size"))
			want.WriteString(text)
			if rapid.Bool().Draw(t, "shared") {
				room.Send([]byte(text))
			} else {
				s.conn.Send([]byte(text))
			}
			s.room = rapid.IntRange(0, 20).Draw(t, "room")
			if rapid.Bool().Draw(t, "later") {
				d.now = d.now.Add(time.Second)
			}
			l.Turn()
			if got := strings.Join(s.writes, ""); !strings.HasPrefix(want.String(), got) || len(want.String())-len(got) != s.conn.Waiting() {
				t.Fatalf("got %q of %q, and %d bytes wait", got, want.String(), s.conn.Waiting())
			}
		}
		s.full = false
		for range 3 {
			d.now = d.now.Add(time.Second)
			l.Turn()
		}
		if got := strings.Join(s.writes, ""); got != want.String() {
			t.Fatalf("got %q, want %q", got, want.String())
		}
	})
}

// Beyond the memory for all, those go first for whom the most waits, on whichever loop
// they are; others get all.
func TestMemoryForAll(t *testing.T) {
	const piece, limit = 512, 20 * 512 // the least that one takes
	memory := eventloop.NewMemory(limit)
	gone := map[*eventloop.Conn]error{}
	h := &hooks{closed: func(c *eventloop.Conn, err error) { gone[c] = err }}
	var loops []*eventloop.Loop
	for i := range 2 {
		l := eventloop.NewLoop(i, h, &driver{now: time.Unix(1e9, 0)}, testOutbound, memory)
		l.Start()
		loops = append(loops, l)
	}
	turn := func() {
		for range 3 {
			for _, l := range loops {
				l.Turn()
			}
		}
	}
	stalled := func(l *eventloop.Loop, waiting int) *eventloop.Conn {
		s := open(l)
		s.full = true
		s.conn.Send(make([]byte, waiting))
		return s.conn
	}
	little := stalled(loops[0], 10)
	var much []*eventloop.Conn
	for range 5 {
		stalled(loops[0], 10)
	}
	for range 12 {
		much = append(much, stalled(loops[1], piece))
	}
	turn()
	if len(gone) > 0 || memory.Used() != 18*piece {
		t.Fatalf("%d are gone with %d bytes", len(gone), memory.Used())
	}
	most := stalled(loops[1], testOutbound)
	for range 3 { // on the loop that is not to blame
		stalled(loops[0], 10)
	}
	turn()
	if memory.Used() > limit {
		t.Errorf("%d bytes are taken", memory.Used())
	}
	if !errors.Is(gone[most], eventloop.ErrFull) || gone[little] != nil {
		t.Errorf("the one for whom the most waits: %v; for whom little does: %v", gone[most], gone[little])
	}
	for c, err := range gone {
		if c != most && !slices.Contains(much, c) {
			t.Errorf("one with little is gone: %v", err)
		}
	}
}

// Who is slow loses what can be done without before the connection is closed.
func TestSlowOnesAreSpared(t *testing.T) {
	l, _ := newLoop(&hooks{})
	room := l.NewGroup()
	fast, slow := open(l), open(l)
	room.Add(fast.conn)
	room.Add(slow.conn)
	slow.full = true
	room.Send(make([]byte, testOutbound/2))
	l.Turn()
	before := slow.conn.Waiting()
	for range 100 {
		room.SendLater(make([]byte, 10)) // twice as much as may wait
	}
	room.Send([]byte("said"))
	l.Turn()
	if n := slow.conn.Waiting() - before; slow.closed || n != len("said") {
		t.Errorf("closed: %v, %d bytes more wait", slow.closed, n)
	}
	if got := strings.Join(fast.writes, ""); len(got) != testOutbound/2+100*10+len("said") {
		t.Errorf("the fast one got %d bytes", len(got))
	}
}

// Somebody sets the clock: what was to be done in a while is done then.
func TestClockThatIsSet(t *testing.T) {
	for _, by := range []time.Duration{-time.Hour, time.Hour} {
		n := sim.New(1, testOutbound, time.Unix(1e9, 0))
		n.Handler = &hooks{received: func(c *eventloop.Conn, b []byte) {
			switch string(b) {
			case "later":
				c.SendLater([]byte("a while later"))
			case "leave":
				c.Send([]byte("bye"))
				c.Close()
			}
		}}
		c := n.Dial()
		c.Send([]byte("later"))
		n.SetClock(by)
		n.Advance(10 * time.Millisecond)
		if got, err := c.Read(); string(got) != "a while later" || err != nil {
			t.Errorf("%s: got %q, %v", by, got, err)
		}
		c.Send([]byte("leave"))
		n.Run()
		n.SetClock(by)
		n.Advance(2 * time.Second)
		if !c.Closed() {
			t.Errorf("%s: the connection lingers", by)
		}
	}
}

// Who takes nothing of what waits for it for too long is closed, and the reason is told; who takes
// a little now and then stays, and so does one for whom nothing waits.
func TestStalled(t *testing.T) {
	const stall = 10 * time.Second
	for name, tt := range map[string]struct {
		after time.Duration // setting
		room  int           // bytes that the socket takes every 9 s
		lives bool
	}{
		"takes nothing":             {stall, 0, false},
		"takes a little":            {stall, 1, true},
		"takes nothing, and no end": {0, 0, true},
	} {
		gone := map[*eventloop.Conn]error{}
		l, d := newLoop(&hooks{closed: func(c *eventloop.Conn, err error) { gone[c] = err }})
		l.CloseStalled(tt.after)
		s, other := open(l), open(l)
		s.full = true
		s.conn.Send([]byte("something that waits"))
		other.conn.Send([]byte("something that does not"))
		turn := func(by time.Duration) {
			for end := d.now.Add(by); d.now.Before(end); {
				d.now = d.now.Add(50 * time.Millisecond)
				l.Turn()
			}
		}
		l.Turn()
		turn(9 * time.Second)
		if len(gone) > 0 {
			t.Errorf("%s: too early: %v", name, gone)
		}
		for range 3 {
			s.room = tt.room
			turn(9 * time.Second)
		}
		want := map[bool]int{true: 0, false: 1}[tt.lives]
		if err, is := gone[s.conn]; len(gone) != want || is == tt.lives || is && !errors.Is(err, eventloop.ErrStalled) {
			t.Errorf("%s: %v", name, gone)
		}
	}
}
