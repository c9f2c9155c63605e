package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"parley/eventloop/doctor"
)

// A session is a connection of one of the people.
type session struct {
	id     int
	name   string // on the server, once a login was asked for
	in     bool   // the login was not refused
	asked  bool   // for a login, in whatever way: it is to be logged out
	conn   net.Conn
	cutter doctor.Cutter
	queue  []*value // what has come and was not looked at
	closed bool
	lines  bool      // a request with a newline behind it was sent: some servers answer in kind
	glued  int       // segments with several responses
	sent   time.Time // the last request
	gone   chan struct{}
}

// An arrival is what one read has brought.
type arrival struct {
	to   *session
	at   time.Time
	data []byte
	err  error
}

const readSize = 64 << 10 // bytes of one read

// connect makes a connection for somebody. Whoever had the part before has left. A deaf
// one never reads.
func (s *stage) connect(who string, deaf bool) (*session, error) {
	conn, err := s.cfg.First, error(nil)
	if s.cfg.First = nil; conn == nil {
		if conn, err = s.cfg.Dial(s.ctx); err != nil {
			return nil, fmt.Errorf("no connection: %w", err)
		}
	}
	s.made++
	p := &session{id: s.made, conn: conn, gone: make(chan struct{})}
	if old := s.people[who]; old != nil {
		old.hangUp()
	}
	s.people[who] = p
	s.remark(p, "connected")
	if !deaf {
		go p.read(s.came)
	}
	return p, nil
}

func (s *stage) remark(p *session, text string) {
	s.note(doctor.Segment{At: time.Since(s.began), Conn: p.id, Note: text})
}

// read hands over what comes, until the connection ends or nobody wants it any more.
func (p *session) read(came chan<- arrival) {
	buf := make([]byte, readSize)
	for {
		n, err := p.conn.Read(buf)
		a := arrival{to: p, at: time.Now(), data: bytes.Clone(buf[:n]), err: err}
		select {
		case came <- a:
		case <-p.gone:
			return
		}
		if err != nil {
			return
		}
	}
}

// take looks at what has come.
func (p *session) take(s *stage, a arrival) {
	if len(a.data) > 0 {
		s.note(doctor.NewSegment(a.at.Sub(s.began), p.id, false, a.data))
		within := p.cutter.Within()
		values := p.cutter.Push(a.data)
		for _, v := range values {
			p.queue = append(p.queue, newValue(v, a.at))
		}
		if len(values) > 1 {
			p.glued++
		}
		if !s.loaded {
			s.seen.segment(p, a.data, values, within)
		}
	}
	if a.err != nil && !p.closed {
		p.closed = true
		text := "closed by the server"
		if !errors.Is(a.err, io.EOF) {
			text = "ended: " + a.err.Error()
		}
		s.remark(p, text)
	}
}

// send sends bytes, not before the pause behind the request before them is over.
func (p *session) send(s *stage, b []byte) error {
	if left := s.cfg.Gap - time.Since(p.sent); left > 0 {
		s.pause(left)
	}
	return p.write(s, b)
}

// write sends bytes at once. A server that reads nothing has a timeout's time.
func (p *session) write(s *stage, b []byte) error {
	if p.closed {
		return errors.New("the server closed the connection")
	}
	s.note(doctor.NewSegment(time.Since(s.began), p.id, true, b))
	p.asked = p.asked || bytes.Contains(b, []byte(`"login"`))
	p.lines = p.lines || bytes.ContainsAny(b, "\r\n")
	done := make(chan error, 1)
	p.conn.SetWriteDeadline(time.Now().Add(patience * s.cfg.Timeout))
	go func() {
		_, err := p.conn.Write(b)
		done <- err
	}()
	for { // what comes meanwhile is taken, or a server that answers could not read on
		select {
		case err := <-done:
			p.sent = time.Now()
			if err != nil {
				return fmt.Errorf("sending failed: %w", err)
			}
			return nil
		case a := <-s.came:
			a.to.take(s, a)
		}
	}
}

// hangUp ends the connection without a word.
func (p *session) hangUp() {
	if p.conn == nil {
		return
	}
	p.conn.Close()
	select {
	case <-p.gone:
	default:
		close(p.gone)
	}
	p.closed = true
}

// reset ends the connection with a reset where the network has such a thing.
func (p *session) reset() {
	if c, ok := p.conn.(interface{ SetLinger(int) error }); ok {
		c.SetLinger(0)
	}
	p.hangUp()
}
