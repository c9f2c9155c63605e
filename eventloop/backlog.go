package eventloop

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ErrFull is why a connection was closed that did not read while too much waited
// for all that do not, and most of it for this one.
var ErrFull = errors.New("too many bytes wait for all connections that do not read, and the most for this one")

// ErrStalled is why a connection was closed that did not read anything for too long while
// something waited for it.
var ErrStalled = errors.New("something waits for a connection that reads nothing for too long")

const (
	// retryFirst is after how long it is tried again to write what a socket did not
	// take. As long as nothing goes out the time doubles, up to retryLast. A socket
	// has sendBuffer bytes of its own to send meanwhile, so that a reader of 8 Mbit/s
	// is not held up, and thousands that do not read cost next to nothing.
	retryFirst = 4 * time.Millisecond
	retryLast  = 64 * time.Millisecond

	// A backlog's memory comes in pieces, so that nothing is copied and thrown away as
	// it grows: the first as large as it must be, the others of pieceSize bytes.
	firstPiece = 512
	pieceSize  = 16 << 10

	// A connection for which more waits than the slowPart-th part of what may is a slow
	// one, which is not sent any more what it can do without: there is room for what it
	// cannot, and who is only late loses nothing but presence.
	slowPart = 4
)

// A backlog is what a socket did not take. gnet would keep it, but without a limit,
// without saying when it is out, and only until the peer ends its side.
type backlog struct {
	pieces [][]byte
	done   int           // so much of the first one is out
	size   int           // of what is not
	kept   int           // bytes that the socket has taken, and keeps until they can go out
	moved  time.Duration // when something of it has gone out, or it began, in the loop's time
	nextAt time.Duration // when it is tried again, likewise
	pause  time.Duration
}

// waiting returns how many bytes of it are not out.
func (w *backlog) waiting() int { return w.size + w.kept }

// Waiting returns how many bytes wait for the connection: not written yet, or set aside.
func (c *Conn) Waiting() int {
	n := c.loop.aside[c]
	if c.out != nil {
		n += len(c.out.bytes)
	}
	if c.backlog != nil {
		n += c.backlog.waiting()
	}
	return n
}

// Slow reports whether so much waits for the connection that it is to be spared
// what it can do without.
func (c *Conn) Slow() bool {
	return c.backlog != nil && c.backlog.waiting() > c.loop.limit/slowPart
}

// overflow has the connection closed at the end of the turn: more waits for it
// than may.
func (c *Conn) overflow() {
	c.overflowed = true
	c.out = nil
	c.markDirty()
}

// drop closes the connection at once, for a reason.
func (c *Conn) drop(reason dropReason) {
	c.dropped = reason
	c.sock.Close()
}

// write gives bytes to the socket and keeps what it does not take. They are all that
// is to be written: there is no outbox.
func (c *Conn) write(b []byte) {
	if c.closed || c.overflowed || len(b) == 0 {
		return
	}
	if c.backlog == nil {
		b = b[c.sock.Write(b):]
		if c.closed || len(b) == 0 {
			return
		}
	}
	if c.Waiting()+len(b) > c.loop.limit {
		c.drop(tooSlow)
		return
	}
	c.loop.keep(c, b)
}

// block returns the backlog of c, which begins if there is none.
func (l *Loop) block(c *Conn) *backlog {
	if c.backlog == nil {
		c.backlog = &backlog{moved: l.elapsed(), nextAt: l.elapsed() + retryFirst, pause: retryFirst}
		l.blocked = append(l.blocked, c)
		l.wakeDriver(l.now.Add(retryFirst))
	}
	return c.backlog
}

// A keeper is a Socket that keeps bytes which it has taken, or says by itself, as TLS does with
// what is encrypted. It tells the loop how many with kept.
type keeper interface {
	drain() (written int) // writes what goes out of them without waiting; an error closes the socket
	finish()              // takes what the socket has to say itself at the end
}

// kept notes that c's socket keeps so many bytes more, or less.
func (l *Loop) kept(c *Conn, bytes int) {
	if bytes != 0 && !c.closed {
		l.block(c).kept += bytes
		l.count(bytes)
	}
}

// keep puts b behind what waits for c.
func (l *Loop) keep(c *Conn, b []byte) {
	w := l.block(c)
	w.size += len(b)
	for len(b) > 0 {
		last := len(w.pieces) - 1
		if last < 0 || len(w.pieces[last]) == cap(w.pieces[last]) {
			size := pieceSize
			if last++; last == 0 && len(b) < pieceSize {
				size = max(len(b), firstPiece)
			}
			w.pieces = append(w.pieces, make([]byte, 0, size))
			l.count(size)
		}
		piece := w.pieces[last]
		n := min(len(b), cap(piece)-len(piece))
		w.pieces[last] = append(piece, b[:n]...)
		b = b[n:]
	}
}

