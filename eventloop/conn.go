package eventloop

import (
	"errors"
	"net/netip"
	"slices"
	"time"
)

// ErrSlow is why a connection was closed that did not read what it was sent.
var ErrSlow = errors.New("too many bytes wait for a connection that does not read")

const (
	// lingerTimeout is how long the peer of a connection that was closed by us may
	// take to close its side, once everything is out. Closing at once would lose
	// the last words: unread input turns a close into a reset.
	lingerTimeout = time.Second

	// lingerInterval is how often it is looked at.
	lingerInterval = 50 * time.Millisecond

	// lingerStall is how long the peer may take nothing of what is left before it is
	// dropped, where others may take nothing for ever.
	lingerStall = 10 * time.Second
)

// A Conn is a connection. All its methods are for its own loop. Most connections
// do nothing most of the time: what one needs only while it writes or ends is kept
// elsewhere, so that its 120 bytes and those of its socket are one piece of 144.
type Conn struct {
	State any // the handler's own

	id   ConnID
	loop *Loop
	sock Socket
	addr netip.Addr // the peer's

	out     *outbox      // to be written; nil: nothing
	backlog *backlog     // was to be written; nil if the socket took everything
	group   *Group       // the only one that it is in; nil: none, or several
	several *memberships // those that it is in, if they are several; nil: one, or none
	slot    int32        // index in group's members
	port    uint16       // the peer's

	dropped    dropReason
	dirty      bool // in the loop's list
	later      bool // in the loop's other list
	ended      bool // the peer has ended its side
	closing    bool // to be closed once everything is written
	overflowed bool // to be closed at once
	writeEnded bool
	closed     bool
	tls        TLS // of the client
}

// A dropReason is why we closed a connection at once.
type dropReason uint8

const (
	notDropped dropReason = iota
	tooSlow
	tooFull
	tooStill
)

// dropErrors is what the handler is told.
var dropErrors = [...]error{notDropped: nil, tooSlow: ErrSlow, tooFull: ErrFull, tooStill: ErrStalled}

// ID returns the connection's id.
func (c *Conn) ID() ConnID { return c.id }

// Loop returns the loop that it belongs to.
func (c *Conn) Loop() *Loop { return c.loop }

// Remote returns the peer's address, the zero AddrPort of a Unix socket.
func (c *Conn) Remote() netip.AddrPort { return netip.AddrPortFrom(c.addr, c.port) }

// A TLS says whether a client speaks TLS, with the server or with a proxy before it.
type TLS uint8

// What is known of a client's TLS.
const (
	NoTLS      TLS = iota
	WithTLS        // with the server, or a proxy says so
	UnknownTLS     // not with the server, and the proxy before it says nothing of it
)

// TLS returns what is known of the client's TLS.
func (c *Conn) TLS() TLS { return c.tls }

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
	c.append(b)
	return true
}

func (c *Conn) append(b []byte) {
	if c.out == nil {
		c.out = c.loop.outbox()
	}
	c.out.add(c.loop.stampOf(nil), b)
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
	if !c.hold(b) || c.dirty || c.out.heldAt != 0 {
		return
	}
	c.out.heldAt = c.loop.elapsed()
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
		case c.closed || c.out == nil || c.out.heldAt == 0:
		case c.out.heldAt <= due:
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
	l.sendHeldGroups()
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
	c.leaveAll()
	c.loop.forgetAside(c)
	c.closing = true
	c.markDirty()
}

// A lingerer is a connection that was closed by us and waits for its peer.
type lingerer struct {
	conn *Conn
	end  time.Duration // of its time, in the loop's; 0: not everything is out
}

// linger tells the peer that no more will come, as soon as it has everything. One
// that has ended its own side cannot have sent anything that is unread, which
// would turn a close into a reset: nothing is to be waited for.
func (l *Loop) linger(lr *lingerer) {
	c := lr.conn
	if c.backlog == nil && !c.writeEnded && c.finish() {
		c.writeEnded = true
		lr.end = l.elapsed() + lingerTimeout
		if c.ended {
			c.sock.Close()
			return
		}
		c.sock.CloseWrite()
	}
	l.wakeDriver(l.now.Add(lingerInterval))
}

// finish writes what the socket has to say itself at the end, as TLS does. It reports
// whether everything is out.
func (c *Conn) finish() bool {
	if k, is := c.sock.(keeper); is {
		k.finish()
	}
	return c.backlog == nil
}

// checkLingering closes for good what has had its time.
func (l *Loop) checkLingering() {
	if len(l.lingering) == 0 {
		return
	}
	for i := range l.lingering {
		lr := &l.lingering[i]
		if !lr.conn.closed && lr.end > 0 && l.elapsed() >= lr.end {
			lr.conn.sock.Close()
		}
		if !lr.conn.closed {
			l.linger(lr)
		}
	}
	l.lingering = slices.DeleteFunc(l.lingering, func(lr lingerer) bool { return lr.conn.closed })
}
