package eventloop_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/eventloop"
)

// deadline is for what must happen; a test that meets it has failed.
const deadline = 10 * time.Second

// running is a set of loops over gnet.
type running struct {
	addr  string
	addrs []string
	stop  func()
	ended chan error
}

// run starts loops and stops them at the end of the test.
func run(t testing.TB, h eventloop.Handler, cfg eventloop.Config) running {
	t.Helper()
	if cfg.Listen == nil {
		cfg.Listen = []string{"127.0.0.1:0"}
	}
	if cfg.Loops == 0 {
		cfg.Loops = 1
	}
	if cfg.MaxOutbound == 0 {
		cfg.MaxOutbound = 1 << 20
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	stop, listening := make(chan struct{}), make(chan []string, 1)
	cfg.Stop, cfg.Listening = stop, func(addrs []string) { listening <- addrs }
	r := running{stop: sync.OnceFunc(func() { close(stop) }), ended: make(chan error, 1)}
	go func() { r.ended <- eventloop.Run(cfg, h); close(r.ended) }()
	select {
	case r.addrs = <-listening:
		r.addr = r.addrs[0]
	case err := <-r.ended:
		t.Fatalf("cannot start: %v", err)
	}
	t.Cleanup(func() {
		r.stop()
		if err := <-r.ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return r
}

func dial(t testing.TB, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(deadline)); err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn)
}

func read(t testing.TB, c net.Conn, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(c, b); err != nil {
		t.Fatalf("read: %v", err)
	}
	return string(b)
}

func receive[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(deadline):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func echo(c *eventloop.Conn, b []byte) { c.Send(b) }

func TestEcho(t *testing.T) {
	for _, loops := range []int{1, 3} {
		t.Run(fmt.Sprint(loops, " loops"), func(t *testing.T) {
			r := run(t, &hooks{received: echo}, eventloop.Config{Loops: loops})
			for range 10 {
				c := dial(t, r.addr)
				fmt.Fprint(c, "hello")
				if got := read(t, c, 5); got != "hello" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	r := run(t, &hooks{received: echo}, eventloop.Config{Listen: []string{"unix:" + path}})
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "hello")
	if got := read(t, c, 5); got != "hello" {
		t.Errorf("got %q", got)
	}
	err = eventloop.Run(eventloop.Config{Listen: []string{r.addr}, Loops: 1}, &hooks{})
	if err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("a second server on the same socket: %v", err)
	}
}

// The mailbox keeps the order in which one goroutine posts, also beyond the
// 1,024 tasks from which on gnet's Execute does not.
func TestPostKeepsTheOrder(t *testing.T) {
	const senders, posts = 4, 5000
	loops := make(chan *eventloop.Loop, 1)
	r := run(t, &hooks{started: func(l *eventloop.Loop) { loops <- l }}, eventloop.Config{})
	dial(t, r.addr)
	l := receive(t, loops)
	blocked := make(chan struct{})
	l.Post(func() { <-blocked })
	type post struct{ sender, number int }
	got := make(chan post, senders*posts)
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range posts {
				l.Post(func() { got <- post{s, i} })
			}
		})
	}
	wg.Wait()
	close(blocked)
	var next [senders]int
	for range senders * posts {
		if p := receive(t, got); p.number != next[p.sender] {
			t.Fatalf("sender %d: %d came when %d was due", p.sender, p.number, next[p.sender])
		} else {
			next[p.sender]++
		}
	}
}

func TestConnectionsAboveTheLimitAreRefused(t *testing.T) {
	closed := make(chan bool, 10)
	h := &hooks{received: echo, closed: func(*eventloop.Conn, error) { closed <- true }}
	r := run(t, h, eventloop.Config{MaxConns: 2, Refusal: func() []byte { return []byte("full") }})
	a, b := dial(t, r.addr), dial(t, r.addr)
	for _, c := range []net.Conn{a, b} {
		fmt.Fprint(c, "x")
		read(t, c, 1)
	}
	if got, err := io.ReadAll(dial(t, r.addr)); string(got) != "full" || err != nil {
		t.Errorf("the third got %q, %v", got, err)
	}
	a.Close()
	receive(t, closed)
	c := dial(t, r.addr)
	fmt.Fprint(c, "x")
	read(t, c, 1)
}

// Who is not admitted is told why and closed, without ever having been opened, and takes no
// room; also one who has sent something already. A Unix socket is not asked for.
func TestConnectionsThatAreNotAdmitted(t *testing.T) {
	for loops := 1; loops <= 2; loops++ {
		opened := make(chan string, 100)
		h := &hooks{received: echo, opened: func(c *eventloop.Conn) { opened <- c.Remote().String() }}
		var admits atomic.Bool
		var last atomic.Value // of whom it was asked
		socket := filepath.Join(t.TempDir(), "s")
		r := run(t, h, eventloop.Config{Listen: []string{"127.0.0.1:0", "unix:" + socket}, Loops: loops, MaxConns: 1, Refusal: func() []byte { return []byte("full") },
			Admit: func(remote netip.AddrPort) []byte {
				last.Store(remote.String())
				if admits.Load() {
					return nil
				}
				return []byte("no")
			}})
		for i := range 20 {
			c := dial(t, r.addr)
			if i%2 == 0 {
				fmt.Fprint(c, "hello?")
			}
			got := make([]byte, 10)
			if n, err := c.Read(got); string(got[:n]) != "no" || last.Load() != c.LocalAddr().String() {
				t.Fatalf("%d loops: %s is told %q, %v; asked was for %v", loops, c.LocalAddr(), got[:n], err, last.Load())
			}
			if n, err := c.Read(got); err == nil {
				t.Fatalf("%d loops: it is open, and is told %q", loops, got[:n])
			}
			c.Close()
		}
		local, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(local, "x")
		read(t, local, 1)
		if got := receive(t, opened); got != (netip.AddrPort{}).String() || len(opened) > 0 {
			t.Errorf("%d loops: %s was opened, and %d others", loops, got, len(opened))
		}
		local.Close()
		admits.Store(true)
		for { // until the server knows that the other one is gone
			c := dial(t, r.addr)
			fmt.Fprint(c, "y")
			got := make([]byte, 10)
			n, _ := c.Read(got)
			c.Close()
			if string(got[:n]) == "y" {
				break
			}
		}
	}
}

// A client that does not read is closed and costs nobody else anything.
func TestSlowClient(t *testing.T) {
	var room *eventloop.Group
	reasons := make(chan error, 2)
	h := &hooks{
		started:  func(l *eventloop.Loop) { room = l.NewGroup() },
		opened:   func(c *eventloop.Conn) { room.Add(c) },
		received: func(_ *eventloop.Conn, b []byte) { room.Send(b) },
		closed:   func(_ *eventloop.Conn, err error) { reasons <- err },
	}
	r := run(t, h, eventloop.Config{})
	slow, good := dial(t, r.addr), dial(t, r.addr)
	_ = slow.SetReadBuffer(4096)
	piece := bytes.Repeat([]byte("x"), 64<<10)
	for {
		if _, err := good.Write(piece); err != nil {
			t.Fatal(err)
		}
		read(t, good, len(piece))
		select {
		case err := <-reasons:
			if !errors.Is(err, eventloop.ErrSlow) {
				t.Errorf("closed because of %v", err)
			}
			return
		default:
		}
	}
}

// Closing a connection whose peer is still sending must not lose the last words:
// unread input would turn the close into a reset.
func TestLastWordsArrive(t *testing.T) {
	h := &hooks{received: func(c *eventloop.Conn, _ []byte) {
		c.Send([]byte("bye"))
		c.Close()
	}}
	r := run(t, h, eventloop.Config{})
	for range 20 {
		c := dial(t, r.addr)
		go func() {
			for b := make([]byte, 4096); ; {
				if _, err := c.Write(b); err != nil {
					return
				}
			}
		}()
		if got := read(t, c, 3); got != "bye" {
			t.Fatalf("got %q", got)
		}
		if n, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Fatalf("after the last words: %d, %v", n, err)
		}
		c.Close()
	}
}

