package eventloop

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"

	"github.com/panjf2000/gnet/v2"
)

// recordSize is how many bytes a TLS record holds at most.
const recordSize = 16 << 10

// A secureSocket is the lower side of a Conn that speaks TLS. The handler is told of
// the connection when the handshake is over; from then on crypto/tls runs on the loop,
// with a [wire] that never waits.
type secureSocket struct {
	gnetSocket
	tls       *tls.Conn
	handshake *handshake // nil: it is over
	in        []byte     // of gnet's, while it is read
	out       []byte     // encrypted, and not out; when the handshake is over they are the backlog's kept bytes
	records   records    // that come from the client
}

func (s *secureSocket) driver() *gnetLoop { return s.up.loop.driver.(*gnetLoop) }

// begin waits for a client's hello, and so long for all of its handshake.
func (s *secureSocket) begin(l *gnetLoop, patience time.Duration) {
	s.up.loop, s.up.sock, s.up.tls = l.Loop, s, WithTLS
	s.handshake = newHandshake()
	s.handshake.timer = time.AfterFunc(patience, func() { l.Post(s.expire) })
	l.handshakes.add(s)
}

// received takes what has come.
func (s *secureSocket) received(b []byte) gnet.Action {
	h := s.handshake
	if h == nil {
		return s.read(b)
	}
	if h.stage == refused {
		return gnet.None
	}
	if !s.driver().handshakes.put(s, b) {
		s.failed(errEarly)
		return gnet.Close
	}
	if h.stage != greeting {
		return gnet.None
	}
	whole, isTLS := h.hello()
	switch {
	case !isTLS:
		return s.refuse(s.driver().engine.notTLS(s.up.Remote()))
	case whole:
		x := &s.driver().handshakes
		x.enter(s, queued)
		x.waiting = append(x.waiting, s)
		x.next()
	}
	return gnet.None
}

// refuse sends last words and leaves the peer some time to read them: unread input would
// turn a close into a reset.
func (s *secureSocket) refuse(words []byte) gnet.Action {
	s.driver().handshakes.enter(s, refused)
	if s.push(words) != nil || closeWrite(int(s.fd)) != nil {
		return gnet.Close
	}
	s.handshake.timer.Reset(lingerTimeout)
	return gnet.None
}

// shake does the handshake beside the loop.
func (s *secureSocket) shake() {
	s.driver().handshakes.enter(s, shaking)
	s.tls = tls.Server((*wire)(s), s.driver().engine.cfg.TLS)
	go func() {
		err := s.agree()
		s.up.loop.Post(func() { s.shaken(err) })
	}()
}

// agree does the handshake. A panic is a handshake that has failed.
func (s *secureSocket) agree() (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.driver().engine.faulted(p, s.up.Remote())
			err = errFault
		}
	}()
	return s.tls.Handshake()
}

// shaken tells the handler of a connection for which TLS is agreed upon, and what has
// come behind the handshake.
func (s *secureSocket) shaken(err error) {
	l, h := s.driver(), s.handshake
	defer func() {
		if p := recover(); p != nil {
			l.engine.faulted(p, s.up.Remote())
			s.Close()
		}
	}()
	l.handshakes.shaking--
	l.handshakes.next()
	switch {
	case s.up.closed:
		return
	case err != nil:
		s.failed(err)
		if s.half || s.refuse(nil) == gnet.Close { // the alert is on its way
			s.abandon()
		}
		return
	}
	l.handshakes.leave(s)
	s.handshake = nil
	rest, ended := h.rest()
	s.records.shaken()
	l.open(&s.up)
	l.kept(&s.up, len(s.out))
	if s.read(rest) == gnet.Close || ended && !s.up.ended && !l.EndOfInput(&s.up) {
		s.Close()
	}
}

// failed counts a handshake that was in vain, once.
func (s *secureSocket) failed(err error) {
	l := s.driver()
	if s.handshake.stage == refused || l.engine.stopping.Load() {
		return
	}
	l.handshakes.enter(s, refused)
	l.engine.handshakeFailed(s.up.Remote(), err)
}

// expire ends a connection that has taken too long.
func (s *secureSocket) expire() {
	if h := s.handshake; h != nil && !s.up.closed {
		s.failed(errLate)
		s.abandon()
	}
}

// abandon closes a connection of which the handler has not been told.
func (s *secureSocket) abandon() {
	switch {
	case s.up.closed:
	case s.half:
		closeFile(int(s.fd))
		s.left()
	default:
		_ = s.conn.EventLoop().Close(s.conn) // gone is called
	}
}

