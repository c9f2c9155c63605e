package eventloop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"
)

// Run listens and turns loops until cfg.Stop is closed; then it has h say its
// last words, and returns. An engine that ends by itself is an error: gnet
// ends so, and says nothing, when it cannot accept because files have run out.
func Run(cfg Config, h Handler) error {
	if cfg.Loops < 1 || cfg.Loops > MaxLoops {
		return fmt.Errorf("%d event loops: there can be 1 to %d", cfg.Loops, MaxLoops)
	}
	if cfg.PeerTimeout == 0 {
		cfg.PeerTimeout = DefaultPeerTimeout
	}
	if cfg.MaxHandshakes == 0 {
		cfg.MaxHandshakes = DefaultMaxHandshakes
	}
	if cfg.Handshakes == nil {
		cfg.Handshakes = new(HandshakeCount)
	}
	if cfg.HandshakeInput == 0 {
		cfg.HandshakeInput = DefaultHandshakeInput
	}
	if cfg.HandshakeMemory == 0 {
		cfg.HandshakeMemory = DefaultHandshakeMemory
	}
	if cfg.HandshakeTimeout == 0 {
		cfg.HandshakeTimeout = DefaultHandshakeTimeout
	}
	if cfg.MaxHeaders == 0 {
		cfg.MaxHeaders = DefaultMaxHeaders
	}
	if len(cfg.ListenTLS)+len(cfg.ListenProxyTLS) > 0 && cfg.TLS == nil {
		return errors.New("there is no certificate to listen with TLS")
	}
	if cfg.TLS != nil {
		cfg.TLS = cfg.TLS.Clone()
		cfg.TLS.DynamicRecordSizingDisabled = true // each record is a write
	}
	files, err := raiseFileLimit()
	if err != nil {
		return err
	}
	own := cmp.Or(cfg.OtherFiles, DefaultOtherFiles) + cfg.Loops*2 // a loop has a poller and its doorbell
	for _, a := range slices.Concat(cfg.Listen, cfg.ListenTLS, cfg.ListenProxy, cfg.ListenProxyTLS) {
		own += filesOf(a, cfg.Loops)
	}
	if files <= own {
		return fmt.Errorf("%d files may be open, and the server needs more than %d: raise that limit (ulimit -n), or have fewer loops", files, own)
	}
	if most := files - own; cfg.MaxConns <= 0 || cfg.MaxConns > most {
		cfg.MaxConns = most
	}
	doors, err := openDoors(&cfg)
	if err != nil {
		return err
	}
	defer doors.close()
	e := &engine{cfg: cfg, handler: h, doors: doors, memory: NewMemory(cfg.MaxOutboundTotal),
		loops: make(map[gnet.EventLoop]*gnetLoop), booted: make(chan struct{}), over: make(chan struct{})}
	return e.run()
}

// engine is the gnet side of all loops.
type engine struct {
	gnet.BuiltinEventEngine
	cfg       Config
	handler   Handler
	doors     *doors
	memory    *Memory
	gnet      gnet.Engine
	booted    chan struct{} // closed when gnet has all its loops
	over      chan struct{} // closed when there is none any more
	open      atomic.Int64  // connections
	full      tally         // connections that were refused because too many are open
	repelled  tally         // because of their address
	strangers tally         // because they come from no proxy
	headless  tally         // because of a proxy's header
	tlsless   tally         // because they do not speak TLS where it is spoken
	unshaken  tally         // because their TLS handshake has failed
	stopping  atomic.Bool

	// gnet does not tell its loops before something happens on them, and tells
	// it on each loop's own goroutine, hence a mutex. It is held when a
	// connection opens.
	mu    sync.Mutex
	loops map[gnet.EventLoop]*gnetLoop
}

