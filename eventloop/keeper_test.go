package eventloop

import (
	"errors"
	"net/netip"
	"testing"
	"time"
)

// A closer is a Handler that notes why a connection was closed.
type closer struct {
	Handler
	reason error
}

func (*closer) Started(*Loop)               {}
func (*closer) Opened(*Conn)                {}
func (h *closer) Closed(_ *Conn, err error) { h.reason = err }

// A standing is a Driver whose clock goes on when the test says so.
type standing struct{ now time.Time }

func (*standing) Ring()            {}
func (*standing) WakeAt(time.Time) {}
func (d *standing) Now() time.Time { return d.now }

// A recorder is a Socket that keeps a whole record, as TLS does, of which so many bytes can go
// out as there is room for.
type recorder struct {
	conn       *Conn
	size, left int // of a record, and of what is kept of one
	room       int
}

func (s *recorder) CloseWrite() {}
func (s *recorder) Close()      { s.conn.loop.Closed(s.conn, nil) }
func (s *recorder) finish()     {}

func (s *recorder) Write(b []byte) int {
	if s.left > 0 {
		return 0
	}
	n := min(len(b), s.size)
	s.left = n
	s.conn.loop.kept(s.conn, n)
	return n
}

func (s *recorder) drain() int {
	n := min(s.room, s.left)
	s.room, s.left = s.room-n, s.left-n
	s.conn.loop.kept(s.conn, -n)
	return n
}

// What a socket keeps of a record is memory, and waits. A part of it that goes out is progress: the
// connection is closed only when nothing does.
func TestPartsOfRecords(t *testing.T) {
	const stall, size, sent = 10 * time.Second, 1000, 5000
	h, d := new(closer), &standing{time.Unix(1e9, 0)}
	l := NewLoop(0, h, d, 2*sent, NewMemory(0))
	l.CloseStalled(stall)
	l.Start()
	s := &recorder{size: size}
	s.conn = l.Open(s, netip.AddrPort{})
	turn := func(by time.Duration) {
		for end := d.now.Add(by); d.now.Before(end); {
			d.now = d.now.Add(50 * time.Millisecond)
			l.Turn()
		}
	}
	s.conn.Send(make([]byte, sent))
	l.Turn()
	for out := range 15 {
		if n := s.conn.Waiting(); n != sent-out*100 || l.Counts().Backlog < int64(n) {
			t.Fatalf("%d bytes wait and take %d, when %d are out", n, l.Counts().Backlog, out*100)
		}
		s.room = 100
		turn(stall * 9 / 10)
	}
	if h.reason != nil {
		t.Fatalf("a tenth of a record goes out at a time: %v", h.reason)
	}
	turn(2 * stall)
	if !errors.Is(h.reason, ErrStalled) || l.Counts().Backlog != 0 {
		t.Errorf("nothing goes out: %v, and %d bytes are taken", h.reason, l.Counts().Backlog)
	}
}
