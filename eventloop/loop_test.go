package eventloop_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
)

// hooks is a Handler of functions; those that are nil do nothing.
type hooks struct {
	started  func(*eventloop.Loop)
	opened   func(*eventloop.Conn)
	received func(*eventloop.Conn, []byte)
	ended    func(*eventloop.Conn) // nil closes the connection
	closed   func(*eventloop.Conn, error)
	woke     func(*eventloop.Loop)
	stopping func(*eventloop.Loop)
}

func (h *hooks) Started(l *eventloop.Loop) { call(h.started, l) }
func (h *hooks) Opened(c *eventloop.Conn)  { call(h.opened, c) }
func (h *hooks) Woke(l *eventloop.Loop)    { call(h.woke, l) }

func (h *hooks) Stopping(l *eventloop.Loop) { call(h.stopping, l) }

func (h *hooks) Received(c *eventloop.Conn, b []byte) {
	if h.received != nil {
		h.received(c, b)
	}
}

func (h *hooks) Ended(c *eventloop.Conn) {
	if h.ended == nil {
		c.Close()
		return
	}
	h.ended(c)
}

func (h *hooks) Closed(c *eventloop.Conn, err error) {
	if h.closed != nil {
		h.closed(c, err)
	}
}

func call[T any](f func(T), x T) {
	if f != nil {
		f(x)
	}
}

// driver turns a loop when the test says so.
type driver struct {
	rings  int
	wakeAt time.Time
	now    time.Time
}

func (d *driver) Ring()              { d.rings++ }
func (d *driver) WakeAt(t time.Time) { d.wakeAt = t }
func (d *driver) Now() time.Time     { return d.now }

// socket keeps what is written to it.
type socket struct {
	loop   *eventloop.Loop
	conn   *eventloop.Conn
	writes []string
	full   bool // it takes nothing ...
	room   int  // ... but so many bytes
	broken bool // the next write fails
	ended  bool // CloseWrite
	closed bool
}

func (s *socket) CloseWrite() { s.ended = true }

func (s *socket) Write(b []byte) int {
	if s.broken {
		s.closed = true
		s.loop.Closed(s.conn, errors.New("broken"))
		return 0
	}
	if s.full {
		b = b[:min(len(b), s.room)]
		s.room -= len(b)
	}
	if len(b) > 0 {
		s.writes = append(s.writes, string(b))
	}
	return len(b)
}

func (s *socket) Close() {
	s.closed = true
	s.loop.Closed(s.conn, nil)
}

const testOutbound = 1000

func newLoop(h eventloop.Handler) (*eventloop.Loop, *driver) {
	d := &driver{now: time.Unix(1e9, 0)}
	l := eventloop.NewLoop(0, h, d, testOutbound, eventloop.NewMemory(0))
	l.Start()
	return l, d
}

func open(l *eventloop.Loop) *socket {
	s := &socket{loop: l}
	s.conn = l.Open(s, netip.AddrPort{})
	return s
}

func TestOneWritePerConnectionAndTurn(t *testing.T) {
	l, d := newLoop(&hooks{})
	room := l.NewGroup()
	a, b := open(l), open(l)
	room.Add(a.conn)
	room.Add(b.conn)
	for i := range 3 {
		fmt.Fprintf(groupWriter{room}, "%d", i)
		a.conn.Send([]byte("a"))
	}
	if len(a.writes)+len(b.writes) > 0 {
		t.Fatal("something was written before the end of the turn")
	}
	if d.rings != 1 {
		t.Errorf("the loop asked for %d turns, want 1", d.rings)
	}
	l.Turn()
	if got := fmt.Sprint(a.writes, b.writes); got != "[0a1a2a] [012]" {
		t.Errorf("got the writes %s", got)
	}
}

// What may wait goes with what is sent next, in its place, and does not wait for
// long if nothing is.
func TestWhatMayWait(t *testing.T) {
	l, d := newLoop(&hooks{})
	room := l.NewGroup()
	a, b, c := open(l), open(l), open(l)
	room.Add(b.conn)
	for _, s := range []*socket{a, b, c} {
		s.conn.SendLater([]byte("ack "))
	}
	room.SendLater([]byte("news "))
	l.Turn()
	if n := len(a.writes) + len(b.writes) + len(c.writes); n > 0 {
		t.Fatalf("%d writes before their time", n)
	}
	a.conn.Send([]byte("next"))
	room.Send([]byte("all"))
	l.Turn()
	d.now = d.wakeAt
	l.Turn()
	if got := fmt.Sprint(a.writes, b.writes, c.writes); got != "[ack next] [ack news all] [ack ]" {
		t.Errorf("got the writes %s", got)
	}
}

