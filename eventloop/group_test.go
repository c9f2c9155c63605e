package eventloop_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/eventloop"
)

// An ear is a connection and what it is to get, by a model that appends everything to
// everybody at once.
type ear struct {
	*socket
	want    string
	urgent  int // bytes of want up to the last that do not wait
	held    bool
	in      map[*eventloop.Group]bool
	closing bool // by us
}

func (e *ear) got() string { return strings.Join(e.writes, "") }

// A hall is groups and connections at random, and the model of them.
type hall struct {
	loop   *eventloop.Loop
	driver *driver
	groups []*eventloop.Group
	ears   []*ear
	said   int
	gone   int // connections that ended in this turn
}

const (
	hallGroups = 10
	hallConns  = 6
	hallLimit  = 400 // bytes that may wait for one
)

func newHall() *hall {
	h := &hall{driver: &driver{now: time.Unix(1e9, 0)}}
	h.loop = eventloop.NewLoop(0, &hooks{closed: h.closed}, h.driver, hallLimit, eventloop.NewMemory(0))
	h.loop.Start()
	for range hallGroups {
		h.groups = append(h.groups, h.loop.NewGroup())
	}
	for range hallConns {
		h.open()
	}
	return h
}

func (h *hall) open() {
	s := &socket{loop: h.loop}
	s.conn = h.loop.Open(s, netip.AddrPort{})
	h.ears = append(h.ears, &ear{socket: s, in: map[*eventloop.Group]bool{}})
}

// closed comes in the middle of flushes, too. The others are told.
func (h *hall) closed(c *eventloop.Conn, _ error) {
	i := slices.IndexFunc(h.ears, func(e *ear) bool { return e.conn == c })
	e := h.ears[i]
	e.socket.closed = true
	clear(e.in)
	h.gone++
	h.share(h.groups[0], false, nil)
}

func (h *hall) next() []byte {
	h.said++
	return fmt.Appendf(nil, "%d.", h.said)
}

func (e *ear) gets(b []byte, later bool) {
	e.want += string(b)
	if later {
		e.held = true
	} else {
		e.urgent = len(e.want)
	}
}

func (h *hall) tell(e *ear, later bool) {
	b := h.next()
	if later {
		e.conn.SendLater(b)
	} else {
		e.conn.Send(b)
	}
	if !e.closing {
		e.gets(b, later)
	}
}

func (h *hall) share(g *eventloop.Group, later bool, except []*eventloop.Conn) {
	b, receivers := h.next(), 0
	for _, e := range h.ears {
		if e.in[g] && !slices.Contains(except, e.conn) && !(later && e.conn.Slow()) {
			e.gets(b, later)
			receivers++
		}
	}
	if later {
		g.SendLater(b, except...)
	} else if n := g.Send(b, except...); n != receivers {
		panic(fmt.Sprintf("%d are said to hear it, want %d", n, receivers))
	}
}

// turn has the loop write, after a while if late, and compares.
func (h *hall) turn(t *rapid.T, late bool) {
	type before struct{ writes, waiting int }
	were := map[*ear]before{}
	for _, e := range h.ears {
		were[e] = before{len(e.writes), e.conn.Waiting()}
	}
	h.gone = 0
	if late {
		h.driver.now = h.driver.now.Add(100 * time.Millisecond)
	}
	h.loop.Turn()
	for _, e := range h.ears {
		switch got, want := e.got(), e.want; {
		case !strings.HasPrefix(want, got):
			t.Fatalf("got %s, want %s", got, want)
		case e.socket.closed:
		case len(got)+e.conn.Waiting() < e.urgent, !e.full && late && got != want:
			t.Fatalf("got only %s of %s, and %d bytes wait", got, want, e.conn.Waiting())
		case !e.full && were[e].waiting == 0 && (!e.held && got != want || len(got) < e.urgent):
			t.Fatalf("got only %s of %s", got, want)
		case were[e].waiting == 0 && h.gone == 0 && len(e.writes) > were[e].writes+1:
			t.Fatalf("%d writes in one turn", len(e.writes)-were[e].writes)
		case e.closing && were[e].waiting == 0 && !e.full && late && !e.ended:
			t.Fatal("one that was closed is not ended")
		default:
			e.held = got != want
		}
	}
	h.ears = slices.DeleteFunc(h.ears, func(e *ear) bool { return e.socket.closed })
	for _, g := range h.groups {
		n := 0
		for _, e := range h.ears {
			if e.in[g] {
				n++
			}
		}
		if n != g.Len() {
			t.Fatalf("a group has %d members, want %d", g.Len(), n)
		}
	}
	for len(h.ears) < hallConns {
		h.open()
	}
}

func (h *hall) join(e *ear, g *eventloop.Group) {
	g.Add(e.conn)
	if !e.closing && !e.socket.closed {
		e.in[g] = true
	}
}

func (h *hall) leave(e *ear, g *eventloop.Group) {
	g.Remove(e.conn)
	delete(e.in, g)
}

// An act is something that happens in a hall, to a connection and a group, so often in
// all that do.
type act struct {
	often int
	do    func(h *hall, t *rapid.T, e *ear, i int)
}

