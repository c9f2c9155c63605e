package eventloop

import (
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
		s.up.loop.Closed(&s.up, err) // gnet would say nothing of why
		s.Close()
	}
	return n
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

// outlive keeps the socket, which gnet is about to close because the peer has ended
// its side, open for what is still to be sent. It reports whether there can be
// anything.
func (s *gnetSocket) outlive() bool {
	if !s.up.loop.EndOfInput(&s.up) {
		return false
	}
	fd, err := s.conn.Dup()
	if err != nil {
		return false
	}
	s.fd, s.half = int32(fd), true
	return true
}
