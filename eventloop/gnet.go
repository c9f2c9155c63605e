package eventloop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"
)

// A Config says how to run loops over gnet.
type Config struct {
	Listen      []string        // addresses: HOST:PORT or unix:PATH
	Loops       int             // event loops, 1 to MaxLoops
	MaxConns    int             // connections at most; 0: as many as there may be open files
	MaxOutbound int             // bytes that may wait for one connection
	Refusal     []byte          // sent to a connection that is refused
	Log         *slog.Logger    //
	Listening   func([]string)  // told the addresses, with real ports, when clients can connect
	Stop        <-chan struct{} // closed to end
}

const (
	// reservedFiles of those that may be open are not for connections: standard
	// streams, listeners, pollers, files of the program's own.
	reservedFiles = 64

	// drainTimeout is how long connections may take to be told of the end.
	drainTimeout = time.Second

	// drainInterval is how often it is checked whether all of them are gone.
	drainInterval = 5 * time.Millisecond

	// sendBuffer is each socket's, in bytes. Without a limit the kernel takes
	// megabytes for a client that does not read before we notice.
	sendBuffer = 64 << 10

	// A connection that is silent for keepAlive is asked by TCP whether the peer
	// is still there, keepCount times with keepInterval between them: a dead one
	// is dropped after 75 s.
	keepAlive    = 30 * time.Second
	keepInterval = 15 * time.Second
	keepCount    = 3
)

// Run listens and turns loops until cfg.Stop is closed; then it has h say its
// last words, and returns. An engine that ends by itself is an error: gnet
// ends so, and says nothing, when it cannot accept because files have run out.
func Run(cfg Config, h Handler) error {
	if cfg.Loops < 1 || cfg.Loops > MaxLoops {
		return fmt.Errorf("%d event loops: there can be 1 to %d", cfg.Loops, MaxLoops)
	}
	var addrs, real []string
	for _, a := range cfg.Listen {
		g, r, err := resolve(a)
		if err != nil {
			return err
		}
		addrs, real = append(addrs, g), append(real, r)
	}
	files, err := raiseFileLimit()
	if err != nil {
		return err
	}
	if most := files - reservedFiles; cfg.MaxConns <= 0 || cfg.MaxConns > most {
		cfg.MaxConns = most
	}
	e := &engine{cfg: cfg, handler: h, addrs: real, loops: make(map[gnet.EventLoop]*gnetLoop)}
	ended := make(chan error, 1)
	go func() {
		ended <- gnet.Rotate(e, addrs,
			gnet.WithNumEventLoop(cfg.Loops),
			gnet.WithReuseAddr(true), // or a restart fails while old sockets are in TIME_WAIT
			gnet.WithReusePort(true), // connections open on the loop that accepts: one refused frees its file at once
			gnet.WithTCPNoDelay(gnet.TCPNoDelay),
			gnet.WithTCPKeepAlive(keepAlive),
			gnet.WithTCPKeepInterval(keepInterval),
			gnet.WithTCPKeepCount(keepCount),
			gnet.WithSocketSendBuffer(sendBuffer),
			gnet.WithLogger(gnetLogger{cfg.Log}))
	}()
	select {
	case err := <-ended:
		if err == nil {
			err = errors.New("the event loop ended by itself; have open files run out?")
		}
		return err
	case <-cfg.Stop:
	}
	e.drain()
	go func() { _ = e.gnet.Stop(context.Background()) }() // polls; the end of Rotate comes sooner
	return <-ended
}

// engine is the gnet side of all loops.
type engine struct {
	gnet.BuiltinEventEngine
	cfg      Config
	handler  Handler
	addrs    []string
	gnet     gnet.Engine
	open     atomic.Int64 // connections
	stopping atomic.Bool

	// gnet does not tell its loops before something happens on them, and tells
	// it on each loop's own goroutine, hence a mutex. It is held when a
	// connection opens.
	mu    sync.Mutex
	loops map[gnet.EventLoop]*gnetLoop
}

func (e *engine) OnBoot(g gnet.Engine) gnet.Action {
	e.gnet = g
	if e.cfg.Listening != nil {
		e.cfg.Listening(e.addrs)
	}
	return gnet.None
}