// left takes a connection out of which the handler has not been told.
func (s *secureSocket) left() {
	l := s.driver()
	s.up.closed = true
	s.handshake.abort()
	l.handshakes.leave(s)
	l.engine.open.Add(-1)
	l.engine.forget(s.up.Remote())
}

// gone is called when gnet has closed its side. What a client sent before it ended its
// own is answered, also if it did not wait for the end of the handshake.
func (s *secureSocket) gone(err error) {
	h := s.handshake
	switch {
	case h == nil:
		s.gnetSocket.gone(err)
	case errors.Is(err, io.EOF) && (h.stage == queued || h.stage == shaking) && s.keepFile():
		h.end()
	default:
		if h.early > 0 { // who ends without a word has looked whether the port is there
			s.failed(errCut)
		}
		s.left()
	}
}

// read decrypts what has come and hands it on. The end of the stream is the same with
// and without a notice before it: a request that is cut off is none.
func (s *secureSocket) read(b []byte) gnet.Action {
	l, c := s.driver(), &s.up
	if l.plain == nil {
		l.plain = make([]byte, recordSize)
	}
	s.in, l.now = b, l.Now()
	defer func() { s.in = nil }()
	for !c.closed && !c.closing && !c.ended {
		n, err := s.tls.Read(l.plain)
		if n > 0 {
			s.records.hadData()
			l.Receive(c, l.plain[:n])
		}
		switch {
		case err == nil:
		case err == noMore{}:
			if c.Waiting() <= l.limit {
				return gnet.None
			}
			l.Closed(c, ErrSlow) // by what TLS has answered by itself
			return gnet.Close
		case err == io.EOF: // which is a notice: the wire has no such end
			if !l.EndOfInput(c) {
				return gnet.Close
			}
		default:
			l.Closed(c, err)
			return gnet.Close
		}
	}
	return gnet.None
}

// Write encrypts as much of b as goes out, and the rest of the last record: one of which the
// socket takes a part cannot be taken back.
func (s *secureSocket) Write(b []byte) (done int) {
	for done < len(b) && len(s.out) == 0 {
		n := min(len(b)-done, recordSize)
		if _, err := s.tls.Write(b[done : done+n]); err != nil {
			s.fail(err)
			break
		}
		done += n
	}
	return done
}

// finish says that no more comes, in the words of TLS.
func (s *secureSocket) finish() {
	_ = s.tls.CloseWrite() // the second time it does nothing
}

// push writes what is encrypted and keeps what the socket does not take.
func (s *secureSocket) push(b []byte) error {
	if len(s.out) == 0 {
		n, err := writeNow(&s.gnetSocket, b)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	s.out = append(s.out, b...)
	if s.handshake == nil {
		s.up.loop.kept(&s.up, len(b))
	}
	return nil
}

// drain writes what was kept, and returns how much of it is out now.
func (s *secureSocket) drain() (written int) {
	if len(s.out) == 0 {
		return 0
	}
	n, err := writeNow(&s.gnetSocket, s.out)
	if err != nil {
		s.fail(err)
		return 0
	}
	if s.out = s.out[n:]; len(s.out) == 0 {
		s.out = nil
	}
	s.up.loop.kept(&s.up, -n)
	return n
}

// A wire is a secureSocket as crypto/tls sees it: the net.Conn that TLS is spoken over.
// In a handshake it is used by a goroutine and waits for input; later it is the loop's.
type wire secureSocket

// noMore is that there is no more input for now. crypto/tls goes on after an error of
// this kind, if it is returned as it is.
type noMore struct{}

func (noMore) Error() string   { return "there is no more input for now" }
func (noMore) Timeout() bool   { return true }
func (noMore) Temporary() bool { return true }

func (w *wire) Read(b []byte) (int, error) {
	if w.handshake != nil {
		return w.handshake.take(b, &w.records)
	}
	switch {
	case w.records.excess(w.up.loop.elapsed()):
		return 0, ErrRekeying
	case len(w.in) == 0:
		return 0, noMore{}
	}
	n := w.records.give(b, w.in)
	w.in = w.in[n:]
	return n, nil
}

func (w *wire) Write(b []byte) (int, error) {
	s := (*secureSocket)(w)
	if s.handshake == nil {
		return len(b), s.push(b)
	}
	words := bytes.Clone(b)
	s.up.loop.Post(func() {
		if !s.up.closed {
			_ = s.push(words) // what fails is found out by the next read
		}
	})
	return len(b), nil
}

func (w *wire) Close() error                     { return nil }
func (w *wire) LocalAddr() net.Addr              { return nil }
func (w *wire) RemoteAddr() net.Addr             { return nil }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
