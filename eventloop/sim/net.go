// Package sim runs the chat without a network: connections are memory, the
// clock is moved by hand, and everything happens on the goroutine of the caller,
// in the same order every time.
//
// The server, its shards and its loops are the real ones; only gnet is
// replaced. A [Dialogue] is a script of who says what and who hears what; the
// same one runs over a [Net] and over real sockets.
package sim

import (
	"io"
	"net/netip"
	"slices"
	"time"

	"parley/eventloop"
	"parley/protocol"
)

// A Net is a number of event loops, the connections to them and a clock.
type Net struct {
	Handler     eventloop.Handler           // set before the first Dial
	Admit       func(netip.AddrPort) []byte // as of eventloop.Config; nil: all are let in
	maxOutbound int
	memory      *eventloop.Memory
	loops       []*loop
	most        int // loops
	dialled     int
	clock       clock
	later       []task // by time
}

// task is what is to be done on the first loop at a time.
type task struct {
	at time.Time
	do func()
}

// New returns a network with the given number of loops, at the time now. A
// connection for which more than maxOutbound bytes wait is closed.
func New(loops, maxOutbound int, now time.Time) *Net {
	return &Net{most: loops, maxOutbound: maxOutbound, memory: eventloop.NewMemory(0), clock: newClock(now)}
}

// Later has f done on the first loop after d, as a disk or a worker would that
// was asked for something. What is due at one time is done in the order in which
// it was asked for; what is due before the first Dial is done then.
func (n *Net) Later(d time.Duration, f func()) {
	at := n.Now().Add(d)
	i, _ := slices.BinarySearchFunc(n.later, at, func(t task, at time.Time) int {
		if t.at.After(at) {
			return 1
		}
		return -1
	})
	n.later = slices.Insert(n.later, i, task{at, f})
}

// Now returns the time on the clock.
func (n *Net) Now() time.Time { return n.clock.now() }

// SetClock has somebody set the clock by d, while time goes on as before.
func (n *Net) SetClock(d time.Duration) { n.clock.set(d) }

// Host is the address from which connections come, each from a port of its own.
const (
	Host      = "192.0.2.1"
	firstPort = 50000
)

// Dial opens a connection. They go to the loops in turns; a loop is started by
// its first one.
func (n *Net) Dial() *Conn { return n.DialFrom(netip.MustParseAddr(Host)) }

// DialFrom is Dial from another address than Host.
func (n *Net) DialFrom(addr netip.Addr) *Conn {
	i := n.dialled % n.most
	n.dialled++
	if i == len(n.loops) {
		n.Begin()
	}
	c := &Conn{loop: n.loops[i]}
	remote := netip.AddrPortFrom(addr, uint16(firstPort+n.dialled%10000))
	if n.Admit != nil {
		if refusal := n.Admit(remote); refusal != nil {
			c.segments, c.closed = [][]byte{refusal}, true
			return c
		}
	}
	c.up = c.loop.Open(c, remote)
	return c
}

// Begin starts the next loop, before there is a connection on it.
func (n *Net) Begin() {
	l := &loop{net: n}
	l.Loop = eventloop.NewLoop(len(n.loops), n.Handler, l, n.maxOutbound, n.memory)
	l.CloseStalled(protocol.StallTimeout)
	n.loops = append(n.loops, l)
	l.Start()
}

// soonest returns when there is something to do next; zero: not before something comes.
func (n *Net) soonest() (at time.Time) {
	if len(n.later) > 0 && len(n.loops) > 0 {
		at = n.later[0].at
	}
	for _, l := range n.loops {
		if !l.wakeAt.IsZero() && (at.IsZero() || l.wakeAt.Before(at)) {
			at = l.wakeAt
		}
	}
	return at
}