// retry writes what the socket takes of what waits for c. Whatever goes out is progress, also
// a part of what the socket keeps.
func (l *Loop) retry(c *Conn) (written int) {
	if k, is := c.sock.(keeper); is {
		written = k.drain()
	}
	for w := c.backlog; !c.closed && w.kept == 0 && w.size > 0; {
		piece := w.pieces[0][w.done:]
		n := c.sock.Write(piece)
		if c.closed {
			break
		}
		written, w.size, w.done = written+n, w.size-n, w.done+n
		if n < len(piece) {
			break
		}
		l.count(-cap(w.pieces[0]))
		w.pieces[0], w.pieces, w.done = nil, w.pieces[1:], 0
	}
	return written
}

// release forgets what waits for c, which is out or in vain.
func (l *Loop) release(c *Conn) {
	if c.backlog != nil {
		l.count(-c.held())
		c.backlog = nil
	}
}

func (l *Loop) count(bytes int) {
	l.blockedSize += int64(bytes)
	l.memory.blocked.Add(int64(bytes))
}

// stallOf returns for how long c may take nothing of what waits for it; 0: for ever.
func (l *Loop) stallOf(c *Conn) time.Duration {
	if l.stall == 0 && c.closing {
		return lingerStall
	}
	return l.stall
}

// retryBlocked tries again to write what sockets did not take.
func (l *Loop) retryBlocked() {
	if len(l.blocked) == 0 {
		return
	}
	now, next := l.elapsed(), time.Duration(0)
	l.flushing = true // a write that fails closes the connection: the handler is told later
	l.blocked = slices.DeleteFunc(l.blocked, func(c *Conn) bool {
		w := c.backlog
		if c.closed || w == nil {
			return true
		}
		if w.nextAt <= now {
			n := l.retry(c)
			if c.closed {
				return true
			}
			if w.waiting() == 0 {
				l.release(c)
				return true
			}
			if w.pause = min(2*w.pause, retryLast); n > 0 {
				w.pause, w.moved = retryFirst, now
			} else if stall := l.stallOf(c); stall > 0 && now-w.moved >= stall {
				c.drop(tooStill)
				return true
			}
			w.nextAt = now + w.pause
		}
		if next == 0 || w.nextAt < next {
			next = w.nextAt
		}
		return false
	})
	l.flushing = false
	if next > 0 {
		l.wakeDriver(l.now.Add(next - now))
	}
}

// Memory is how much may wait for all connections, of one loop or of several: because
// they do not read, or because it is set aside. Its methods may be called from any goroutine.
type Memory struct {
	limit   int64        // in bytes; 0: no limit
	blocked atomic.Int64 // that backlogs take
	aside   atomic.Int64

	mu    sync.Mutex // loops begin one by one
	loops []*Loop
}

// NewMemory returns a Memory of so many bytes, without limit for 0.
func NewMemory(limit int64) *Memory { return &Memory{limit: limit} }

// Used returns how many bytes are taken.
func (m *Memory) Used() int64 { return m.blocked.Load() + m.aside.Load() }

func (m *Memory) join(l *Loop) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loops = append(m.loops, l)
}

// room returns how much backlogs may take beside what is set aside.
func (m *Memory) room() int64 { return max(m.limit-m.aside.Load(), 0) }

// over reports whether backlogs take too much.
func (m *Memory) over() bool { return m.limit > 0 && m.blocked.Load() > m.room() }

// share returns how much one loop's backlogs may take while all take too much.
func (m *Memory) share() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.room() / int64(len(m.loops))
}

// ring has the other loops look: one of them takes more than its share.
func (m *Memory) ring(but *Loop) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.loops {
		if l != but {
			l.ring()
		}
	}
}

// relieve closes connections while too much waits for all together: those for
// which the most waits. They are some that do not read: what is set aside goes out by itself.
func (l *Loop) relieve() {
	if !l.memory.over() {
		return
	}
	for share := l.memory.share(); l.memory.over() && l.blockedSize > share; {
		worst := slices.MaxFunc(l.blocked, func(a, b *Conn) int { return a.held() - b.held() })
		l.flushing = true
		worst.drop(tooFull)
		l.flushing = false
		l.release(worst)
	}
	l.flush() // tells the handler
	if l.memory.over() {
		l.memory.ring(l)
	}
}

// held returns how much memory what waits for the connection takes.
func (c *Conn) held() (bytes int) {
	if c.backlog != nil {
		bytes = c.backlog.kept
		for _, piece := range c.backlog.pieces {
			bytes += cap(piece)
		}
	}
	return bytes
}
