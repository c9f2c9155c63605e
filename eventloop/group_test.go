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

const hallLimit = 200 // bytes that may wait for one

func newHall() *hall {
	h := &hall{driver: &driver{now: time.Unix(1e9, 0)}}
	h.loop = eventloop.NewLoop(0, &hooks{closed: h.closed}, h.driver, hallLimit, eventloop.NewMemory(0))
	h.loop.Start()
	for range 4 {
		h.groups = append(h.groups, h.loop.NewGroup())
	}
	for range 5 {
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
	b := h.next()
	for _, e := range h.ears {
		if e.in[g] && !slices.Contains(except, e.conn) && !(later && e.conn.Slow()) {
			e.gets(b, later)
		}
	}
	if later {
		g.SendLater(b, except...)
	} else {
		g.Send(b, except...)
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
	for len(h.ears) < 5 {
		h.open()
	}
}

// TestEverybodyGetsItsBytesInOrder does at random what groups and connections can, and
// compares what each connection gets with the model.
func TestEverybodyGetsItsBytesInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHall()
		ear := func(t *rapid.T) *ear { return rapid.SampledFrom(h.ears).Draw(t, "connection") }
		group := func(t *rapid.T) *eventloop.Group {
			return h.groups[rapid.IntRange(0, len(h.groups)-1).Draw(t, "group")]
		}
		later := func(t *rapid.T) bool { return rapid.IntRange(0, 2).Draw(t, "later") == 2 }
		join := func(t *rapid.T) {
			e, g := ear(t), group(t)
			g.Add(e.conn)
			if !e.closing && !e.socket.closed {
				e.in[g] = true
			}
		}
		share := func(t *rapid.T) { h.share(group(t), later(t), nil) }
		t.Repeat(map[string]func(*rapid.T){
			"tell":       func(t *rapid.T) { h.tell(ear(t), later(t)) },
			"share":      share,
			"share more": share,
			"share with some": func(t *rapid.T) {
				some := []*eventloop.Conn{ear(t).conn, ear(t).conn} // perhaps the same
				h.share(group(t), later(t), some)
			},
			"join":      join,
			"join more": join,
			"leave": func(t *rapid.T) {
				e, g := ear(t), group(t)
				g.Remove(e.conn)
				delete(e.in, g)
			},
			"new group": func(t *rapid.T) {
				i := rapid.IntRange(0, len(h.groups)-1).Draw(t, "group")
				for _, e := range h.ears {
					h.groups[i].Remove(e.conn)
					delete(e.in, h.groups[i])
				}
				h.groups[i] = h.loop.NewGroup()
			},
			"close": func(t *rapid.T) {
				e := ear(t)
				e.conn.Close()
				e.closing, e.urgent = true, len(e.want) // what waits goes along
				clear(e.in)
			},
			"break": func(t *rapid.T) { ear(t).broken = true },
			"slow": func(t *rapid.T) {
				e := ear(t)
				e.full, e.room = !e.full, rapid.IntRange(0, 5).Draw(t, "room")
			},
			"turn": func(t *rapid.T) { h.turn(t, rapid.Bool().Draw(t, "late")) },
		})
		for _, e := range h.ears {
			e.full = false
		}
		h.turn(t, true)
		h.turn(t, true) // a failing write was told to others
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
	l.Turn()
	if got := fmt.Sprint(stays.writes, again.writes); got != "[123456] [12a456]" {
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
