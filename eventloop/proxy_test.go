package eventloop_test

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pires/go-proxyproto"

	"parley/eventloop"
	"parley/eventloop/cert"
)

// notProxy is what those are told who are no proxy where one is expected.
const notProxy = "only for proxies\n"

// runProxied starts loops for proxies on loopback: at a port, at one with TLS, and at a Unix
// socket, in this order.
func runProxied(t testing.TB, h eventloop.Handler, cfg eventloop.Config) (plain, secure, unix string) {
	t.Helper()
	own, err := cert.NewOwn(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listen, cfg.TLS = []string{}, own.Config()
	cfg.ListenProxy, cfg.ListenProxyTLS = []string{"127.0.0.1:0", "unix:" + filepath.Join(t.TempDir(), "s")}, []string{"127.0.0.1:0"}
	if cfg.ProxyFrom == nil {
		cfg.ProxyFrom = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
	cfg.NotProxy = func() []byte { return []byte(notProxy) }
	cfg.NotTLS = func() []byte { return []byte(notTLS) }
	r := run(t, h, cfg)
	return r.addrs[0], r.addrs[2], r.addrs[1]
}

// dialAt connects to an address, "HOST:PORT" or "unix:PATH".
func dialAt(t testing.TB, addr string) net.Conn {
	t.Helper()
	path, is := strings.CutPrefix(addr, "unix:")
	if !is {
		return dial(t, addr)
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(deadline))
	return c
}

// header returns what a proxy sends before what a client does.
func header(t testing.TB, version byte, client string, more ...proxyproto.TLV) string {
	t.Helper()
	from := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(client))
	to := &net.TCPAddr{IP: net.ParseIP("203.0.113.1"), Port: 9998}
	if from.IP.To4() == nil {
		to.IP = net.ParseIP("2001:db8::1")
	}
	h := proxyproto.HeaderProxyFromAddrs(version, from, to)
	if err := h.SetTLVs(more); err != nil {
		t.Fatal(err)
	}
	b, err := h.Format()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// ofItself is the header of a proxy that looks whether the server is there.
func ofItself(t testing.TB) string {
	t.Helper()
	b, err := (&proxyproto.Header{Version: 2, Command: proxyproto.LOCAL, TransportProtocol: proxyproto.UNSPEC}).Format()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A connection comes from where its header says, which may come in any pieces and together
// with what the client sends.
func TestProxiedConnections(t *testing.T) {
	h := &hooks{received: func(c *eventloop.Conn, b []byte) {
		told := map[eventloop.TLS]string{eventloop.NoTLS: "false", eventloop.WithTLS: "true", eventloop.UnknownTLS: "unknown"}
		c.Send(fmt.Appendf(nil, "%s, TLS %s: %s\n", c.Remote(), told[c.TLS()], b))
	}}
	for _, loops := range []int{1, 3} {
		plain, secure, unix := runProxied(t, h, eventloop.Config{Loops: loops})
		for _, tt := range []struct{ name, header, client string }{
			{"1, IPv4", header(t, 1, "198.51.100.7:56510"), "198.51.100.7:56510, TLS unknown"},
			{"1, IPv6", header(t, 1, "[2001:db8::7]:56510"), "[2001:db8::7]:56510, TLS unknown"},
			{"1, unknown", "PROXY UNKNOWN\r\n", "itself"},
			{"2, IPv4", header(t, 2, "198.51.100.7:56510"), "198.51.100.7:56510, TLS unknown"},
			{"2, IPv6", header(t, 2, "[2001:db8::7]:56510"), "[2001:db8::7]:56510, TLS unknown"},
			{"2, with more", header(t, 2, "198.51.100.7:56510", proxyproto.TLV{Type: proxyproto.PP2_TYPE_NOOP, Value: make([]byte, 3000)}), "198.51.100.7:56510, TLS unknown"},
			{"2, TLS ends at the proxy", header(t, 2, "198.51.100.7:56510", proxyproto.TLV{Type: proxyproto.PP2_TYPE_SSL, Value: []byte("\x01\x00\x00\x00\x00\x21\x00\x07TLSv1.3")}), "198.51.100.7:56510, TLS true"},
			{"2, without TLS", header(t, 2, "198.51.100.7:56510", proxyproto.TLV{Type: proxyproto.PP2_TYPE_SSL, Value: []byte("\x00\x00\x00\x00\x01")}), "198.51.100.7:56510, TLS false"},
			{"2, of the proxy itself", ofItself(t), "itself"},
		} {
			for _, addr := range []string{plain, secure, unix} {
				for _, size := range []int{1, 5, 1 << 20} {
					t.Run(fmt.Sprintf("%d loops, %s by %d at %.5s", loops, tt.name, size, addr), func(t *testing.T) {
						raw := dialAt(t, addr)
						want := tt.client
						if want == "itself" {
							want = raw.LocalAddr().String() + ", TLS unknown"
							if addr == unix {
								want = "invalid AddrPort, TLS unknown"
							}
						}
						var c net.Conn = raw
						if addr == secure {
							from, _, _ := strings.Cut(want, ", TLS ")
							want = from + ", TLS true"
							c = overTLS(t, &glued{Conn: pieces{raw, size}, before: []byte(tt.header)}, trusting())
							fmt.Fprint(c, "hello")
						} else {
							_, _ = pieces{raw, size}.Write([]byte(tt.header))
							_, _ = raw.Write([]byte("hello"))
						}
						got := read(t, c, len(want)+len(": h"))
						if !strings.HasPrefix(got, want+": h") {
							t.Errorf("got %q, want %q", got, want)
						}
					})
				}
			}
		}
	}
	plain, _, _ := runProxied(t, h, eventloop.Config{})
	c := dial(t, plain)
	fmt.Fprint(c, header(t, 2, "198.51.100.7:56510")+"hello") // in one piece
	_ = c.CloseWrite()
	if got, err := io.ReadAll(c); string(got) != "198.51.100.7:56510, TLS unknown: hello\n" || err != nil {
		t.Errorf("in one piece: %q, %v", got, err)
	}
}

// glued sends something before what is written first, together with it.
type glued struct {
	net.Conn
	before []byte
}

func (g *glued) Write(b []byte) (int, error) {
	if _, err := g.Conn.Write(append(g.before, b...)); err != nil {
		return 0, err
	}
	g.before = nil
	return len(b), nil
}

// Who has no header that can be used is told so and closed, and the log says why. Neither the
// handler nor Admit is told, and their room is free afterwards.
func TestConnectionsWithoutAHeader(t *testing.T) {
	var log lines
	var told atomic.Int32
	gone := make(chan bool, 1)
	h := &hooks{received: echo, opened: func(*eventloop.Conn) { told.Add(1) }, closed: func(*eventloop.Conn, error) { gone <- true }}
	cfg := eventloop.Config{MaxConns: 1, Log: slog.New(slog.NewTextHandler(&log, nil)), Admit: func(netip.AddrPort) []byte { told.Add(1); return nil }}
	plain, secure, unix := runProxied(t, h, cfg)
	for _, tt := range []struct{ name, sent, want string }{
		{"nothing", "", ""}, // as a balancer that looks whether the port is there
		{"half a header", "PROXY TCP4 198", ""},
		{"JSON", `{"request":"login"}` + "\n", notProxy},
		{"HTTP", "POST / HTTP/1.1\r\n\r\n", notProxy},
		{"TLS", string(hello(t)), notProxy},
		{"much", strings.Repeat("x", 100<<10), notProxy},
		{"a long header", "PROXY UNKNOWN " + strings.Repeat("x", 200), notProxy},
		{"a header of nonsense", "PROXY TCP4 a b c d\r\n", notProxy},
	} {
		for _, addr := range []string{plain, secure, unix} {
			c := dialAt(t, addr)
			fmt.Fprint(c, tt.sent)
			_ = c.(interface{ CloseWrite() error }).CloseWrite()
			if got, err := io.ReadAll(c); string(got) != tt.want || err != nil && tt.name != "much" {
				t.Errorf("%s at %.5s: %q, %v, want %q", tt.name, addr, got, err, tt.want)
			}
			c.Close()
			if n := told.Load(); n != 0 {
				t.Fatalf("%s: it was told of %d", tt.name, n)
			}
			until(t, "there is no room again", func() bool {
				c := dial(t, plain)
				defer c.Close()
				fmt.Fprint(c, "PROXY UNKNOWN\r\nx")
				return isAnswered(c)
			})
			receive(t, gone)
			told.Store(0)
		}
	}
	log.until(t, "a proxy did not say whom they are from\" refused=")
	if !strings.Contains(log.String(), "first=127.0.0.1 error=\"there is no PROXY header\"") {
		t.Errorf("the log: %s", log.String())
	}
}

// isAnswered reports whether an echo of one byte comes.
func isAnswered(c net.Conn) bool {
	b := make([]byte, 1)
	_, err := io.ReadFull(c, b)
	return err == nil && b[0] == 'x'
}

// Only proxies that are trusted may say whom they are from: others are told so, before they
// have said anything, and logged.
func TestHeadersOfStrangers(t *testing.T) {
	var log lines
	cfg := eventloop.Config{Log: slog.New(slog.NewTextHandler(&log, nil)), ProxyFrom: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	plain, secure, unix := runProxied(t, &hooks{received: echo}, cfg)
	for _, addr := range []string{plain, secure} {
		c := dial(t, addr)
		if got, err := io.ReadAll(c); string(got) != notProxy || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	log.until(t, "from none that is trusted\" refused=2 first=127.0.0.1")
	c := dialAt(t, unix) // which others cannot reach
	fmt.Fprint(c, header(t, 1, "198.51.100.7:1")+"x")
	if !isAnswered(c) {
		t.Error("a proxy at a Unix socket is not served")
	}
}

// The limits of an address are those of the client, not of the proxy: it is asked when the
// header is there, and told when the client has left.
func TestProxiedAddressesAreAdmitted(t *testing.T) {
	asked, left := make(chan string, 100), make(chan string, 100)
	cfg := eventloop.Config{Left: func(remote netip.AddrPort) { left <- remote.String() }, Admit: func(remote netip.AddrPort) []byte {
		asked <- remote.String()
		if remote.Addr() == netip.MustParseAddr("198.51.100.66") {
			return []byte("banned\n")
		}
		return nil
	}}
	h := &hooks{received: echo, closed: func(c *eventloop.Conn, _ error) { left <- c.Remote().String() }}
	plain, secure, unix := runProxied(t, h, cfg)
	for _, addr := range []string{plain, secure, unix} {
		c := dialAt(t, addr)
		fmt.Fprint(c, header(t, 2, "198.51.100.66:1")+`{"request":"login"}`)
		if got, err := io.ReadAll(c); string(got) != "banned\n" || err != nil {
			t.Errorf("one who is banned: %q, %v", got, err)
		}
		if got := receive(t, asked); got != "198.51.100.66:1" {
			t.Errorf("asked of %s", got)
		}
		c = dialAt(t, addr)
		if addr == secure {
			c = overTLS(t, &glued{Conn: c, before: []byte(header(t, 1, "198.51.100.7:2"))}, trusting())
			fmt.Fprint(c, "x")
		} else {
			fmt.Fprint(c, header(t, 1, "198.51.100.7:2")+"x")
		}
		if !isAnswered(c) {
			t.Error("another one is not served")
		}
		c.Close()
		if a, l := receive(t, asked), receive(t, left); a != "198.51.100.7:2" || l != a {
			t.Errorf("asked of %s, told of %s", a, l)
		}
	}
	c := dial(t, secure)
	fmt.Fprint(c, header(t, 1, "198.51.100.8:3")+"no TLS")
	if got, err := io.ReadAll(c); string(got) != notTLS || err != nil {
		t.Errorf("behind the header %q, %v", got, err)
	}
	c.Close()
	if a, l := receive(t, asked), receive(t, left); a != "198.51.100.8:3" || l != a {
		t.Errorf("asked of %s, told of %s", a, l)
	}
	if len(asked)+len(left) > 0 {
		t.Errorf("asked of %d more, told of %d more", len(asked), len(left))
	}
}

// Not more wait for their header than may: the next one is told so. Who sends it makes room.
func TestHeadersThatAreMissing(t *testing.T) {
	plain, secure, unix := runProxied(t, &hooks{received: echo}, eventloop.Config{MaxHeaders: 2, Refusal: func() []byte { return []byte("full\n") }})
	silent := dial(t, plain)
	partial := dial(t, plain) // both wait when a third at that port is told so
	fmt.Fprint(partial, "PRO")
	for _, addr := range []string{plain, secure, unix} {
		c := dialAt(t, addr)
		if got, err := io.ReadAll(c); string(got) != "full\n" || err != nil {
			t.Errorf("a third: %q, %v", got, err)
		}
	}
	fmt.Fprint(partial, "XY UNKNOWN\r\nx")
	if !isAnswered(partial) {
		t.Error("the second is not served")
	}
	next := dial(t, plain)
	fmt.Fprint(next, "PROXY UNKNOWN\r\nx")
	if !isAnswered(next) {
		t.Error("there is no room for another one")
	}
	silent.Close()
}

// Who does not send the header in time is told so and closed; and the time is for the header
// and the handshake together.
func TestHeadersThatComeLate(t *testing.T) {
	var log lines
	plain, secure, unix := runProxied(t, &hooks{received: echo}, eventloop.Config{HandshakeTimeout: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for _, addr := range []string{plain, secure, unix} {
		for _, sent := range []string{"", "P", string(proxyproto.SIGV2)} {
			c := dialAt(t, addr)
			fmt.Fprint(c, sent)
			if got, err := io.ReadAll(c); string(got) != notProxy || err != nil {
				t.Errorf("after %q: %q, %v", sent, got, err)
			}
		}
	}
	log.until(t, "took too long")
	c := dial(t, secure)
	fmt.Fprint(c, header(t, 1, "198.51.100.7:1"))
	if got, err := io.ReadAll(c); len(got) != 0 || err != nil {
		t.Errorf("without a hello: %q, %v", got, err)
	}
}

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// until waits for words.
func (l *lines) until(t testing.TB, words string) {
	t.Helper()
	until(t, "the log does not say "+words, func() bool { return strings.Contains(l.String(), words) })
}

// until waits until something is so.
func until(t testing.TB, otherwise string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(otherwise)
		}
	}
}

// A server that ends does not wait for headers.
func TestStopWithoutHeaders(t *testing.T) {
	cfg := eventloop.Config{Listen: []string{}, ListenProxy: []string{"127.0.0.1:0"}, ProxyFrom: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	r := run(t, &hooks{received: echo}, cfg)
	served, silent := dial(t, r.addr), dial(t, r.addr)
	fmt.Fprint(served, "PROXY UNKNOWN\r\nx")
	if !isAnswered(served) {
		t.Error("one with a header is not served")
	}
	r.stop()
	if _, err := io.ReadAll(silent); err != nil {
		t.Errorf("one without: %v", err)
	}
	fmt.Fprint(served, "x")
	if !isAnswered(served) {
		t.Error("one without a header has as much time as one who is served")
	}
}

// Who is refused and keeps the connection open has a second to read why, not all the time
// that a header may take.
func TestRefusedByAProxysPortAndStays(t *testing.T) {
	plain, _, _ := runProxied(t, &hooks{received: echo}, eventloop.Config{MaxConns: 1, HandshakeTimeout: time.Hour})
	c := dial(t, plain)
	fmt.Fprint(c, "no header\n")
	if got, err := io.ReadAll(c); string(got) != notProxy || err != nil {
		t.Errorf("it is told %q, %v", got, err)
	}
	until(t, "there is no room again", func() bool {
		next := dial(t, plain)
		defer next.Close()
		fmt.Fprint(next, "PROXY UNKNOWN\r\nx")
		return isAnswered(next)
	})
}

// What is spoken is told by the port: one port cannot have two.
func TestPortsThatAreForTwo(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("a machine has one address on loopback")
	}
	own, err := cert.NewOwn(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	first, second := "127.0.0.1:"+port, "127.0.0.2:"+port
	for _, tt := range []struct {
		cfg  eventloop.Config
		says string
	}{
		{eventloop.Config{Listen: []string{first}, ListenTLS: []string{second}}, "cannot listen on " + second + " with TLS: the port is one without TLS at another address; use another port"},
		{eventloop.Config{Listen: []string{first}, ListenProxy: []string{second}}, "cannot listen on " + second + " behind a proxy: the port is one without TLS"},
		{eventloop.Config{ListenTLS: []string{first}, ListenProxyTLS: []string{second}}, "cannot listen on " + second + " with TLS behind a proxy: the port is one with TLS at"},
		{eventloop.Config{ListenProxyTLS: []string{"unix:s"}}, "cannot listen on unix:s with TLS behind a proxy: what goes through a Unix socket"},
	} {
		tt.cfg.Loops, tt.cfg.TLS, tt.cfg.Log = 1, &tls.Config{GetCertificate: own.Config().GetCertificate}, slog.New(slog.DiscardHandler)
		if err := eventloop.Run(tt.cfg, &hooks{}); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%v, want %s", err, tt.says)
		}
	}
}