// A restart must not fail because of old sockets in TIME_WAIT.
func TestRestartOnTheSamePort(t *testing.T) {
	h := &hooks{received: func(c *eventloop.Conn, _ []byte) { c.Close() }}
	r := run(t, h, eventloop.Config{})
	c := dial(t, r.addr)
	fmt.Fprint(c, "x")
	_, _ = io.ReadAll(c) // the server has closed first: its socket waits
	c.Close()
	r.stop()
	if err := receive(t, r.ended); err != nil {
		t.Fatal(err)
	}
	run(t, h, eventloop.Config{Listen: []string{r.addr}})
}

func TestAddressInUse(t *testing.T) {
	r := run(t, &hooks{}, eventloop.Config{})
	err := eventloop.Run(eventloop.Config{Listen: []string{r.addr}, Loops: 1}, &hooks{})
	if err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second server on %s: %v", r.addr, err)
	}
}

// Who is told to stop and has something to do still is waited for, but not for ever.
func TestStopWaitsForWhatIsToBeDone(t *testing.T) {
	for _, settles := range []bool{true, false} {
		settled, cfg := make(chan struct{}), eventloop.Config{SettleTimeout: time.Millisecond}
		if settles {
			cfg.SettleTimeout = time.Hour
		}
		cfg.Settled = settled
		asked := make(chan *eventloop.Loop, 1)
		r := run(t, &hooks{stopping: func(l *eventloop.Loop) { asked <- l }, received: echo}, cfg)
		c := dial(t, r.addr)
		if _, err := c.Write([]byte("x")); err != nil || read(t, c, 1) != "x" {
			t.Fatal(err)
		}
		r.stop()
		l := <-asked
		c.Close()
		if settles { // the loop turns until then
			done := make(chan bool)
			l.Post(func() { close(done) })
			<-done
			select {
			case err := <-r.ended:
				t.Errorf("it has ended before it has settled: %v", err)
			default:
			}
			close(settled)
		}
		if err := <-r.ended; err != nil {
			t.Errorf("settles: %v: %v", settles, err)
		}
	}
}

