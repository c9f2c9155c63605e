package transport

import (
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"parley/p2p"
	"parley/protocol"
)

const (
	readBuffer  = 16 << 10 // bytes, one TLS record
	writeBuffer = 16 << 10 // bytes: what waits is joined up to this
)

// A link is a connection to a peer whose key is right. reader and writer are its
// goroutines; the fields of the last group are guarded by the mutex of the
// Transport.
type link struct {
	t       *Transport
	attempt *attempt
	id      p2p.LinkID
	path    p2p.Path
	words   []string

	raw     net.Conn // to close, and for deadlines
	sealed  *tls.Conn
	queue   chan []byte
	closing chan struct{} // is closed by close
	read    chan struct{} // is closed when reader has ended

	closed bool        // close was called
	timer  *time.Timer // ends a close that takes too long
	cause  error       // the first thing that went wrong
}

// newLink begins a link, unless its attempt is over.
func (t *Transport) newLink(a *attempt, raw net.Conn, sealed *tls.Conn, path p2p.Path, words []string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.ctx.Err() != nil || t.stopped {
		return errOver
	}
	t.lastLink++
	l := &link{
		t: t, attempt: a, id: t.lastLink, path: path, words: words, raw: raw, sealed: sealed,
		queue: make(chan []byte, maxQueue), closing: make(chan struct{}), read: make(chan struct{}),
	}
	t.links[l.id] = l
	a.live++
	a.conns++
	t.work.Go(l.reader)
	t.work.Go(l.writer)
	return nil
}

// close ends a link. The caller holds the mutex.
func (l *link) close() {
	if l.closed {
		return
	}
	l.closed = true
	close(l.closing)
	l.timer = time.AfterFunc(l.t.cfg.CloseTimeout, func() { l.raw.Close() })
}

// fail ends a link because of what went wrong.
func (l *link) fail(err error) {
	l.t.mu.Lock()
	if l.cause == nil {
		l.cause = err
	}
	l.t.mu.Unlock()
	l.raw.Close()
}

// reader reports the link, what comes on it, and its end. After close it reads on
// and reports nothing.
func (l *link) reader() {
	linked := p2p.Link{ID: l.id, Session: l.attempt.plan.Session, Path: l.path, Words: l.words}
	l.t.emit(l.closing, p2p.Event{Kind: p2p.Linked, Link: linked})
	scanner := protocol.NewScanner(protocol.MaxFrame)
	buf := make([]byte, readBuffer)
	for {
		n, err := l.sealed.Read(buf)
		if e := l.take(scanner, buf[:n]); e != nil {
			err = e
		}
		if err != nil {
			l.fail(err)
			break
		}
	}
	close(l.read)
	l.gone()
}

// take reports the frames in what was read.
func (l *link) take(scanner *protocol.Scanner, b []byte) error {
	for len(b) > 0 {
		frame, n, bad := scanner.Scan(b)
		if bad != nil {
			return fmt.Errorf("the other side sent what is no frame: %w", bad)
		}
		b = b[n:]
		if frame == nil {
			continue
		}
		r, bad := protocol.DecodeResponse(frame)
		if bad != nil {
			return fmt.Errorf("the other side sent what is no frame: %w", bad)
		}
		if !l.t.emit(l.closing, p2p.Event{Kind: p2p.Received, ID: l.id, Response: r}) {
			return nil
		}
	}
	return nil
}

// gone takes the link out of all lists and reports that, if nobody wanted it.
func (l *link) gone() {
	l.t.mu.Lock()
	delete(l.t.links, l.id)
	l.attempt.live--
	l.attempt.conns--
	l.attempt.ring()
	if l.timer != nil {
		l.timer.Stop()
	}
	err, closed := l.cause, l.closed
	l.t.mu.Unlock()
	if !closed {
		l.t.emit(l.closing, p2p.Event{Kind: p2p.Lost, ID: l.id, Err: plain(err)})
	}
}

// writer writes what is queued, joined.
func (l *link) writer() {
	var buf []byte
	for {
		select {
		case frame := <-l.queue:
			buf = l.join(append(buf[:0], frame...))
			l.raw.SetWriteDeadline(time.Now().Add(l.t.cfg.WriteTimeout))
			if _, err := l.sealed.Write(buf); err != nil {
				l.fail(err)
				return
			}
		case <-l.closing:
			l.finish(buf)
			return
		case <-l.read:
			return
		}
	}
}

// join appends frames that wait, as far as they fit.
func (l *link) join(buf []byte) []byte {
	for len(buf) < writeBuffer {
		select {
		case frame := <-l.queue:
			buf = append(buf, frame...)
		default:
			return buf
		}
	}
	return buf
}

// finish writes what was queued before close, says that it is all, and waits for
// the other side to have read it: what comes from it meanwhile would else make
// TCP take back what was sent.
func (l *link) finish(buf []byte) {
	defer l.raw.Close()
	l.raw.SetWriteDeadline(time.Now().Add(l.t.cfg.CloseTimeout))
	for {
		if buf = l.join(buf[:0]); len(buf) == 0 {
			break
		}
		if _, err := l.sealed.Write(buf); err != nil {
			return
		}
	}
	if l.sealed.CloseWrite() == nil && !l.path.Relay {
		<-l.read // the timer of close ends this too
	}
}