// run turns the loops until they are to end.
func (e *engine) run() error {
	options := []gnet.Option{
		gnet.WithNumEventLoop(e.cfg.Loops),
		gnet.WithReuseAddr(true), // or a restart fails while old sockets are in TIME_WAIT
		gnet.WithReusePort(true), // connections open on the loop that accepts: one refused frees its file at once
		gnet.WithTCPNoDelay(gnet.TCPNoDelay),
		gnet.WithTCPKeepAlive(keepIdle(e.cfg.PeerTimeout)),
		gnet.WithTCPKeepInterval(keepInterval(e.cfg.PeerTimeout)),
		gnet.WithTCPKeepCount(keepCount),
		gnet.WithSocketSendBuffer(sendBuffer),
		gnet.WithTicker(true),
		gnet.WithLoadBalancing(gnet.LeastConnections), // of those from Unix sockets; the default would race
		gnet.WithLogger(gnetLogger{e.cfg.Log}),
	}
	if len(e.doors.tcp) == 0 {
		return e.runWithoutTCP(options)
	}
	if !gnetSharesPorts(e.cfg.Loops) || !e.doors.sharePorts() {
		e.doors.yield()
	}
	ended := make(chan error, 1)
	go func() { ended <- gnet.Rotate(e, e.doors.gnetAddrs(), options...) }()
	select {
	case err := <-ended:
		return endedByItself(err)
	case <-e.booted:
	}
	accepted := e.acceptOwn(func(c net.Conn, a admitted) error {
		opened, err := e.gnet.Register(gnet.NewNetConnContext(gnet.NewContext(context.Background(), a), c))
		if err != nil {
			return err
		}
		select {
		case r := <-opened:
			return r.Err
		case <-e.over:
			return net.ErrClosed
		}
	})
	select {
	case err := <-ended:
		close(e.over)
		e.doors.close()
		accepted.Wait()
		return endedByItself(err)
	case <-e.cfg.Stop:
	}
	e.drain(accepted)
	go func() { _ = e.gnet.Stop(context.Background()) }() // polls; the end of Rotate comes sooner
	err := <-ended
	e.closeHalves()
	return err
}

// runWithoutTCP is run where gnet has nothing to listen on, which only its Client
// can bear.
func (e *engine) runWithoutTCP(options []gnet.Option) error {
	loops, err := gnet.NewClient(e, options...)
	if err != nil {
		return err
	}
	if err := loops.Start(); err != nil {
		return err
	}
	accepted := e.acceptOwn(func(c net.Conn, a admitted) error {
		_, err := loops.EnrollContext(c, a)
		return err
	})
	<-e.cfg.Stop
	e.drain(accepted)
	err = loops.Stop()
	e.closeHalves()
	return err
}

func endedByItself(err error) error {
	if err == nil {
		err = errors.New("the event loop ended by itself; have open files run out?")
	}
	return err
}

// OnBoot comes when gnet listens for its first loop.
func (e *engine) OnBoot(g gnet.Engine) gnet.Action {
	e.gnet = g
	e.doors.yield()
	if e.cfg.Listening != nil {
		e.cfg.Listening(e.doors.addrs)
	}
	return gnet.None
}

// OnTick comes for the first time when gnet has all its loops, of which it says nothing
// else; no second time is needed.
func (e *engine) OnTick() (time.Duration, gnet.Action) {
	close(e.booted)
	return math.MaxInt64, gnet.None
}

// closeHalves closes what gnet does not know of, when the loops have ended.
func (e *engine) closeHalves() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, l := range e.loops {
		for _, c := range l.conns {
			if c != nil {
				c.sock.Close()
			}
		}
	}
}

// loop returns ours for gnet's. A loop is not found before it was started.
func (e *engine) loop(g gnet.EventLoop) *gnetLoop {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.loops[g]
	if l == nil {
		l = &gnetLoop{engine: e, gnet: g, handshakes: newHandshakes(&e.cfg), headers: newHeaders(e.cfg.MaxHeaders / e.cfg.Loops)}
		l.Loop = NewLoop(len(e.loops), e.handler, l, e.cfg.MaxOutbound, e.memory)
		l.CloseStalled(e.cfg.Stall)
		e.loops[g] = l
		l.Start()
	}
	return l
}

func (e *engine) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	room, known := c.Context().(admitted)
	c.SetContext(nil)
	switch {
	case !known && e.stopping.Load():
		return e.ending(), gnet.Close
	case !known && !e.admit():
		return e.refusal(), gnet.Close
	}
	remote := remoteOf(c)
	if remote.IsValid() {
		setPeerTimeout(c.Fd(), e.cfg.PeerTimeout)
	}
	which := room.door
	if !known {
		which = e.doors.at(c.LocalAddr())
	}
	words, in := e.meet(c, which, remote)
	if !in {
		e.open.Add(-1)
		return words, gnet.Close
	}
	return nil, gnet.None
}

