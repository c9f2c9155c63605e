//go:build unix

package eventloop_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
	"parley/eventloop"
)

// stopped ends a server that should not have begun.
var stopped = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// What cannot be listened on is named, with what is wrong.
func TestAddressesThatCannotBe(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	datagram := filepath.Join(folder, "datagram")
	other, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: datagram, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for addr, says := range map[string]string{
		"unix:":                            "the path is missing",
		"unix:" + strings.Repeat("x", 200): "the path has 200 bytes",
		"unix:" + folder + "/none/s":       "there is no folder " + folder + "/none",
		"unix:" + file + "/s":              file + " is not a folder",
		"unix:" + file:                     "there is a file of that name",
		"unix:" + folder:                   "there is a file of that name",
		"unix:" + datagram:                 "may be in use",
		"localhost":                        "HOST:PORT or unix:PATH",
		"127.0.0.1:http:80":                "HOST:PORT or unix:PATH",
		"127.0.0.1:frobnicate":             "no such port",
		"127.0.0.1:70000":                  "HOST:PORT or unix:PATH",
		"192.0.2.1:0":                      "no address of this machine",
		"no-such-host.invalid:1":           `no host "no-such-host.invalid"`,
		"unix:@parley-test-" + filepath.Base(t.TempDir()) + strings.Repeat("x", 100): "bytes",
	} {
		err := eventloop.Run(eventloop.Config{Listen: []string{"127.0.0.1:0", addr}, Loops: 1, Log: slog.New(slog.DiscardHandler), Stop: stopped}, &hooks{})
		if err == nil || !strings.HasPrefix(err.Error(), "cannot listen on "+addr+": ") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, which lacks %q", addr, err, says)
		}
	}
	if b, err := os.ReadFile(file); string(b) != "precious" || err != nil {
		t.Errorf("the file holds %q, %v", b, err)
	}
}

// A socket is replaced if its server is gone, and only then: not if its queue is full.
func TestStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrUnix{Name: path}), unix.Listen(fd, 1)); err != nil {
		t.Fatal(err)
	}
	for { // until its queue is full
		c, err := net.Dial("unix", path)
		if err != nil {
			break
		}
		defer c.Close()
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	err = eventloop.Run(eventloop.Config{Listen: []string{"unix:" + path}, Loops: 1, Log: slog.New(slog.DiscardHandler), Stop: stopped}, &hooks{})
	if err == nil || !strings.Contains(err.Error(), "may be in use") {
		t.Errorf("beside a server that is busy: %v", err)
	}
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
		t.Fatalf("its socket was replaced: %v", err)
	}
	unix.Close(fd)
	run(t, &hooks{received: echo}, eventloop.Config{Listen: []string{"unix:" + path}})
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "hello")
	if got := read(t, c, 5); got != "hello" {
		t.Errorf("got %q", got)
	}
}

// Of servers that start at once at one address one runs, and the others say why they
// do not. At a socket file there is one that is stale.
func TestServersThatStartAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	stale := func() {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		l.Close()
	}
	for round := range 30 {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := free.Addr().String()
		free.Close()
		stale()
		for _, addr := range []string{port, "unix:" + path} {
			const servers = 3
			listening, errs := make(chan bool, servers), make(chan error, servers)
			stop := make(chan struct{})
			var all sync.WaitGroup
			for range servers {
				all.Go(func() {
					errs <- eventloop.Run(eventloop.Config{Listen: []string{addr}, Loops: 2, MaxOutbound: 1 << 20, Log: slog.New(slog.DiscardHandler),
						Listening: func([]string) { listening <- true }, Stop: stop}, &hooks{})
				})
			}
			receive(t, listening)
			for range servers - 1 {
				if err := receive(t, errs); err == nil || !strings.Contains(err.Error(), "listening there") {
					t.Fatalf("round %d, %s: %v", round, addr, err)
				}
			}
			close(stop)
			all.Wait()
			if err := <-errs; err != nil {
				t.Fatalf("round %d, %s: the one that runs: %v", round, addr, err)
			}
		}
	}
}

// Stopping works at every moment of the start.
func TestStopWhileStarting(t *testing.T) {
	folder := t.TempDir()
	for _, listen := range [][]string{{"127.0.0.1:0"}, {"unix:" + folder + "/s"}, {"127.0.0.1:0", "unix:" + folder + "/s"}} {
		for _, loops := range []int{1, 3} {
			for round := range 60 {
				stop, ended := make(chan struct{}), make(chan error, 1)
				cfg := eventloop.Config{Listen: listen, Loops: loops, MaxOutbound: 1, Log: slog.New(slog.DiscardHandler), Stop: stop}
				switch round % 3 {
				case 0:
					close(stop)
				case 1:
					cfg.Listening = func([]string) { close(stop) }
				default:
					go func() {
						for range round * 200 { // moments in between
							_ = len(cfg.Listen)
						}
						close(stop)
					}()
				}
				go func() { ended <- eventloop.Run(cfg, &hooks{}) }()
				if err := receive(t, ended); err != nil {
					t.Fatalf("%v with %d loops: %v", listen, loops, err)
				}
			}
		}
	}
}

// However many come at once, one line a second says how many were refused.
func TestRefusalsAreSummed(t *testing.T) {
	lines := make(chan string, 1000)
	r := run(t, &hooks{received: echo}, eventloop.Config{MaxConns: 1, Refusal: func() []byte { return []byte("full") }, Log: slog.New(lineHandler{lines})})
	c := dial(t, r.addr)
	fmt.Fprint(c, "x")
	read(t, c, 1)
	for range 200 {
		c := dial(t, r.addr)
		read(t, c, 4)
		c.Close()
	}
	for told := 0; ; {
		if strings.HasPrefix(receive(t, lines), "connections refused") {
			told++
		}
		if len(lines) > 0 {
			continue
		}
		if told > 0 && told < 10 {
			return
		}
		if told >= 10 {
			t.Fatalf("%d lines", told)
		}
	}
}