// The more there are to be told what may wait, the longer it waits, also when they come meanwhile,
// and a message takes it along to all at once. Nobody waits for more than half a second.
func TestWhatMayWaitForMany(t *testing.T) {
	for members, want := range map[int]time.Duration{2: 4 * time.Millisecond, 20: 4 * time.Millisecond, 100: 20 * time.Millisecond, 500: 100 * time.Millisecond, 5000: 500 * time.Millisecond} {
		l, d := newLoop(&hooks{})
		room := l.NewGroup()
		var all []*socket
		enter := func(n int) {
			for range n {
				s := open(l)
				room.Add(s.conn)
				all = append(all, s)
			}
		}
		enter(members / 2)
		began := d.now
		room.SendLater([]byte("first "))
		d.now = began.Add(min(want/2, d.wakeAt.Sub(began)) - 1)
		l.Turn()
		enter(members / 2)
		room.SendLater([]byte("more")) // goes along, and puts nothing off
		for range 3 {                  // it may be looked at too early when others came meanwhile
			if len(all[0].writes) == 0 {
				d.now = d.wakeAt
				l.Turn()
			}
		}
		if waited := d.now.Sub(began); waited != want {
			t.Errorf("%d are told after %s, not %s", members, waited, want)
		}
		room.SendLater([]byte("news "))
		room.Send([]byte("message"))
		l.Turn()
		if first, last := fmt.Sprint(all[0].writes), fmt.Sprint(all[members-1].writes); first != "[first more news message]" || last != "[more news message]" {
			t.Errorf("the first of %d gets the writes %s, the last %s", members, first, last)
		}
	}
}

// What came just before the time of what has waited longest waits on, but not for
// ever.
func TestWhatMayWaitWaitsOn(t *testing.T) {
	l, d := newLoop(&hooks{})
	a, b := open(l), open(l)
	a.conn.SendLater([]byte("a"))
	d.now = d.now.Add(3 * time.Millisecond)
	l.Turn()
	b.conn.SendLater([]byte("b"))
	d.now = d.wakeAt
	l.Turn()
	if got := fmt.Sprint(a.writes, b.writes); got != "[a] []" {
		t.Errorf("got the writes %s", got)
	}
	d.now = d.wakeAt
	l.Turn()
	if got := fmt.Sprint(a.writes, b.writes); got != "[a] [b]" {
		t.Errorf("got the writes %s", got)
	}
}

// A write that fails closes the connection inside the flush. The handler is told
// afterwards, and what it says then still reaches the others.
func TestWriteThatFailsInTheFlush(t *testing.T) {
	var room *eventloop.Group
	h := &hooks{}
	h.started = func(l *eventloop.Loop) { room = l.NewGroup() }
	h.opened = func(c *eventloop.Conn) { room.Add(c) }
	h.closed = func(c *eventloop.Conn, _ error) { fmt.Fprintf(groupWriter{room}, "%d left.", c.ID()) }
	l, _ := newLoop(h)
	sockets := []*socket{open(l), open(l), open(l), open(l)}
	sockets[0].broken, sockets[2].broken = true, true
	room.Send([]byte("hello."))
	l.Turn()
	want := fmt.Sprintf("hello.%d left.%d left.", sockets[0].conn.ID(), sockets[2].conn.ID())
	for _, i := range []int{1, 3} {
		if got := strings.Join(sockets[i].writes, ""); got != want {
			t.Errorf("connection %d got %q, want %q", i, got, want)
		}
	}
	if room.Len() != 2 {
		t.Errorf("the room has %d members, want 2", room.Len())
	}
}

func TestConnectionThatDoesNotReadIsClosed(t *testing.T) {
	var reason error
	h := &hooks{closed: func(_ *eventloop.Conn, err error) { reason = err }}
	l, _ := newLoop(h)
	s := open(l)
	s.full = true
	s.conn.Send(make([]byte, testOutbound))
	l.Turn()
	if s.closed {
		t.Fatal("closed at the limit")
	}
	s.conn.Send([]byte("x"))
	if s.closed {
		t.Fatal("closed while the handler sends")
	}
	l.Turn()
	if !s.closed || !errors.Is(reason, eventloop.ErrSlow) {
		t.Errorf("closed: %v, because of %v", s.closed, reason)
	}
}