var acts = []act{
	{6, func(h *hall, t *rapid.T, e *ear, _ int) { h.tell(e, later(t)) }},
	{12, func(h *hall, t *rapid.T, _ *ear, i int) { h.share(h.groups[i], later(t), nil) }},
	{6, func(h *hall, t *rapid.T, e *ear, i int) {
		other := rapid.SampledFrom(h.ears).Draw(t, "excepted too") // perhaps the same
		h.share(h.groups[i], later(t), []*eventloop.Conn{e.conn, other.conn})
	}},
	{6, func(h *hall, _ *rapid.T, e *ear, i int) { h.join(e, h.groups[i]) }},
	{4, func(h *hall, _ *rapid.T, e *ear, i int) { h.leave(e, h.groups[i]) }},
	{2, func(h *hall, _ *rapid.T, e *ear, i int) {
		h.leave(e, h.groups[i])
		h.share(h.groups[i], false, nil)
		h.join(e, h.groups[i])
	}},
	{1, func(h *hall, _ *rapid.T, _ *ear, i int) { // one that ends, and another
		for _, e := range h.ears {
			h.leave(e, h.groups[i])
		}
		h.groups[i] = h.loop.NewGroup()
	}},
	{1, func(_ *hall, _ *rapid.T, e *ear, _ int) {
		e.conn.Close()
		e.closing, e.urgent = true, len(e.want) // what waits goes along
		clear(e.in)
	}},
	{1, func(_ *hall, _ *rapid.T, e *ear, _ int) { e.broken = true }},
	{2, func(_ *hall, t *rapid.T, e *ear, _ int) {
		e.full, e.room = !e.full, rapid.IntRange(0, 5).Draw(t, "bytes that it takes")
	}},
	{10, func(h *hall, t *rapid.T, _ *ear, _ int) { h.turn(t, rapid.IntRange(0, 2).Draw(t, "late") == 2) }},
}

func later(t *rapid.T) bool { return rapid.IntRange(0, 2).Draw(t, "later") == 2 }

// TestEverybodyGetsItsBytesInOrder does at random what groups and connections can, and
// compares what each connection gets with the model.
func TestEverybodyGetsItsBytesInOrder(t *testing.T) {
	var often []act
	for _, a := range acts {
		often = append(often, slices.Repeat([]act{a}, a.often)...)
	}
	rapid.Check(t, func(t *rapid.T) {
		h := newHall()
		acts := rapid.Permutation(often).Draw(t, "acts, the likelier first")
		for _, e := range h.ears {
			in := rapid.IntRange(0, 1<<len(h.groups)-1).Draw(t, "groups")
			for i, g := range h.groups {
				if in>>i&1 == 1 {
					h.join(e, g)
				}
			}
		}
		for range rapid.IntRange(100, 300).Draw(t, "how many") {
			i := rapid.IntRange(0, len(acts)-1).Draw(t, "act")
			e := rapid.SampledFrom(h.ears).Draw(t, "connection")
			acts[i].do(h, t, e, rapid.IntRange(0, len(h.groups)-1).Draw(t, "group"))
		}
		for _, e := range h.ears {
			e.full = false
		}
		h.turn(t, true)
		h.turn(t, true) // those who were told that a write has failed
	})
}

type groupWriter struct{ *eventloop.Group }

func (g groupWriter) Write(b []byte) (int, error) { g.Send(b); return len(b), nil }

// One who leaves and comes again in the same turn, and one who comes late, get what was
// said while they were there, once.
func TestLeaveAndComeAgain(t *testing.T) {
	l, _ := newLoop(&hooks{})
	lobby, room := l.NewGroup(), l.NewGroup()
	stays, again := open(l), open(l)
	for _, g := range []*eventloop.Group{lobby, room} {
		g.Add(stays.conn)
		g.Add(again.conn)
		g.Add(again.conn) // once is enough
	}
	say := func(g *eventloop.Group, text string) { g.Send([]byte(text)) }
	say(room, "1")
	say(lobby, "2")
	room.Remove(again.conn)
	say(room, "3")
	again.conn.Send([]byte("a"))
	room.Add(again.conn)
	say(room, "4")
	say(lobby, "5")
	room.Remove(again.conn)
	room.Add(again.conn)
	say(room, "6")
	again.conn.Send([]byte("answer"))
	say(room, "7")
	room.Remove(again.conn)
	room.Add(again.conn)
	say(room, "8")
	l.Turn()
	if got := fmt.Sprint(stays.writes, again.writes); got != "[12345678] [12a456answer78]" {
		t.Errorf("got the writes %s", got)
	}
}

// Who leaves may have no more to be written than any other.
func TestLeavingIsBounded(t *testing.T) {
	var reason error
	l, _ := newLoop(&hooks{closed: func(_ *eventloop.Conn, err error) { reason = err }})
	a, b := l.NewGroup(), l.NewGroup()
	s := open(l)
	for range 3 {
		a.Add(s.conn)
		b.Add(s.conn)
		a.Send(make([]byte, testOutbound/4))
		b.Send(make([]byte, testOutbound/4))
		a.Remove(s.conn)
		b.Remove(s.conn)
		if n := s.conn.Waiting(); n > testOutbound {
			t.Fatalf("%d bytes wait", n)
		}
	}
	l.Turn()
	if !s.closed || !errors.Is(reason, eventloop.ErrSlow) || a.Len()+b.Len() > 0 {
		t.Errorf("closed: %v, because of %v", s.closed, reason)
	}
}

// For one for which too much was to be written something is missing: nothing that is
// shared follows.
func TestNothingFollowsAGap(t *testing.T) {
	l, _ := newLoop(&hooks{})
	room := l.NewGroup()
	s := open(l)
	room.Add(s.conn)
	s.conn.Send(make([]byte, testOutbound))
	s.conn.Send([]byte("one too many"))
	room.Send([]byte("more"))
	l.Turn()
	if !s.closed || len(s.writes) > 0 {
		t.Errorf("closed: %v, written: %q", s.closed, s.writes)
	}
}
