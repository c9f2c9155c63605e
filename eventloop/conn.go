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

	out   []byte // to be written at the end of the turn
	group *Group
	slot  int // index in the group's members
	from  int // what the group shared before this is not for it

	dirty      bool // in the loop's list
	later      bool // in the loop's other list
	closing    bool // to be closed once everything is written
	writeEnded bool
	closed     bool
	lingerEnd  int64 // in nanoseconds since 1970
	heldAt     int64 // what is to be sent later was held back then; 0: nothing is
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
	if c.closed || c.closing {
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
	c.heldAt = c.loop.now.UnixNano()
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
	due := l.now.Add(-laterDelay).UnixNano()
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
	if c.group == nil || c.from == len(c.group.shared) {
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
	c.lingerEnd = c.loop.now.Add(lingerTimeout).UnixNano()
	c.markDirty()
}

// write gives bytes to the socket.
func (c *Conn) write(b []byte) {
	if c.closed || len(b) == 0 {
		return
	}
	c.sock.Write(b)
	if !c.closed && c.sock.Buffered() > c.loop.limit {
		c.reason = ErrSlow
		c.sock.Close()
	}
}

// A Group is connections of one loop that are sent the same bytes. These are
// kept once, not per member; the order with what members are sent alone holds.
// A connection is in one group at most.
type Group struct {
	loop    *Loop
	members []*Conn
	shared  []byte // of this turn, and what was to be sent later
	dirty   bool   // in the loop's list
	later   bool   // in the loop's other list
}

// NewGroup returns an empty group.
func (l *Loop) NewGroup() *Group { return &Group{loop: l} }

// Len returns the number of members.
func (g *Group) Len() int { return len(g.members) }

// Add makes c a member: it gets what is sent from now on.
func (g *Group) Add(c *Conn) {
	if c.closed || c.closing || c.group != nil {
		return
	}
	c.group, c.slot, c.from = g, len(g.members), len(g.shared)
	g.members = append(g.members, c)
}

// Remove takes c out: it still gets what was sent before.
func (g *Group) Remove(c *Conn) {
	if c.group != g {
		return
	}
	if !c.closed {
		c.takeShared()
	}
	last := len(g.members) - 1
	g.members[c.slot] = g.members[last]
	g.members[c.slot].slot = c.slot
	g.members[last] = nil
	g.members = g.members[:last]
	c.group = nil
}

// Send has b, which is copied once, written at the end of the turn to all
// members but the excepted ones.
func (g *Group) Send(b []byte, except ...*Conn) {
	if g.share(b, except) {
		g.markDirty()
	}
}

// SendLater has b, which is copied once, written to all members but the excepted
// ones, to each with what is sent next or a few milliseconds later. The order
// with what is sent otherwise holds.
func (g *Group) SendLater(b []byte, except ...*Conn) {
	if g.share(b, except) && !g.dirty && !g.later {
		g.later = true
		g.loop.laterGroups = append(g.loop.laterGroups, g)
		g.loop.wakeDriver(g.loop.now.Add(laterDelay))
	}
}

func (g *Group) markDirty() {
	if !g.dirty {
		g.dirty = true
		g.loop.dirtyGroups = append(g.loop.dirtyGroups, g)
		g.loop.ring()
	}
}

// share keeps b for all members but the excepted ones. It returns false if there
// are no members.
func (g *Group) share(b []byte, except []*Conn) bool {
	if len(g.members) == 0 {
		return false
	}
	for _, c := range except {
		if c.group == g {
			c.takeShared()
		}
	}
	g.shared = append(g.shared, b...)
	for _, c := range except {
		if c.group == g {
			c.from = len(g.shared)
		}
	}
	return true
}

// maxKept is the capacity in bytes above which a group's buffer is not kept.
const maxKept = 256 << 10

func (g *Group) flush() {
	for _, c := range g.members {
		pending := g.shared[c.from:]
		c.from = 0
		switch {
		case len(c.out) == 0:
			c.write(pending)
		case len(pending) > 0:
			c.out = append(c.out, pending...)
			c.markDirty() // unless it is; the loop's dirty list comes next
		}
	}
	g.dirty, g.shared = false, g.shared[:0]
	if cap(g.shared) > maxKept {
		g.shared = nil
	}
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
	c.write(c.out)
	l.free(c.out)
	c.out = nil
	if c.closing && !c.closed {
		l.lingering = append(l.lingering, c)
		l.linger(c)
	}
}

// linger tells the peer that no more will come, as soon as it has everything.
func (l *Loop) linger(c *Conn) {
	if c.sock.Buffered() == 0 && !c.writeEnded {
		c.writeEnded = true
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
		if !c.closed && l.now.UnixNano() >= c.lingerEnd {
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