// A connection that we close gets its last words, then the end of the stream; it
// is closed for good when the peer has closed its side or has had its time.
func TestCloseLingers(t *testing.T) {
	h := &hooks{received: func(*eventloop.Conn, []byte) { t.Error("input after the close") }}
	l, d := newLoop(h)
	s := open(l)
	s.conn.Send([]byte("bye"))
	s.conn.Close()
	s.conn.Send([]byte("more"))
	s.full = true // the peer is slow
	l.Turn()
	if s.ended || s.closed {
		t.Fatal("ended before everything was out")
	}
	l.Receive(s.conn, []byte("x"))
	s.full = false
	for !s.ended && d.now.Sub(time.Unix(1e9, 0)) < 2*time.Second {
		turnAt(l, d, d.wakeAt)
	}
	if !s.ended || s.closed {
		t.Fatalf("ended: %v, closed: %v, want the end only", s.ended, s.closed)
	}
	for range 100 {
		if s.closed {
			break
		}
		turnAt(l, d, d.wakeAt)
	}
	if !s.closed {
		t.Error("never closed")
	}
	if d.now.Sub(time.Unix(1e9, 0)) > 2*time.Second {
		t.Errorf("closed after %s", d.now.Sub(time.Unix(1e9, 0)))
	}
	if !slices.Equal(s.writes, []string{"bye"}) {
		t.Errorf("written: %q", s.writes)
	}
}

func turnAt(l *eventloop.Loop, d *driver, t time.Time) {
	d.now = t
	l.Turn()
}

func TestHandlerIsWokenAtTheEarliestTime(t *testing.T) {
	var woken []time.Duration
	var begin time.Time
	h := &hooks{woke: func(l *eventloop.Loop) { woken = append(woken, l.Now().Sub(begin)) }}
	l, d := newLoop(h)
	begin = d.now
	l.WakeAt(begin.Add(3 * time.Second))
	l.WakeAt(begin.Add(2 * time.Second))
	l.WakeAt(begin.Add(5 * time.Second))
	turnAt(l, d, begin.Add(time.Second)) // something else was to be done
	turnAt(l, d, begin.Add(2*time.Second))
	turnAt(l, d, begin.Add(9*time.Second))
	if !slices.Equal(woken, []time.Duration{2 * time.Second}) {
		t.Errorf("woken at %v", woken)
	}
}

func TestConnIDIsNotUsedAgain(t *testing.T) {
	l, _ := newLoop(&hooks{})
	a := open(l)
	id := a.conn.ID()
	l.Closed(a.conn, nil)
	b := open(l)
	if l.Conn(id) != nil || b.conn.ID() == id || l.Conn(b.conn.ID()) != b.conn {
		t.Errorf("%d is gone, %d is there: Conn gives %v and %v", id, b.conn.ID(), l.Conn(id), l.Conn(b.conn.ID()))
	}
}

// Whatever the driver reports happens when it does, not when the loop was last turned.
func TestNowIsWhenItHappens(t *testing.T) {
	var at []time.Duration
	var begin time.Time
	note := func(c *eventloop.Conn) { at = append(at, c.Loop().Now().Sub(begin)) }
	h := &hooks{opened: note, received: func(c *eventloop.Conn, _ []byte) { note(c) }, ended: note,
		closed: func(c *eventloop.Conn, _ error) { note(c) }}
	l, d := newLoop(h)
	begin = d.now
	var c *socket
	for i, happens := range []func(){
		func() { c = open(l) },
		func() { l.Receive(c.conn, []byte("x")) },
		func() { l.EndOfInput(c.conn) },
		func() { l.Closed(c.conn, errors.New("reset")) },
	} {
		d.now = begin.Add(time.Duration(i+1) * time.Second)
		happens()
	}
	if want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 4 * time.Second}; !slices.Equal(at, want) {
		t.Errorf("it was %v, not %v", at, want)
	}
}

// The fan-out of a busy room: 1,000 members, 64 messages of 200 bytes a turn.
// Sockets cost nothing here: what is measured is ours.
func BenchmarkFanOut(b *testing.B) {
	const members, messages = 1000, 64
	message := []byte(strings.Repeat("x", 200))
	setup := func() (*eventloop.Loop, *eventloop.Group, []*eventloop.Conn) {
		l := eventloop.NewLoop(0, &hooks{}, &driver{now: time.Unix(1e9, 0)}, 1<<20, eventloop.NewMemory(0))
		l.Start()
		room := l.NewGroup()
		var conns []*eventloop.Conn
		for range members {
			conns = append(conns, l.Open(nullSocket{}, netip.AddrPort{}))
		}
		return l, room, conns
	}
	report := func(b *testing.B) {
		b.ReportAllocs()
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/members/messages, "ns/delivery")
	}
	b.Run("group", func(b *testing.B) {
		l, room, conns := setup()
		for _, c := range conns {
			room.Add(c)
		}
		for b.Loop() {
			for range messages {
				room.Send(message)
			}
			l.Turn()
		}
		report(b)
	})
	b.Run("a copy for each", func(b *testing.B) {
		l, _, conns := setup()
		for b.Loop() {
			for range messages {
				for _, c := range conns {
					c.Send(message)
				}
			}
			l.Turn()
		}
		report(b)
	})
}

type nullSocket struct{}

func (nullSocket) Write(b []byte) int { return len(b) }
func (nullSocket) CloseWrite()        {}
func (nullSocket) Close()             {}
