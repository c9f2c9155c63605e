package eventloop_test

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/eventloop"
	"parley/eventloop/cert"
)

// notTLS is what those are told who speak something else.
const notTLS = "TLS is spoken here\n"

// runTLS starts loops at an address with TLS and at none without.
func runTLS(t testing.TB, h eventloop.Handler, cfg eventloop.Config) running {
	t.Helper()
	own, err := cert.NewOwn(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Listen == nil {
		cfg.Listen = []string{}
	}
	if cfg.ListenTLS == nil {
		cfg.ListenTLS = []string{"127.0.0.1:0"}
	}
	if cfg.TLS == nil {
		cfg.TLS = own.Config()
	}
	cfg.NotTLS = func() []byte { return []byte(notTLS) }
	return run(t, h, cfg)
}

// trusting is a client that takes any certificate, and agrees upon keys in the way that
// costs the least.
func trusting() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, CurvePreferences: []tls.CurveID{tls.X25519}}
}

// overTLS does a handshake over a connection.
func overTLS(t testing.TB, c net.Conn, cfg *tls.Config) *tls.Conn {
	t.Helper()
	s := tls.Client(c, cfg)
	if err := s.Handshake(); err != nil {
		t.Fatalf("handshake: %v", err)
	}
	return s
}

func dialTLS(t testing.TB, addr string) *tls.Conn {
	t.Helper()
	return overTLS(t, dial(t, addr), trusting())
}

// pieces is a connection that sends a few bytes at a time.
type pieces struct {
	net.Conn
	size int
}

func (p pieces) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = p.Conn.Write(b[n:min(n+p.size, len(b))])
		n += m
	}
	return n, err
}

// noticing is a connection of which crypto/tls takes the end as an error, unless TLS has
// given notice of it.
type noticing struct{ net.Conn }

func (n noticing) Read(b []byte) (int, error) {
	m, err := n.Conn.Read(b)
	if err == io.EOF {
		err = errors.New("the end came without a notice")
	}
	return m, err
}

func TestTLSEcho(t *testing.T) {
	for _, loops := range []int{1, 3} {
		t.Run(fmt.Sprint(loops, " loops"), func(t *testing.T) {
			h := &hooks{received: func(c *eventloop.Conn, b []byte) { c.Send(fmt.Appendf(nil, "%v %s", c.TLS() == eventloop.WithTLS, b)) }}
			r := runTLS(t, h, eventloop.Config{Loops: loops, Listen: []string{"127.0.0.1:0"}})
			for range 10 {
				with, without := dialTLS(t, r.addrs[1]), dial(t, r.addrs[0])
				fmt.Fprint(with, "hello")
				if got := read(t, with, 10); got != "true hello" {
					t.Errorf("with TLS: %q", got)
				}
				fmt.Fprint(without, "hello")
				if got := read(t, without, 11); got != "false hello" {
					t.Errorf("without: %q", got)
				}
			}
		})
	}
}

// However TCP cuts what TLS sends, it arrives.
func TestTLSInPieces(t *testing.T) {
	r := runTLS(t, &hooks{received: echo}, eventloop.Config{})
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, size := range []int{1, 3, 7, 1000} {
			t.Run(fmt.Sprint(tls.VersionName(version), " by ", size), func(t *testing.T) {
				cfg := trusting()
				cfg.MinVersion, cfg.MaxVersion = version, version
				c := overTLS(t, pieces{dial(t, r.addr), size}, cfg)
				for _, length := range []int{1, 100, 16<<10 - 1, 16 << 10, 16<<10 + 1, 200 << 10} {
					if length/size > 40<<10 {
						continue
					}
					sent := make([]byte, length)
					_, _ = rand.Read(sent)
					go func() { _, _ = c.Write(sent) }()
					if got := read(t, c, length); got != string(sent) {
						t.Fatalf("%d bytes come back as others", length)
					}
				}
			})
		}
	}
}

