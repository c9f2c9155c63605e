package eventloop

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// DefaultHandshakeTimeout is how long a connection may take until TLS is agreed upon.
	DefaultHandshakeTimeout = 10 * time.Second

	// DefaultMaxHandshakes is how many handshakes may be under way at once: each takes a
	// goroutine and some 30 kB while it waits for its client.
	DefaultMaxHandshakes = 1000

	// DefaultHandshakeInput is how many bytes of a connection may come before its handshake is
	// over. Those of the handshake are a few thousand; what is behind them are a client's first
	// requests. It sends them as soon as the handshake is over on its side, and as many as
	// it likes, while ours may wait for a core: more is kept as long as no more than
	// DefaultHandshakeMemory is kept for all connections of the loop together.
	DefaultHandshakeInput  = 16 << 10
	DefaultHandshakeMemory = 32 << 20
)

var (
	errEarly = errors.New("too much was sent before the TLS handshake was over")
	errLate  = errors.New("the TLS handshake took too long")
	errFault = errors.New("the TLS handshake met a fault of the server")
	errCut   = errors.New("the connection has ended within the TLS handshake")
)

// A stage is how far a connection is that the handler has not been told of.
type stage uint8

const (
	greeting stage = iota // its first record is not complete
	queued                // others are to be done with their handshakes first
	shaking               // a goroutine does the handshake
	refused               // was sent its last words; what still comes is dropped
	stages                // how many there are
)

// A HandshakeCount says how many connections are before the end of their TLS handshake now. It
// may be asked on any goroutine; the zero value is ready.
type HandshakeCount struct{ now [stages]atomic.Int64 }

// Now returns how many have not sent all of their hello, how many wait for their turn, and of
// how many the handshake is under way.
func (n *HandshakeCount) Now() (hello, waiting, running int64) {
	return n.now[greeting].Load(), n.now[queued].Load(), n.now[shaking].Load()
}

// A handshake is what a connection has until TLS is agreed upon. crypto/tls cannot go
// on later with a handshake that lacks input, so a goroutine does it, which waits; all
// after it is done on the loop. What is not guarded is the loop's.
type handshake struct {
	stage stage
	timer *time.Timer // ends what takes too long
	early int         // bytes that have come

	mu   sync.Mutex // the loop puts input, which the goroutine takes
	more sync.Cond
	in   []byte
	err  error // why no more comes; nil: it may
}

func newHandshake() *handshake {
	h := new(handshake)
	h.more.L = &h.mu
	return h
}

// put adds input.
func (h *handshake) put(b []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.in = append(h.in, b...)
	h.more.Signal()
}

// take is Read for the goroutine.
func (h *handshake) take(b []byte, r *records) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.in) == 0 && h.err == nil {
		h.more.Wait()
	}
	if len(h.in) == 0 {
		return 0, h.err
	}
	n := r.give(b, h.in)
	h.in = h.in[n:]
	return n, nil
}

// end says that no more comes than is there.
func (h *handshake) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = io.ErrUnexpectedEOF
	h.more.Signal()
}

// abort says that nothing is wanted any more.
func (h *handshake) abort() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.in, h.err = nil, net.ErrClosed
	h.more.Signal()
}

// rest returns what the goroutine has left, and whether that is all that comes.
func (h *handshake) rest() (b []byte, ended bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.in, h.err != nil
}

// hello looks at what a connection begins with: whether it may be TLS, and whether its
// first record is there, before which no goroutine is spent on it.
func (h *handshake) hello() (whole, isTLS bool) {
	const (
		header   = 5 // bytes: type, version, version, length, length
		isShake  = 22
		versionX = 3 // in SSL 3.0 and all versions of TLS
	)
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.in
	if len(b) == 0 {
		return false, true
	}
	if b[0] != isShake || len(b) > 1 && b[1] != versionX {
		return false, false
	}
	return len(b) >= header && len(b) >= header+(int(b[3])<<8|int(b[4])), true
}

// handshakes are those of one loop.
type handshakes struct {
	most    int                        // may be under way
	own     int                        // bytes that may come for one in any case,
	shared  int                        // and beyond it as long as no more has come for all of them
	shaking int                        // are
	waiting []*secureSocket            // are to begin, the first that came first
	early   int                        // bytes that have come for all of them
	all     map[*secureSocket]struct{} // of which the handler has not been told
	count   *HandshakeCount            // of all loops
}

func newHandshakes(cfg *Config) handshakes {
	return handshakes{most: max(cfg.MaxHandshakes/cfg.Loops, 1), own: cfg.HandshakeInput, shared: cfg.HandshakeMemory, all: make(map[*secureSocket]struct{}), count: cfg.Handshakes}
}

// put hands input to the handshake of a socket. It returns false if that is too much.
func (x *handshakes) put(s *secureSocket, b []byte) bool {
	h := s.handshake
	if h.early+len(b) > x.own && x.early+len(b) > x.shared {
		return false
	}
	h.early += len(b)
	x.early += len(b)
	h.put(b)
	return true
}

// leave takes a socket out whose handshake is over, or in vain.
func (x *handshakes) leave(s *secureSocket) {
	s.handshake.timer.Stop()
	x.early -= s.handshake.early
	delete(x.all, s)
	x.count.now[s.handshake.stage].Add(-1)
}

// add takes one in that has sent nothing yet.
func (x *handshakes) add(s *secureSocket) {
	x.all[s] = struct{}{}
	x.count.now[s.handshake.stage].Add(1)
}

// enter notes how far a socket is.
func (x *handshakes) enter(s *secureSocket, to stage) {
	x.count.now[s.handshake.stage].Add(-1)
	x.count.now[to].Add(1)
	s.handshake.stage = to
}

// next begins as many as may be.
func (x *handshakes) next() {
	for x.shaking < x.most && len(x.waiting) > 0 {
		s := x.waiting[0]
		x.waiting[0], x.waiting = nil, x.waiting[1:]
		if s.up.closed {
			continue
		}
		x.shaking++
		s.shake()
	}
}

// abandonAll closes those connections.
func (x *handshakes) abandonAll() {
	for s := range x.all {
		s.abandon()
	}
}