// drain has every loop say its last words and waits until they are out.
func (e *engine) drain() {
	e.stopping.Store(true)
	e.mu.Lock()
	loops := make([]*Loop, len(e.loops))
	for _, l := range e.loops {
		loops[l.index] = l.Loop
	}
	e.mu.Unlock()
	for i := len(loops) - 1; i >= 0; i-- { // loop 0 may speak to the others
		loops[i].Post(func() { e.handler.Stopping(loops[i]) })
	}
	deadline := time.After(drainTimeout)
	tick := time.NewTicker(drainInterval)
	defer tick.Stop()
	for e.open.Load() > 0 {
		select {
		case <-deadline:
			return
		case <-tick.C:
		}
	}
}

// loop returns ours for gnet's. A loop is not found before it was started.
func (e *engine) loop(g gnet.EventLoop) *gnetLoop {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.loops[g]
	if l == nil {
		l = &gnetLoop{gnet: g}
		l.Loop = NewLoop(len(e.loops), e.handler, l, e.cfg.MaxOutbound)
		e.loops[g] = l
		l.Start()
	}
	return l
}

func (e *engine) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	if e.stopping.Load() {
		return nil, gnet.Close
	}
	if int(e.open.Load()) >= e.cfg.MaxConns {
		e.cfg.Log.Warn("connection refused: too many are open", "remote", address(c), "most", e.cfg.MaxConns)
		return e.cfg.Refusal, gnet.Close
	}
	e.open.Add(1)
	l := e.loop(c.EventLoop())
	s := &gnetSocket{conn: c}
	c.SetContext(s)
	s.up = l.Open(s, address(c))
	return nil, gnet.None
}

func address(c gnet.Conn) string {
	if a := c.RemoteAddr(); a != nil && a.String() != "" {
		return a.String()
	}
	return "unix"
}

func (e *engine) OnTraffic(c gnet.Conn) gnet.Action {
	s, ok := c.Context().(*gnetSocket)
	if !ok {
		return gnet.Close
	}
	b, err := c.Next(-1)
	if err == nil && len(b) > 0 {
		s.up.loop.Receive(s.up, b)
	}
	return gnet.None
}

func (e *engine) OnClose(c gnet.Conn, err error) gnet.Action {
	s, ok := c.Context().(*gnetSocket)
	if !ok {
		return gnet.None // was refused
	}
	e.open.Add(-1)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	s.up.loop.Closed(s.up, err)
	return gnet.None
}

// gnetLoop drives a Loop.
type gnetLoop struct {
	*Loop
	gnet  gnet.EventLoop
	timer *time.Timer
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

// gnetSocket is the lower side of a Conn over gnet.
type gnetSocket struct {
	conn gnet.Conn
	up   *Conn
}

func (s *gnetSocket) Write(b []byte) { _, _ = s.conn.Write(b) } // closes the connection when it fails
func (s *gnetSocket) Buffered() int  { return s.conn.OutboundBuffered() }
func (s *gnetSocket) Close()         { _ = s.conn.EventLoop().Close(s.conn) }

func (s *gnetSocket) CloseWrite() {
	if closeWrite(s.conn.Fd()) != nil {
		s.Close()
	}
}

// gnetLogger passes gnet's words on. gnet keeps its logger for the whole
// process and has one of its own unless it is given one.
type gnetLogger struct{ log *slog.Logger }

func (g gnetLogger) Debugf(format string, args ...any) { g.log.Debug(fmt.Sprintf(format, args...)) }
func (g gnetLogger) Infof(format string, args ...any)  { g.log.Debug(fmt.Sprintf(format, args...)) }
func (g gnetLogger) Warnf(format string, args ...any)  { g.log.Warn(fmt.Sprintf(format, args...)) }
func (g gnetLogger) Errorf(format string, args ...any) { g.log.Error(fmt.Sprintf(format, args...)) }
func (g gnetLogger) Fatalf(format string, args ...any) { g.log.Error(fmt.Sprintf(format, args...)) }