// Records as large as they can be, both ways, and more than sockets hold.
func TestTLSLargeRecords(t *testing.T) {
	ended, waiting := make(chan *eventloop.Conn, 1), 0
	h := &hooks{received: echo, ended: func(c *eventloop.Conn) {
		waiting = c.Waiting()
		ended <- c
	}}
	r := runTLS(t, h, eventloop.Config{MaxOutbound: 8 << 20})
	for range 5 {
		cfg := trusting()
		cfg.DynamicRecordSizingDisabled = true
		c := overTLS(t, dial(t, r.addr), cfg)
		sent := make([]byte, 4<<20)
		_, _ = rand.Read(sent)
		if _, err := c.Write(sent); err != nil {
			t.Fatal(err)
		}
		_ = c.CloseWrite()
		up := receive(t, ended)
		if waiting < 1<<20 {
			t.Fatalf("only %d bytes wait: that is no test", waiting)
		}
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("other bytes came back, %v", err)
		}
		up.Loop().Post(func() {
			up.Send([]byte("last words"))
			up.Close()
		})
		if rest, err := io.ReadAll(c); string(rest) != "last words" || err != nil {
			t.Errorf("got %q, %v", rest, err)
		}
	}
}

// What is said at the end arrives, and the notice behind it, also to one who reads late
// and has not ended its own side.
func TestTLSLastWordsToOneWhoReadsLate(t *testing.T) {
	h := &hooks{received: func(c *eventloop.Conn, b []byte) {
		c.Send(bytes.Repeat(b, 300<<10))
		c.Close()
	}}
	r := runTLS(t, h, eventloop.Config{})
	for range 10 {
		c := overTLS(t, noticing{dial(t, r.addr)}, trusting())
		fmt.Fprint(c, "x")
		if got, err := io.ReadAll(c); len(got) != 300<<10 || err != nil {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		c.Close()
	}
}

// Requests, and the end behind them at once, are answered: with the notice that TLS has
// for it and without.
func TestTLSRequestsAndEndInOneGo(t *testing.T) {
	for _, loops := range []int{1, 2} {
		r := runTLS(t, &hooks{received: echo}, eventloop.Config{Loops: loops})
		want := strings.Repeat("request\n", 20)
		for i := range 200 {
			c := dialTLS(t, r.addr)
			fmt.Fprint(c, want)
			if i%2 == 0 {
				_ = c.CloseWrite()
			}
			_ = c.NetConn().(*net.TCPConn).CloseWrite()
			if got, err := io.ReadAll(c); string(got) != want || err != nil {
				t.Fatalf("connection %d got %d answers of 20, %v", i, strings.Count(string(got), "\n"), err)
			}
			c.Close()
		}
	}
}

// The handler hears of the end, and only of connections that it was told of.
func TestTLSEnds(t *testing.T) {
	events := make(chan string, 10)
	h := &hooks{
		opened:   func(*eventloop.Conn) { events <- "opened" },
		ended:    func(c *eventloop.Conn) { events <- "ended"; c.Close() },
		closed:   func(_ *eventloop.Conn, err error) { events <- fmt.Sprint("closed ", err != nil) },
		received: echo,
	}
	r := runTLS(t, h, eventloop.Config{MaxConns: 1})
	for _, way := range []struct {
		name string
		end  func(*tls.Conn)
		want []string
	}{
		{"with a notice", func(c *tls.Conn) { c.Close() }, []string{"opened", "ended", "closed false"}},
		{"without", func(c *tls.Conn) { c.NetConn().Close() }, []string{"opened", "ended", "closed false"}},
		{"in the middle of a record", func(c *tls.Conn) {
			_, _ = c.NetConn().Write([]byte{23, 3, 3, 0, 100, 1, 2})
			c.NetConn().Close()
		}, []string{"opened", "ended", "closed false"}},
		{"reset", func(c *tls.Conn) {
			_ = c.NetConn().(*net.TCPConn).SetLinger(0)
			c.NetConn().Close()
		}, []string{"opened", "closed true"}},
		{"garbage", func(c *tls.Conn) {
			fmt.Fprint(c.NetConn(), "this is no record at all")
			_, _ = io.ReadAll(c.NetConn())
		}, []string{"opened", "closed true"}},
		{"a record that was not encrypted so", func(c *tls.Conn) {
			_, _ = c.NetConn().Write(append([]byte{23, 3, 3, 0, 40}, make([]byte, 40)...))
			_, _ = io.ReadAll(c.NetConn())
		}, []string{"opened", "closed true"}},
	} {
		c := dialTLS(t, r.addr)
		fmt.Fprint(c, "x")
		read(t, c, 1)
		way.end(c)
		for _, want := range way.want {
			if got := receive(t, events); got != want {
				t.Errorf("%s: %s, want %s", way.name, got, want)
			}
		}
	}
}

// A client that does not read is closed as one without TLS is.
func TestTLSSlowClient(t *testing.T) {
	var room *eventloop.Group
	reasons := make(chan error, 2)
	h := &hooks{
		started:  func(l *eventloop.Loop) { room = l.NewGroup() },
		opened:   func(c *eventloop.Conn) { room.Add(c) },
		received: func(_ *eventloop.Conn, b []byte) { room.Send(b) },
		closed:   func(_ *eventloop.Conn, err error) { reasons <- err },
	}
	r := runTLS(t, h, eventloop.Config{})
	slow := dial(t, r.addr)
	_ = slow.SetReadBuffer(4096)
	overTLS(t, slow, trusting())
	good := dialTLS(t, r.addr)
	piece := bytes.Repeat([]byte("x"), 64<<10)
	for {
		go func() { _, _ = good.Write(piece) }()
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

// The end is told to everybody, and those go who are in their handshake.
func TestTLSStop(t *testing.T) {
	var conns []*eventloop.Conn
	opened := make(chan bool, 3)
	h := &hooks{opened: func(c *eventloop.Conn) { conns = append(conns, c); opened <- true }}
	h.stopping = func(*eventloop.Loop) {
		for _, c := range conns {
			c.Send([]byte("bye"))
			c.Close()
		}
	}
	r := runTLS(t, h, eventloop.Config{})
	var clients []net.Conn
	for range 3 {
		clients = append(clients, dialTLS(t, r.addr))
		receive(t, opened)
	}
	silent, begun := dial(t, r.addr), dial(t, r.addr)
	_, _ = begun.Write(hello(t))
	read(t, begun, 1)
	r.stop()
	for _, c := range clients {
		if got, err := io.ReadAll(c); string(got) != "bye" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		c.Close()
	}
	for _, c := range []net.Conn{silent, begun} {
		_, _ = io.Copy(io.Discard, c)
	}
	if err := receive(t, r.ended); err != nil {
		t.Error(err)
	}
}

// A thousand at once.
func TestTLSManyConnections(t *testing.T) {
	const clients = 1000
	r := runTLS(t, &hooks{received: echo}, eventloop.Config{Loops: 2, MaxHandshakes: 50, HandshakeTimeout: time.Minute})
	cfg := trusting()
	var all sync.WaitGroup
	met := make(chan error, clients)
	together := make(chan struct{})
	for i := range clients {
		all.Go(func() {
			<-together
			c, err := tls.Dial("tcp", r.addr, cfg)
			if err != nil {
				met <- err
				return
			}
			defer c.Close()
			for j := range 3 {
				want := fmt.Sprintf("%d says %d", i, j)
				fmt.Fprint(c, want)
				got := make([]byte, len(want))
				if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
					met <- fmt.Errorf("%q, %w", got, err)
					return
				}
			}
			_ = c.CloseWrite()
			if rest, err := io.ReadAll(c); len(rest) > 0 || err != nil {
				met <- fmt.Errorf("at the end %q, %w", rest, err)
			}
		})
	}
	close(together)
	all.Wait()
	close(met)
	for err := range met {
		t.Error(err)
	}
}

func TestTLSAddressesThatCannotBe(t *testing.T) {
	own, err := cert.NewOwn(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	close(stopped)
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	taken := held.Addr().String()
	for _, c := range []struct {
		listen, withTLS, says string
		cfg                   *tls.Config
	}{
		{"127.0.0.1:0", "unix:/tmp/x", "listen there without", own.Config()},
		{"127.0.0.1:0", "localhost", "HOST:PORT", own.Config()},
		{"127.0.0.1:0", taken, "another program is listening there", own.Config()},
		{"127.0.0.1:0", "127.0.0.1:0", "no certificate", nil},
	} {
		err := eventloop.Run(eventloop.Config{Listen: []string{c.listen}, ListenTLS: []string{c.withTLS}, TLS: c.cfg, Loops: 1, Stop: stopped}, &hooks{})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, which lacks %q", c.withTLS, err, c.says)
		}
	}
}
