//go:build unix

package eventloop_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/eventloop"
)

// handOver returns a socket that listens at an address, as another process would hand it
// over under a name; it listens until the test ends. The address is with its real port.
func handOver(t *testing.T, network, addr, name string) (socket *os.File, at string) {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	f, err := l.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	socket = os.NewFile(uintptr(fd), name)
	t.Cleanup(func() { socket.Close() })
	return socket, l.Addr().String()
}

// says has a connection to an address echo a word.
func says(t *testing.T, c net.Conn, word string) {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(deadline))
	fmt.Fprint(c, word)
	got := make([]byte, len(word))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != word {
		t.Errorf("%s: got %q, %v", c.RemoteAddr(), got, err)
	}
	c.Close()
}

// Sockets that are handed over are listened with, alone or beside others, with TLS and
// without; and several of one name.
func TestInheritedSockets(t *testing.T) {
	for _, beside := range []string{"", "127.0.0.1:0"} {
		for _, loops := range []int{1, 2} {
			t.Run(fmt.Sprintf("beside %q, %d loops", beside, loops), func(t *testing.T) {
				one, oneAt := handOver(t, "tcp", "127.0.0.1:0", "parley.socket")
				two, twoAt := handOver(t, "unix", filepath.Join(t.TempDir(), "s"), "parley.socket")
				secure, secureAt := handOver(t, "tcp", "127.0.0.1:0", "tls")
				cfg := eventloop.Config{Loops: loops, Listen: []string{"systemd:parley.socket"}, ListenTLS: []string{"systemd:tls"}, Inherited: []*os.File{one, secure, two}}
				want := []string{oneAt + " and unix:" + twoAt}
				if beside != "" {
					cfg.Listen = append([]string{beside}, cfg.Listen...)
				}
				opened := make(chan *eventloop.Conn, 10)
				r := runTLS(t, &hooks{received: echo, opened: func(c *eventloop.Conn) { opened <- c }}, cfg)
				if beside != "" {
					says(t, dial(t, r.addrs[0]), "beside")
					<-opened
					want = append([]string{r.addrs[0]}, want...)
				}
				if got, want := strings.Join(r.addrs, ", "), strings.Join(append(want, secureAt), ", "); got != want {
					t.Errorf("it listens on %s, want %s", got, want)
				}
				c := dial(t, oneAt)
				local := c.LocalAddr().String()
				says(t, c, "plain")
				if up := receive(t, opened); up.TLS() != eventloop.NoTLS || up.Remote().String() != local {
					t.Errorf("plain: TLS %d, from %s, want %s", up.TLS(), up.Remote(), local)
				}
				u, err := net.Dial("unix", twoAt)
				if err != nil {
					t.Fatal(err)
				}
				says(t, u, "unix")
				<-opened
				s, err := tls.Dial("tcp", secureAt, trusting())
				if err != nil {
					t.Fatal(err)
				}
				says(t, s, "secure")
				if up := receive(t, opened); up.TLS() != eventloop.WithTLS {
					t.Error("TLS is not known as such")
				}
			})
		}
	}
}

// Who comes between one process and the next is served by that.
func TestInheritedSocketOutlivesTheProcess(t *testing.T) {
	socket, at := handOver(t, "tcp", "127.0.0.1:0", "s")
	cfg := eventloop.Config{Listen: []string{"systemd:s"}, Inherited: []*os.File{socket}}
	r := run(t, &hooks{received: echo}, cfg)
	says(t, dial(t, at), "first")
	r.stop()
	if err := receive(t, r.ended); err != nil {
		t.Fatal(err)
	}
	between := dial(t, at)
	run(t, &hooks{received: echo}, cfg)
	says(t, between, "second")
}

// The limit of connections holds there, too, and who is refused because of its address is
// told so.
func TestInheritedSocketsHaveLimits(t *testing.T) {
	socket, at := handOver(t, "tcp", "127.0.0.1:0", "s")
	run(t, &hooks{received: echo}, eventloop.Config{Listen: []string{"systemd:s"}, Inherited: []*os.File{socket}, MaxConns: 1,
		Refusal: func() []byte { return []byte("full") }})
	first := dial(t, at)
	fmt.Fprint(first, "x")
	read(t, first, 1)
	if got, err := io.ReadAll(dial(t, at)); string(got) != "full" || err != nil {
		t.Errorf("the second one is told %q, %v", got, err)
	}
}

func TestInheritedSocketsThatCannotBe(t *testing.T) {
	tcp, _ := handOver(t, "tcp", "127.0.0.1:0", "a")
	unix, _ := handOver(t, "unix", filepath.Join(t.TempDir(), "s"), "b")
	file, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, test := range []struct {
		name             string
		listen, withTLS  string
		given            []*os.File
		says, andPresent string
	}{
		{"nothing", "systemd:a", "", nil, "cannot listen on systemd:a: no socket of that name was handed over, only: none at all", ".socket unit"},
		{"another name", "systemd:c", "", []*os.File{tcp, unix}, "only: a, b", ""},
		{"no socket", "systemd:" + file.Name(), "", []*os.File{file}, "no socket to listen with", ""},
		{"TLS at a Unix socket", "127.0.0.1:0", "systemd:b", []*os.File{unix}, "cannot listen on systemd:b with TLS: what goes through a Unix socket", ""},
		{"both at one port", "systemd:a", "systemd:a", []*os.File{tcp}, "cannot listen on systemd:a with TLS: the port is one without TLS", ""},
	} {
		cfg := eventloop.Config{Loops: 1, Listen: []string{test.listen}, Inherited: test.given, TLS: new(tls.Config)}
		if test.withTLS != "" {
			cfg.ListenTLS = []string{test.withTLS}
		}
		err := eventloop.Run(cfg, &hooks{})
		if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), test.andPresent) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// An inherited socket may be for proxies.
func TestInheritedSocketForProxies(t *testing.T) {
	socket, at := handOver(t, "tcp", "127.0.0.1:0", "p")
	r := run(t, &hooks{received: echo}, eventloop.Config{Listen: []string{}, ListenProxy: []string{"systemd:p"}, Inherited: []*os.File{socket}, ProxyFrom: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	c := dial(t, at)
	fmt.Fprint(c, header(t, 2, "198.51.100.7:1")+"x")
	if !isAnswered(c) {
		t.Error("a proxy is not served")
	}
	r.stop()
}