// The end is told to everybody, and takes much less than the time in which gnet
// notices that it has stopped.
func TestStopSaysGoodBye(t *testing.T) {
	var conns []*eventloop.Conn
	opened := make(chan bool, 3)
	h := &hooks{opened: func(c *eventloop.Conn) { conns = append(conns, c); opened <- true }}
	h.stopping = func(*eventloop.Loop) {
		for _, c := range conns {
			c.Send([]byte("bye"))
			c.Close()
		}
	}
	r := run(t, h, eventloop.Config{})
	var clients []net.Conn
	for range 3 {
		clients = append(clients, dial(t, r.addr))
		receive(t, opened)
	}
	r.stop()
	for _, c := range clients {
		if got, err := io.ReadAll(c); string(got) != "bye" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		c.Close()
	}
	if err := receive(t, r.ended); err != nil {
		t.Error(err)
	}
}

// gnet speaks through the logger that it was given.
func TestLogger(t *testing.T) {
	lines := make(chan string, 100)
	r := run(t, &hooks{}, eventloop.Config{Log: slog.New(lineHandler{lines})})
	dial(t, r.addr)
	for !strings.Contains(receive(t, lines), "event-loops") {
	}
}

type lineHandler struct{ lines chan string }

func (h lineHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h lineHandler) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h lineHandler) WithGroup(string) slog.Handler            { return h }

func (h lineHandler) Handle(_ context.Context, r slog.Record) error {
	select {
	case h.lines <- r.Message:
	default:
	}
	return nil
}
