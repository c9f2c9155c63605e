package eventloop

import (
	"errors"
	"slices"
	"time"
)

// ErrSlow is why a connection was closed that did not read what it was sent.
var ErrSlow = errors.New("too many bytes wait for a connection that does not read")

const (
	// lingerTimeout is how long a connection that was closed by us may take to
	// read what is left and to close its side. Closing at once would lose the
	// last words: unread input turns a close into a reset.
	lingerTimeout = time.Second

	// lingerInterval is how often it is looked at.
	lingerInterval = 50 * time.Millisecond
)

// A Conn is a connection. All its methods are for its own loop.
type Conn struct {
	State any // the handler's own

	id     ConnID
	loop   *Loop
	sock   Socket
	remote string
	reason error // why it was closed, if we did it

	out     []byte   // to be written at the end of the turn
	backlog *backlog // was to be written; nil if the socket took everything
	group   *Group
	slot    int // index in the group's members
	from    int // what the group shared before this is not for it

	dirty      bool // in the loop's list
	later      bool // in the loop's other list
	ended      bool // the peer has ended its side
	closing    bool // to be closed once everything is written
	overflowed bool // to be closed at once
	writeEnded bool
	closed     bool
	lingerEnd  time.Duration // of the loop's time
	heldAt     time.Duration // what is to be sent later was held back then; 0: nothing is
}

// ID returns the connection's id.
func (c *Conn) ID() ConnID { return c.id }

// Loop returns the loop that it belongs to.
func (c *Conn) Loop() *Loop { return c.loop }

// Remote returns the peer's address.
func (c *Conn) Remote() string { return c.remote }

// Send has b, which is copied, written at the end of the turn.
func (c *Conn) Send(b []byte) {
	if c.hold(b) {
		c.markDirty()
	}
}

// hold puts b behind what is to be written. It returns false if nothing is written
// any more.
func (c *Conn) hold(b []byte) bool {
	if c.closed || c.closing || c.overflowed {
		return false
	}
	if c.Waiting()+len(b) > c.loop.limit {
		c.overflow()
		return false
	}
	c.takeShared()
	if c.out == nil {
		c.out = c.loop.buffer()
	}
	c.out = append(c.out, b...)
	return true
}

// laterDelay is how long bytes for which nobody waits are held back, and half of
// how long at most.
const laterDelay = 4 * time.Millisecond

// SendLater has b, which is copied, written together with what is sent next, or
// after a few milliseconds. The order with what is sent otherwise holds. A write
// costs more than all that was done to have something to write: among clients
// that talk to each other in pairs, acknowledgements that wait for the next
// message halve the number of writes.
func (c *Conn) SendLater(b []byte) {
	if !c.hold(b) || c.dirty || c.heldAt != 0 {
		return
	}
	c.heldAt = c.loop.elapsed()
	if !c.later {
		c.later = true
		c.loop.later = append(c.loop.later, c)
		c.loop.wakeDriver(c.loop.now.Add(laterDelay))
	}
}

// sendHeld has what was to be sent later sent now, if it has waited for long
// enough. What came a moment ago waits on: it may be that something is about to
// take it along.
func (l *Loop) sendHeld() {
	due := l.elapsed() - laterDelay
	l.later = slices.DeleteFunc(l.later, func(c *Conn) bool {
		switch {
		case c.closed || c.heldAt == 0:
		case c.heldAt <= due:
			c.markDirty()
		default:
			return false
		}
		c.later = false
		return true
	})
	if len(l.later) > 0 {
		l.wakeDriver(l.now.Add(laterDelay)) // one timer for all: some wait twice as long
	}
	for _, g := range l.laterGroups {
		g.later = false
		if len(g.shared) > 0 {
			g.markDirty()
		}
	}
	l.laterGroups = l.laterGroups[:0]
}

// takeShared puts what its group has shared in this turn before anything that
// is sent to the connection alone.
func (c *Conn) takeShared() {
	if c.group == nil || c.from == len(c.group.shared) || c.overflowed {
		return
	}
	if c.out == nil {
		c.out = c.loop.buffer()
	}
	c.out = append(c.out, c.group.shared[c.from:]...)
	c.from = len(c.group.shared)
	c.markDirty()
}

func (c *Conn) markDirty() {
	if !c.dirty {
		c.dirty = true
		c.loop.dirty = append(c.loop.dirty, c)
		c.loop.ring()
	}
}

// Close closes the connection when all that was sent before is written. What it
// sends from now on is ignored.
func (c *Conn) Close() {
	if c.closed || c.closing {
		return
	}
	if c.group != nil {
		c.group.Remove(c)
	}
	c.closing = true
	c.lingerEnd = c.loop.elapsed() + lingerTimeout
	c.markDirty()
}

// flush writes everything that was sent. A write that fails closes the
// connection, of which the handler is told when no list is being walked; what
// it sends then is written too.
func (l *Loop) flush() {
	for len(l.dirty) > 0 || len(l.dirtyGroups) > 0 || len(l.dead) > 0 {
		l.flushing = true
		for i, g := range l.dirtyGroups {
			g.flush()
			l.dirtyGroups[i] = nil
		}
		l.dirtyGroups = l.dirtyGroups[:0]
		for i, c := range l.dirty {
			l.flushConn(c)
			l.dirty[i] = nil
		}
		l.dirty = l.dirty[:0]
		l.flushing = false
		dead := l.dead
		l.dead = nil
		for _, c := range dead {
			l.bury(c)
		}
	}
}

func (l *Loop) flushConn(c *Conn) {
	c.dirty, c.heldAt = false, 0
	if c.overflowed && !c.closed {
		c.drop(ErrSlow)
	}
	c.write(c.out)
	l.free(c.out)
	c.out = nil
	if c.closing && !c.closed {
		l.lingering = append(l.lingering, c)
		l.linger(c)
	}
}

// linger tells the peer that no more will come, as soon as it has everything. One
// that has ended its own side cannot have sent anything that is unread, which
// would turn a close into a reset: nothing is to be waited for.
func (l *Loop) linger(c *Conn) {
	if c.backlog == nil && !c.writeEnded {
		c.writeEnded = true
		if c.ended {
			c.sock.Close()
			return
		}
		c.sock.CloseWrite()
	}
	l.wakeDriver(l.now.Add(lingerInterval))
}

// checkLingering closes for good what has had its time.
func (l *Loop) checkLingering() {
	if len(l.lingering) == 0 {
		return
	}
	l.lingering = slices.DeleteFunc(l.lingering, func(c *Conn) bool {
		if !c.closed && l.elapsed() >= c.lingerEnd {
			c.sock.Close()
		}
		if !c.closed {
			l.linger(c)
		}
		return c.closed
	})
}

// A loop keeps at most maxSpares buffers of at most maxSpare bytes to use again.
const (
	maxSpares = 64
	maxSpare  = 64 << 10
)

func (l *Loop) buffer() []byte {
	if n := len(l.spare); n > 0 {
		b := l.spare[n-1]
		l.spare = l.spare[:n-1]
		return b
	}
	return make([]byte, 0, 512)
}

func (l *Loop) free(b []byte) {
	if cap(b) > 0 && cap(b) <= maxSpare && len(l.spare) < maxSpares {
		l.spare = append(l.spare, b[:0])
	}
}