// meet begins with a connection for which there is room, or returns what is said to it
// before it is closed.
func (e *engine) meet(c gnet.Conn, which door, remote netip.AddrPort) (words []byte, in bool) {
	if which.proxy {
		return e.awaitHeader(c, which, remote)
	}
	if refusal := e.repel(remote); refusal != nil {
		return refusal, false
	}
	e.welcome(c, which, remote, e.cfg.HandshakeTimeout, NoTLS)
	return nil, true
}

// welcome begins with a connection that is let in. Its handshake may take so long. before is
// the TLS that the client speaks with a proxy before us.
func (e *engine) welcome(c gnet.Conn, which door, remote netip.AddrPort, patience time.Duration, before TLS) peer {
	l := e.loop(c.EventLoop())
	lower := gnetSocket{conn: c, fd: int32(c.Fd())}
	if remote.IsValid() {
		lower.up.addr, lower.up.port = remote.Addr(), remote.Port()
	}
	if which.tls {
		s := &secureSocket{gnetSocket: lower}
		c.SetContext(s)
		s.begin(l, patience)
		return s
	}
	s := &lower
	s.up.sock, s.up.tls = s, before
	c.SetContext(s)
	l.open(&s.up)
	return s
}

// remoteOf returns the peer's address, the zero AddrPort of a Unix socket.
func remoteOf(c gnet.Conn) netip.AddrPort {
	a, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	peer := a.AddrPort()
	return netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port())
}

// A peer is what gnet's connections have as their context.
type peer interface {
	received(b []byte) gnet.Action // b is valid until it returns
	gone(err error)
}

// OnTraffic hands on what has come. What reads it before the handler does, such as TLS, costs no more
// than the connection if it panics.
func (e *engine) OnTraffic(c gnet.Conn) (then gnet.Action) {
	s, ok := c.Context().(peer)
	if !ok {
		return gnet.Close
	}
	defer func() {
		if p := recover(); p != nil {
			e.faulted(p, remoteOf(c))
			then = gnet.Close
		}
	}()
	b, err := c.Next(-1)
	if err != nil || len(b) == 0 {
		return gnet.None
	}
	return s.received(b)
}

// faulted notes a panic that costs a connection. It is called while the stack is still its own.
func (e *engine) faulted(p any, remote netip.AddrPort) {
	e.cfg.Log.Error("what has come from a connection cannot be read", "remote", remote, "panic", p, "stack", string(debug.Stack()))
	if e.cfg.Faulted != nil {
		e.cfg.Faulted()
	}
}

func (e *engine) OnClose(c gnet.Conn, err error) gnet.Action {
	if s, ok := c.Context().(peer); ok { // else it was refused
		s.gone(err)
	}
	return gnet.None
}

// gnetLoop drives a Loop.
type gnetLoop struct {
	*Loop
	engine *engine
	gnet   gnet.EventLoop
	timer  *time.Timer

	handshakes handshakes
	headers    headers
	plain      []byte // for what one TLS record holds; nil: there was none yet
}

// Run is what the doorbell runs.
func (l *gnetLoop) Run(context.Context) error {
	l.Turn()
	return nil
}

// Ring asks gnet for a Turn. It runs after the sockets that are ready now, so
// that what they all bring about goes out in one write per connection.
func (l *gnetLoop) Ring() { _ = l.gnet.Execute(context.Background(), l) }

// WakeAt has a timer ring. gnet has none: its ticker runs beside the loop, and
// Schedule is not supported.
func (l *gnetLoop) WakeAt(t time.Time) {
	d := time.Until(t)
	if l.timer == nil {
		l.timer = time.AfterFunc(d, l.ring)
		return
	}
	l.timer.Reset(d)
}

func (l *gnetLoop) Now() time.Time { return time.Now() }

// gnetLogger passes gnet's words on. gnet keeps its logger for the whole
// process and has one of its own unless it is given one.
type gnetLogger struct{ log *slog.Logger }

func (g gnetLogger) Debugf(format string, args ...any) { g.log.Debug(fmt.Sprintf(format, args...)) }
func (g gnetLogger) Infof(format string, args ...any)  { g.log.Debug(fmt.Sprintf(format, args...)) }
func (g gnetLogger) Warnf(format string, args ...any)  { g.log.Warn(fmt.Sprintf(format, args...)) }
func (g gnetLogger) Errorf(format string, args ...any) { g.log.Error(fmt.Sprintf(format, args...)) }
func (g gnetLogger) Fatalf(format string, args ...any) { g.log.Error(fmt.Sprintf(format, args...)) }
