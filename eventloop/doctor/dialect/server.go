package dialect

import (
	"bytes"
	"context"
	"net"
	"slices"
	"sync"
	"time"

	"parley/eventloop/doctor"
)

// Limits of what a client may do to the doctor.
const (
	maxConns    = 16      // in all; clients that come back do it a few times
	maxRequests = 1000    // in all
	maxBytes    = 4 << 20 // on a connection
	maxTrace    = 4000    // segments that are kept
)

// A Server serves one client on the loopback. If the client connects again, the server
// goes on with the new connection.
type Server struct {
	habits   Habits
	words    Words
	pace     time.Duration
	listener net.Listener
	began    time.Time
	running  sync.WaitGroup
	speaking sync.Mutex // one response goes after the other; it is held while that waits

	mu       sync.Mutex    // of what follows: who drives the client waits for what comes
	changed  chan struct{} // closed when something changes, and replaced
	closed   bool
	conn     net.Conn // the newest one
	conns    int
	gone     bool // the client has closed it
	name     string
	requests []Request
	taken    []bool // of requests: somebody has waited for it
	answered int    // of requests: the first so many
	junk     []byte // what was no JSON
	trace    []doctor.Segment
	wrote    time.Time // when something was last written
}

// Listen returns a server. Two responses are at least pace apart, but for those that a
// habit puts together.
func Listen(h Habits, w Words, pace time.Duration) (*Server, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{habits: h, words: w, pace: pace, listener: l, began: time.Now(), changed: make(chan struct{})}
	s.running.Go(s.accept)
	return s, nil
}

// Addr is where it listens.
func (s *Server) Addr() *net.TCPAddr { return s.listener.Addr().(*net.TCPAddr) }

// Words are what it says.
func (s *Server) Words() Words { return s.words }

// Habits are how it says it.
func (s *Server) Habits() Habits { return s.habits }

// Close ends all connections and waits until nothing runs any more.
func (s *Server) Close() {
	s.listener.Close()
	s.mu.Lock()
	s.closed = true
	if s.conn != nil {
		s.conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.closed || s.conns == maxConns {
			s.mu.Unlock()
			c.Close()
			continue
		}
		if s.conn != nil {
			s.conn.Close()
		}
		s.conn, s.gone, s.name = c, false, ""
		s.conns++
		n := s.conns
		s.remark(n, "the client connects")
		s.wake()
		s.mu.Unlock()
		s.running.Go(func() { s.serve(c, n) })
	}
}

// serve answers a connection until it ends.
func (s *Server) serve(c net.Conn, n int) {
	defer c.Close()
	s.greet()
	var reader doctor.Cutter
	reads, total := 0, 0
	buf := make([]byte, 32<<10)
	for {
		size, err := c.Read(buf)
		if err != nil {
			s.ended(c, n, &reader)
			return
		}
		reads++
		total += size
		list := s.received(n, buf[:size], &reader, reads)
		if len(list) > 0 {
			reads = 0
		}
		for _, q := range list {
			s.answer(q)
			s.mu.Lock()
			s.answered++
			s.wake()
			s.mu.Unlock()
		}
		if total > maxBytes || s.full() {
			s.ended(c, n, &reader)
			return
		}
	}
}

// full reports whether the client has sent more than anybody needs.
func (s *Server) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests) >= maxRequests
}

// received notes what a read has brought, and returns the requests that are complete.
func (s *Server) received(n int, b []byte, r *doctor.Cutter, reads int) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record(n, false, b)
	var list []Request
	for i, v := range r.Push(b) {
		q := readRequest(v)
		q.Conn, q.At, q.Reads, q.Together = n, time.Since(s.began), 1, i > 0
		if i == 0 {
			q.Reads = reads
		}
		list = append(list, q)
	}
	if len(list) > 0 {
		last := &list[len(list)-1]
		last.After = slices.Clone(r.Behind())
	}
	s.requests = append(s.requests, list...)
	s.taken = append(s.taken, make([]bool, len(list))...)
	s.wake()
	return list
}

// ended notes that a connection is over.
func (s *Server) ended(c net.Conn, n int, r *doctor.Cutter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Within() {
		s.junk = append(s.junk, "a request that has no end"...)
	}
	s.junk = append(s.junk, bytes.TrimSpace(r.Behind())...)
	s.remark(n, "the connection is over")
	if s.conn == c {
		s.gone = true
	}
	s.wake()
}

// wake wakes up who waits. The lock is held.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// record keeps bytes of the wire. The lock is held.
func (s *Server) record(n int, sent bool, b []byte) {
	if len(s.trace) < maxTrace {
		s.trace = append(s.trace, doctor.NewSegment(time.Since(s.began), n, sent, b))
	}
}

// remark keeps a remark. The lock is held.
func (s *Server) remark(n int, text string) {
	if len(s.trace) < maxTrace {
		s.trace = append(s.trace, doctor.Segment{At: time.Since(s.began), Conn: n, Note: text})
	}
}

// await waits until something is true, which is looked at with the lock held, or the
// context ends. It reports which of them it was.
func (s *Server) await(ctx context.Context, is func() bool) bool {
	for {
		s.mu.Lock()
		ok, changed := is(), s.changed
		s.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// Connected waits until the client has connected.
func (s *Server) Connected(ctx context.Context) bool {
	return s.await(ctx, func() bool { return s.conns > 0 })
}

// Gone waits until the client has closed its connection.
func (s *Server) Gone(ctx context.Context) bool {
	return s.await(ctx, func() bool { return s.gone })
}

// Await waits for a request that nobody has waited for yet and that is one of those that
// are meant. It gives up when the context ends, or when the connection is over.
func (s *Server) Await(ctx context.Context, meant func(*Request) bool) (Request, bool) {
	found := -1
	s.await(ctx, func() bool {
		for i := range s.requests {
			if !s.taken[i] && meant(&s.requests[i]) {
				s.taken[i], found = true, i
				return true
			}
		}
		return s.gone
	})
	if found < 0 {
		return Request{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[found], true
}

// Answered waits until all requests that have come are answered.
func (s *Server) Answered(ctx context.Context) bool {
	return s.await(ctx, func() bool { return s.answered == len(s.requests) })
}

// Forget has nobody wait for the requests that have come up to now.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.taken {
		s.taken[i] = true
	}
}

// Requests returns all that has come.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Junk is what has come behind the last request and is no JSON.
func (s *Server) Junk() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.junk)
}

// Mark is a place in the trace.
func (s *Server) Mark() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.trace)
}

// Trace returns the bytes that have come and gone since a place.
func (s *Server) Trace(since int) []doctor.Segment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.trace[since:])
}
