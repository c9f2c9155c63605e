package eventloop

import (
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/panjf2000/gnet/v2"

	"parley/eventloop/proxyheader"
)

// DefaultMaxHeaders is how many connections of proxies may be without their header at once.
// A proxy sends it before all else, so there are hardly any; each may take 4 kB.
const DefaultMaxHeaders = 1000

var errHeaderLate = errors.New("the PROXY header took too long")

// An unknownPeer is a connection of a proxy that has not said yet who its client is. When it
// has, another peer takes its place. Until then nobody is told of it: neither the handler,
// nor Admit. It is the loop's.
type unknownPeer struct {
	conn    gnet.Conn
	loop    *gnetLoop
	door    door
	remote  netip.AddrPort // where the proxy is; the zero AddrPort of a Unix socket
	begun   time.Time
	timer   *time.Timer // ends what takes too long
	in      []byte      // what has come of the header
	refused bool        // was sent its last words; what still comes is dropped
	done    bool        // is closed, or another peer is in its place
}

// headers are the peers of one loop who wait for them.
type headers struct {
	most int
	all  map[*unknownPeer]struct{}
}

func newHeaders(most int) headers {
	return headers{most: max(most, 1), all: make(map[*unknownPeer]struct{})}
}

// awaitHeader waits for the header of a connection, or returns what is said to it before it
// is closed.
func (e *engine) awaitHeader(c gnet.Conn, which door, remote netip.AddrPort) (words []byte, in bool) {
	if remote.IsValid() && !slices.ContainsFunc(e.cfg.ProxyFrom, func(p netip.Prefix) bool { return p.Contains(remote.Addr()) }) {
		e.strangers.add(func(n int64) {
			e.cfg.Log.Warn("connections refused: they came to an address for proxies from none that is trusted", "refused", n, "first", remote.Addr().String())
		})
		return e.notProxy(), false
	}
	l := e.loop(c.EventLoop())
	if len(l.headers.all) >= l.headers.most {
		e.full.add(func(n int64) {
			e.cfg.Log.Warn("connections refused: too many wait for a PROXY header", "refused", n, "most", e.cfg.MaxHeaders)
		})
		return e.refusal(), false
	}
	p := &unknownPeer{conn: c, loop: l, door: which, remote: remote, begun: time.Now()}
	p.timer = time.AfterFunc(e.cfg.HandshakeTimeout, func() { l.Post(p.expire) })
	l.headers.all[p] = struct{}{}
	c.SetContext(p)
	return nil, true
}

// received takes what has come.
func (p *unknownPeer) received(b []byte) gnet.Action {
	if p.refused {
		return gnet.None
	}
	if len(p.in) > 0 { // seldom: a proxy sends its header in one piece
		b = append(p.in, b...)
	}
	h, size, err := proxyheader.Parse(b)
	switch {
	case err != nil:
		return p.reject(err)
	case size == 0:
		p.in = append(p.in[:0], b...)
		return gnet.None
	}
	client := h.Client
	if !client.IsValid() {
		client = p.remote
	}
	e := p.loop.engine
	if words := e.repel(client); words != nil {
		return p.refuse(words)
	}
	p.leave()
	next := e.welcome(p.conn, p.door, client, max(e.cfg.HandshakeTimeout-time.Since(p.begun), 0), toldTLS(h))
	if len(b) == size {
		return gnet.None
	}
	return next.received(b[size:])
}

// toldTLS returns what a proxy says of its client's TLS.
func toldTLS(h proxyheader.Header) TLS {
	switch {
	case !h.SaysTLS:
		return UnknownTLS
	case h.TLS:
		return WithTLS
	}
	return NoTLS
}

// reject refuses a connection that has no header which can be used.
func (p *unknownPeer) reject(why error) gnet.Action {
	e := p.loop.engine
	from := "a Unix socket"
	if p.remote.IsValid() {
		from = p.remote.Addr().String()
	}
	e.headless.add(func(n int64) {
		e.cfg.Log.Warn("connections refused: a proxy did not say whom they are from", "refused", n, "first", from, "error", why)
	})
	return p.refuse(e.notProxy())
}

// refuse sends last words and leaves the peer some time to read them, as secureSocket's does.
func (p *unknownPeer) refuse(words []byte) gnet.Action {
	p.refused, p.in = true, nil
	s := gnetSocket{conn: p.conn, fd: int32(p.conn.Fd())}
	if _, err := writeNow(&s, words); err != nil || closeWrite(int(s.fd)) != nil {
		return gnet.Close
	}
	p.timer.Reset(lingerTimeout)
	return gnet.None
}

// expire ends what has taken too long.
func (p *unknownPeer) expire() {
	if p.done || !p.refused && p.reject(errHeaderLate) == gnet.None {
		return
	}
	p.abandon()
}

// abandon closes the connection. gone is called.
func (p *unknownPeer) abandon() { _ = p.conn.EventLoop().Close(p.conn) }

// gone is called when the connection is closed. One who says nothing is no error: so it is
// looked whether the port is there.
func (p *unknownPeer) gone(error) {
	p.leave()
	p.loop.engine.open.Add(-1)
}

// leave takes it from those who wait for a header.
func (p *unknownPeer) leave() {
	p.done, p.in = true, nil
	p.timer.Stop()
	delete(p.loop.headers.all, p)
}

// abandonAll closes those connections.
func (x *headers) abandonAll() {
	for p := range x.all {
		p.abandon()
	}
}
