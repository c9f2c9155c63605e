package eventloop

import (
	"errors"
	"io"

	"github.com/panjf2000/gnet/v2"
)

// gnetSocket is the lower side of a Conn over gnet. When the peer ends its side
// gnet closes the connection; the socket outlives that with a file of its own.
type gnetSocket struct {
	up   Conn
	conn gnet.Conn
	fd   int32
	half bool // gnet has closed its side
}

// Write writes past gnet, which would keep what does not go out: without a limit,
// without saying when it is out, and only until the peer ends its side.
func (s *gnetSocket) Write(b []byte) int {
	n, err := writeNow(s, b)
	if err != nil {
		s.fail(err)
	}
	return n
}

// fail closes the socket because of an error.
func (s *gnetSocket) fail(err error) {
	s.up.loop.Closed(&s.up, err) // gnet would say nothing of why
	s.Close()
}

func (s *gnetSocket) CloseWrite() {
	if closeWrite(int(s.fd)) != nil {
		s.Close()
	}
}

func (s *gnetSocket) Close() {
	if !s.half {
		_ = s.conn.EventLoop().Close(s.conn)
		return
	}
	closeFile(int(s.fd))
	s.up.loop.driver.(*gnetLoop).engine.open.Add(-1)
	s.up.loop.Closed(&s.up, nil)
}

// received takes what has come.
func (s *gnetSocket) received(b []byte) gnet.Action {
	s.up.loop.Receive(&s.up, b)
	return gnet.None
}

// gone is called when gnet has closed its side.
func (s *gnetSocket) gone(err error) {
	if errors.Is(err, io.EOF) {
		if s.outlive() {
			return
		}
		err = nil
	}
	s.up.loop.driver.(*gnetLoop).engine.open.Add(-1)
	s.up.loop.Closed(&s.up, err)
}

// outlive keeps the socket, which gnet is about to close because the peer has ended
// its side, open for what is still to be sent. It reports whether there can be
// anything.
func (s *gnetSocket) outlive() bool {
	c := &s.up
	if c.ended { // which TLS has said before
		return !c.closed && !c.writeEnded && s.keepFile()
	}
	return c.loop.EndOfInput(c) && s.keepFile()
}

// keepFile gives the socket a file of its own. It reports whether there was one.
func (s *gnetSocket) keepFile() bool {
	fd, err := s.conn.Dup()
	if err != nil {
		return false
	}
	s.fd, s.half = int32(fd), true
	return true
}
