package eventloop

import (
	"net/netip"
	"sync/atomic"
	"time"
)

// A ConnID names a connection for as long as the process runs. It says which
// loop the connection belongs to, and it is not used again before that loop has had
// four thousand million others: whoever keeps one may find the connection gone, but
// never meets another in its place.
type ConnID uint64

// A ConnID is the loop's index, the connection's index in the loop, of which there
// are more than there can be open files, and a serial number.
const (
	loopBits   = 8
	serialBits = 32
)

// MaxLoops is how many loops there can be.
const MaxLoops = 1 << loopBits

// Loop returns the index of the loop that the connection belongs to.
func (id ConnID) Loop() int { return int(id >> (64 - loopBits)) }

// Index returns the connection's index in its loop, which are small numbers: others have
// it later.
func (id ConnID) Index() int { return int(id << loopBits >> (loopBits + serialBits)) }

// NewConnID returns the id of the connection of a loop that is the serial-th with an index.
func NewConnID(loop, index int, serial uint32) ConnID {
	return ConnID(loop)<<(64-loopBits) | ConnID(index)<<serialBits | ConnID(serial)
}

// A Handler is what runs on the loops. Its methods are called on the loop that
// they are told of, one at a time per loop.
type Handler interface {
	// Started comes before anything else on a loop. Loops are numbered from 0 in
	// the order in which they first have something to do.
	Started(l *Loop)
	Opened(c *Conn)
	// Received gives bytes that are valid until it returns.
	Received(c *Conn, b []byte)
	// Ended says that the peer has ended its side: nothing more is received, but
	// what is sent still arrives if the peer reads on. It is for the handler to
	// close the connection.
	Ended(c *Conn)
	// Closed comes once for every connection that was opened. err is nil if it just
	// ended, ErrSlow, ErrStalled or ErrFull if it was closed for not reading, ErrRekeying
	// for records of TLS without data.
	Closed(c *Conn, err error)
	// Woke comes when the time that was asked for with WakeAt has come.
	Woke(l *Loop)
	// Stopping asks to say what is to be said before the end and to close the
	// connections of this loop. Nothing is opened after it.
	Stopping(l *Loop)
}

// A Driver is what turns a Loop: gnet, or a simulation.
type Driver interface {
	// Ring asks for a Turn soon. It may be called from any goroutine.
	Ring()
	// WakeAt asks for a Turn at t. A second call replaces the first.
	WakeAt(t time.Time)
	Now() time.Time
}

// A Socket is the lower side of a Conn.
type Socket interface {
	// Write takes as much of b as goes out without waiting, and returns how much
	// that is. When it fails the socket has been closed, which Loop.Closed was told
	// meanwhile.
	Write(b []byte) int
	// CloseWrite tells the peer that no more will come.
	CloseWrite()
	Close()
}

// A Loop owns connections and everything that happens on them. It is turned by
// a Driver; but for Post, its methods are called on its own goroutine.
//
// Nothing is written while a handler runs. What handlers send is gathered, and
// once per turn every connection that has something gets it in one write.
type Loop struct {
	index   int
	handler Handler
	driver  Driver
	limit   int           // bytes that may wait for one connection
	stall   time.Duration // for which nothing of them may go out; 0: for ever
	memory  *Memory

	now    time.Time
	began  time.Time // what the loop's own times are counted from
	serial uint32
	conns  []*Conn // by index
	unused []int   // indices of conns

	mail mailbox
	rung atomic.Bool // a Turn has been asked for

	dirty       []*Conn  // have bytes of their own to send, or are to be closed
	later       []*Conn  // have bytes that may wait
	laterGroups []*Group // have shared bytes that may wait
	dirtyGroups []*Group // have shared bytes to send
	dead        []dead   // closed while flushing: the handler is told after it
	flushing    bool
	merge       merge
	spares      spares
	speaker     *Group        // that was sent to last; nil: a connection was
	stamp       int64         // of what is sent now
	blocked     []*Conn       // have a backlog
	blockedSize int64         // bytes of memory that the backlogs take
	aside       map[*Conn]int // bytes that the handler keeps for connections; of most none
	asideSize   int64         // of all these
	lingering   []lingerer    // have been told that no more will come
	handlerWake time.Time
	driverWake  time.Time
	atTurnEnd   func()
	counts      LoopCounts
}

// LoopCounts are what a loop has done since it began, and what waits in it.
type LoopCounts struct {
	Turns   uint64
	Wakes   uint64 // turns in which a time had come that was asked for
	Backlog int64  // bytes that wait for clients: memory for what they do not read, and what is set aside
}

// NewLoop returns a loop that closes connections for which more than
// maxOutbound bytes wait. Its backlogs count in memory, which it may share with
// other loops. The driver is to call Start first.
func NewLoop(index int, h Handler, d Driver, maxOutbound int, memory *Memory) *Loop {
	l := &Loop{index: index, handler: h, driver: d, limit: maxOutbound, memory: memory, aside: make(map[*Conn]int)}
	memory.join(l)
	return l
}

// CloseStalled has connections closed that take nothing of what waits for them for so long;
// 0, as at first, is for ever. For the driver, before Start.
func (l *Loop) CloseStalled(after time.Duration) { l.stall = after }

// Start tells the handler that there is this loop.
func (l *Loop) Start() {
	l.now = l.driver.Now()
	l.began = l.now.Add(-1) // so that no time since then is 0
	l.handler.Started(l)
}