// Run turns the loops until none has anything to do at this time.
func (n *Net) Run() {
	for busy := true; busy; {
		busy = false
		for len(n.later) > 0 && len(n.loops) > 0 && !n.Now().Before(n.later[0].at) {
			n.loops[0].Post(n.later[0].do)
			n.later = n.later[1:]
		}
		for _, l := range n.loops {
			if l.rung || !l.wakeAt.IsZero() && !n.Now().Before(l.wakeAt) {
				l.rung, busy = false, true
				if !n.Now().Before(l.wakeAt) {
					l.wakeAt = time.Time{}
				}
				l.Turn()
			}
		}
	}
}

// Advance runs the loops while time goes on by d.
func (n *Net) Advance(d time.Duration) {
	end := n.Now().Add(d)
	for {
		n.Run()
		next := end
		if at := n.soonest(); !at.IsZero() && at.Before(next) {
			next = at
		}
		n.clock.advance(next.Sub(n.Now()))
		if next.Equal(end) {
			n.Run()
			return
		}
	}
}

// Stop has the handler say its last words on every loop.
func (n *Net) Stop() {
	for i := len(n.loops) - 1; i >= 0; i-- {
		l := n.loops[i]
		l.Post(func() { n.Handler.Stopping(l.Loop) })
	}
}

// loop drives an eventloop.Loop.
type loop struct {
	*eventloop.Loop
	net    *Net
	rung   bool
	wakeAt time.Time
}

func (l *loop) Ring()              { l.rung = true }
func (l *loop) WakeAt(t time.Time) { l.wakeAt = t }
func (l *loop) Now() time.Time     { return l.net.Now() }

// A Conn is a connection, seen from the client.
type Conn struct {
	Wrote func(b []byte) // is called with what the server has written, when it does; or nil

	loop *loop
	up   *eventloop.Conn

	segments [][]byte // written by the server, not yet read: one per write
	stalled  bool     // the client does not read
	gone     bool     // the client has closed its socket, which the server may not know
	ended    bool     // the server has ended its side
	closed   bool     // by either side
}

// Send sends bytes, which arrive in one piece.
func (c *Conn) Send(b []byte) {
	if !c.closed {
		c.loop.Receive(c.up, b)
	}
}

// Read returns the next bytes that the server wrote in one piece, nil if there
// are none now, and io.EOF if there will be none any more.
func (c *Conn) Read() ([]byte, error) {
	if len(c.segments) > 0 {
		b := c.segments[0]
		c.segments = c.segments[1:]
		return b, nil
	}
	if c.ended || c.closed {
		c.HangUp()
		return nil, io.EOF
	}
	return nil, nil
}

// Stall has the client stop reading: what is written from now on waits.
func (c *Conn) Stall() { c.stalled = true }

// ReadOn has a client read again that has stalled.
func (c *Conn) ReadOn() { c.stalled = false }

// End ends the client's side of the connection: it can still read.
func (c *Conn) End() {
	if !c.closed && !c.loop.EndOfInput(c.up) {
		c.lose(nil)
	}
}

// HangUp closes the connection from the client's side. All that the server learns at
// once is that nothing more will come; the rest when it writes.
func (c *Conn) HangUp() {
	c.gone = true
	c.End()
}

// Reset breaks the connection.
func (c *Conn) Reset() { c.lose(io.ErrUnexpectedEOF) }

func (c *Conn) lose(err error) {
	if !c.closed {
		c.closed = true
		c.loop.Closed(c.up, err)
	}
}

// Write implements eventloop.Socket.
func (c *Conn) Write(b []byte) int {
	switch {
	case c.closed:
		return 0
	case c.gone:
		c.Reset()
		return 0
	case c.stalled:
		return 0
	}
	c.segments = append(c.segments, append([]byte(nil), b...))
	if c.Wrote != nil {
		c.Wrote(b)
	}
	return len(b)
}

// Waiting returns how many bytes wait at the server because the client does not read.
func (c *Conn) Waiting() int { return c.up.Waiting() }

// CloseWrite implements eventloop.Socket.
func (c *Conn) CloseWrite() { c.ended = true }

// Close implements eventloop.Socket.
func (c *Conn) Close() { c.lose(nil) }

// Closed reports whether the connection is closed.
func (c *Conn) Closed() bool { return c.closed }