// elapsed is the present time of the loop's own small times: it goes on evenly
// when somebody sets the clock, which nanoseconds since 1970 do not.
func (l *Loop) elapsed() time.Duration { return l.now.Sub(l.began) }

// Index returns the loop's number, from 0 on.
func (l *Loop) Index() int { return l.index }

// Now returns the time at which what is being handled began.
func (l *Loop) Now() time.Time { return l.now }

// Counts returns what the loop has done until now.
func (l *Loop) Counts() LoopCounts {
	counts := l.counts
	counts.Backlog = l.blockedSize + l.asideSize
	return counts
}

// Conn returns the loop's connection of that id, nil if it is gone.
func (l *Loop) Conn(id ConnID) *Conn {
	if i := id.Index(); i < len(l.conns) && l.conns[i] != nil && l.conns[i].id == id {
		return l.conns[i]
	}
	return nil
}

// Post has f run on the loop. It may be called from any goroutine; what one
// goroutine posts runs in the order in which it was posted.
func (l *Loop) Post(f func()) {
	l.mail.put(f)
	l.ring()
}

// AtTurnEnd has f run in each Turn before what is to be written is.
func (l *Loop) AtTurnEnd(f func()) { l.atTurnEnd = f }

// AskTurn asks for a Turn soon.
func (l *Loop) AskTurn() { l.ring() }

// WakeAt asks for the handler's Woke at t. Of several calls the earliest counts.
func (l *Loop) WakeAt(t time.Time) {
	if l.handlerWake.IsZero() || t.Before(l.handlerWake) {
		l.handlerWake = t
		l.wakeDriver(t)
	}
}

func (l *Loop) wakeDriver(t time.Time) {
	if l.driverWake.IsZero() || t.Before(l.driverWake) {
		l.driverWake = t
		l.driver.WakeAt(t)
	}
}

func (l *Loop) ring() {
	if l.rung.CompareAndSwap(false, true) {
		l.driver.Ring()
	}
}

// Open adds a connection. For the driver.
func (l *Loop) Open(s Socket, remote netip.AddrPort) *Conn {
	c := &Conn{sock: s, addr: remote.Addr(), port: remote.Port()}
	l.open(c)
	return c
}

// open is Open with the memory for the connection.
func (l *Loop) open(c *Conn) {
	l.now = l.driver.Now()
	l.serial++
	i := len(l.conns)
	if last := len(l.unused) - 1; last >= 0 {
		i, l.unused = l.unused[last], l.unused[:last]
	} else {
		l.conns = append(l.conns, nil)
	}
	l.conns[i] = c
	c.loop, c.id = l, NewConnID(l.index, i, l.serial)
	l.handler.Opened(c)
}

// Receive hands input to the handler. For the driver.
func (l *Loop) Receive(c *Conn, b []byte) {
	if c.closing || c.closed {
		return
	}
	l.now = l.driver.Now()
	l.handler.Received(c, b)
}

// EndOfInput says that the peer has ended its side of a connection. It reports
// whether the connection goes on, because something is still to be sent or the
// handler has to decide; else the driver closes it. For the driver.
func (l *Loop) EndOfInput(c *Conn) bool {
	if c.closed || c.ended || c.writeEnded {
		return false
	}
	c.ended = true
	if !c.closing {
		l.now = l.driver.Now()
		l.handler.Ended(c)
	}
	return !c.closed
}

// Closed takes a connection out. It may be called by a Socket's Write, in the
// middle of a flush. For the driver.
func (l *Loop) Closed(c *Conn, err error) {
	if c.closed {
		return
	}
	c.closed = true
	if c.dropped != notDropped {
		err = dropErrors[c.dropped]
	}
	l.conns[c.id.Index()] = nil
	l.unused = append(l.unused, c.id.Index())
	if l.flushing {
		l.dead = append(l.dead, dead{c, err})
		return
	}
	l.now = l.driver.Now()
	l.finish(c, err)
}

// dead is a connection that was closed, and why.
type dead struct {
	conn   *Conn
	reason error
}

func (l *Loop) finish(c *Conn, reason error) {
	c.leaveAll()
	c.out = nil
	l.release(c)
	l.forgetAside(c)
	l.handler.Closed(c, reason)
}

// Turn runs what was posted, wakes the handler if it is time and writes what is
// to be written. For the driver.
func (l *Loop) Turn() {
	l.rung.Store(false)
	l.counts.Turns++
	l.now = l.driver.Now()
	for _, f := range l.mail.take() {
		f()
	}
	l.mail.putBack()
	if !l.driverWake.IsZero() && !l.now.Before(l.driverWake) {
		l.driverWake = time.Time{}
		l.counts.Wakes++
		l.wake()
	}
	if l.atTurnEnd != nil {
		l.atTurnEnd()
	}
	l.flush()
	l.relieve()
}

// wake does what is due and asks for the next Turn.
func (l *Loop) wake() {
	if !l.handlerWake.IsZero() && !l.now.Before(l.handlerWake) {
		l.handlerWake = time.Time{}
		l.handler.Woke(l)
	}
	l.checkLingering()
	l.sendHeld()
	l.retryBlocked()
	if !l.handlerWake.IsZero() {
		l.wakeDriver(l.handlerWake)
	}
}
