package monitor

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/eventloop/server"
	"parley/users/log"
)

// Goroutines that are there from the start are gnet's own.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

const deadline = 20 * time.Second

// fake is a server with one loop, of which a test says whether it answers.
type fake struct {
	mu      sync.Mutex
	hangs   bool
	late    bool // the time of who asks is over
	counts  server.Counts
	running atomic.Int32  // Counts
	asked   chan struct{} // is told of each that hangs; nil: is not
}

func (f *fake) set(do func(f *fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do(f)
}

func (f *fake) Counts(ctx context.Context) (server.Counts, error) {
	f.running.Add(1)
	defer f.running.Add(-1)
	f.mu.Lock()
	hangs, late, counts := f.hangs, f.late, f.counts
	f.mu.Unlock()
	if _, ends := ctx.Deadline(); !ends {
		panic("there is no end to how long is waited for an answer")
	}
	if late {
		return server.Counts{}, context.DeadlineExceeded
	}
	if hangs {
		f.asked <- struct{}{}
		<-ctx.Done()
		return server.Counts{}, ctx.Err()
	}
	return counts, nil
}

func (f *fake) PostTo(_ int, do func()) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.hangs {
		do()
	}
	return true
}

// open returns a monitor at an address, which is closed at the end of the test.
func open(t *testing.T, cfg Config) *Monitor {
	t.Helper()
	cfg.Loops, cfg.Log = 1, slog.New(slog.DiscardHandler)
	m, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// get asks a monitor, and returns the status and what it says.
func get(t *testing.T, m *Monitor, path string, change ...func(*http.Request)) (status int, says string) {
	t.Helper()
	client := http.Client{Timeout: deadline, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		if file, is := strings.CutPrefix(m.Address(), "unix:"); is {
			return new(net.Dialer).DialContext(ctx, "unix", file)
		}
		return new(net.Dialer).DialContext(ctx, "tcp", m.Address())
	}}}
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://localhost"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(r)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// A server is ready from the moment in which clients can connect until it is told to stop,
// but not while its storage fails or its loops do not answer.
func TestReadiness(t *testing.T) {
	m, srv := open(t, Config{Address: "127.0.0.1:0"}), new(fake)
	for _, step := range []struct {
		what  string
		do    func()
		says  string // of /readyz
		ready bool
	}{
		{"there is no server", func() {}, "not ready: the server is starting\n", false},
		{"there is one that does not listen", func() { m.Watch(srv) }, "not ready: the server is starting\n", false},
		{"it listens", m.Listening, "ready\n", true},
		{"its disk is full", func() { srv.set(func(f *fake) { f.counts.Failing = errors.New("the disk is full") }) }, "not ready: the storage fails: the disk is full\n", false},
		{"there is room again", func() { srv.set(func(f *fake) { f.counts.Failing = nil }) }, "ready\n", true},
		{"its log stands still", func() { srv.set(func(f *fake) { f.counts.Shared = &log.Standing{Failing: log.ErrStanding} }) }, "not ready: the log stands still: its stream cannot be reached, or has no leader\n", false},
		{"and goes on", func() { srv.set(func(f *fake) { f.counts.Shared.Failing = nil }) }, "ready\n", true},
		{"a loop hangs", func() { srv.set(func(f *fake) { f.late = true }) }, "not ready: the server has not answered within 2s: context deadline exceeded\n", false},
		{"and goes on", func() { srv.set(func(f *fake) { f.late = false }) }, "ready\n", true},
		{"it stops", m.Stopping, "not ready: the server is stopping\n", false},
		{"and says late that it listens", m.Listening, "not ready: the server is stopping\n", false},
	} {
		step.do()
		status, says := get(t, m, "/readyz")
		if says != step.says || (status == http.StatusOK) != step.ready || status != http.StatusOK && status != http.StatusServiceUnavailable {
			t.Errorf("%s: %d %q, want %q", step.what, status, says, step.says)
		}
		if status, says := get(t, m, "/healthz"); status != http.StatusOK || says != "healthy\n" {
			t.Errorf("%s: it is %d %q", step.what, status, says)
		}
	}
}

// A server is healthy but for when a loop has not answered for long.
func TestHealth(t *testing.T) {
	m := open(t, Config{Address: "127.0.0.1:0"})
	p := m.probes[0]
	for _, step := range []struct {
		asked  time.Duration // so long ago
		status int
		says   string
	}{
		{0, http.StatusOK, "healthy\n"},
		{9 * time.Second, http.StatusOK, "healthy\n"},
		{12 * time.Second, http.StatusServiceUnavailable, "not healthy: loop 0 has not answered for 12s\n"},
		{0, http.StatusOK, "healthy\n"},
	} {
		p.base = time.Now().Add(-time.Hour)
		p.asked.Store(0)
		if step.asked > 0 {
			p.asked.Store(int64(time.Hour - step.asked))
		}
		if status, says := get(t, m, "/healthz"); status != step.status || says != step.says {
			t.Errorf("asked %s ago: %d %q, want %q", step.asked, status, says, step.says)
		}
	}
}

// What a page in a browser may ask for is refused where only this machine is to look.
func TestOnlyThisMachineIsAnswered(t *testing.T) {
	socket := "unix:" + filepath.Join(t.TempDir(), "admin")
	for _, tt := range []struct {
		address, host string
		anywhere      bool
		status        int
	}{
		{"127.0.0.1:0", "localhost", false, http.StatusOK},
		{"127.0.0.1:0", "localhost:9090", false, http.StatusOK},
		{"127.0.0.1:0", "127.0.0.1:9090", false, http.StatusOK},
		{"127.0.0.1:0", "[::1]:9090", false, http.StatusOK},
		{"127.0.0.1:0", "evil.example:9090", false, http.StatusForbidden},
		{"127.0.0.1:0", "localhost.evil.example", false, http.StatusForbidden},
		{"127.0.0.1:0", "192.0.2.1:9090", false, http.StatusForbidden},
		{"127.0.0.1:0", "parley.internal:9090", true, http.StatusOK},
		{socket, "whatever", false, http.StatusOK},
	} {
		m := open(t, Config{Address: tt.address, Anywhere: tt.anywhere})
		for _, path := range []string{"/healthz", "/metrics", "/debug/pprof/"} {
			if status, says := get(t, m, path, func(r *http.Request) { r.Host = tt.host }); status != tt.status {
				t.Errorf("%s at %s: %s is answered with %d: %s", tt.host, tt.address, path, status, says)
			}
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNothingIsChangedByAsking(t *testing.T) {
	m := open(t, Config{Address: "127.0.0.1:0"})
	for path, want := range map[string]int{"/healthz": http.StatusMethodNotAllowed, "/readyz": http.StatusMethodNotAllowed, "/metrics": http.StatusMethodNotAllowed,
		"/debug/pprof/heap": http.StatusMethodNotAllowed, "/": http.StatusNotFound} {
		if status, _ := get(t, m, path, func(r *http.Request) { r.Method = "POST" }); status != want {
			t.Errorf("%s is answered with %d, want %d", path, status, want)
		}
	}
}

// Profiles can be had, as go tool pprof asks for them.
func TestProfiles(t *testing.T) {
	m := open(t, Config{Address: "127.0.0.1:0"})
	for path, want := range map[string]string{
		"/debug/pprof/":                    "heap",
		"/debug/pprof/goroutine?debug=2":   "monitor.TestProfiles",
		"/debug/pprof/heap":                "\x1f\x8b", // is compressed
		"/debug/pprof/cmdline":             filepath.Base(os.Args[0]),
		"/debug/pprof/symbol":              "num_symbols: 1",
		"/debug/pprof/trace?seconds=0.01":  "go 1.",
		"/debug/pprof/profile?seconds=1":   "\x1f\x8b",
		"/debug/pprof/allocs?debug=1":      "heap profile",
		"/debug/pprof/threadcreate?seek=1": "\x1f\x8b",
	} {
		if status, says := get(t, m, path); status != http.StatusOK || !strings.Contains(says, want) {
			t.Errorf("%s is answered with %d and %d bytes without %q", path, status, len(says), want)
		}
	}
}

// The socket of a monitor is its owner's alone, takes the place of one whose server is dead,
// and is gone at the end.
func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "admin")
	for range 2 {
		m := open(t, Config{Address: "unix:" + path})
		if status, _ := get(t, m, "/healthz"); status != http.StatusOK {
			t.Errorf("it is answered with %d", status)
		}
		if info, err := os.Lstat(path); err != nil || info.Mode() != os.ModeSocket|0o600 {
			t.Errorf("the socket is %v, %v", info, err)
		}
		if _, err := Listen(Config{Address: "unix:" + path}); err == nil || !strings.Contains(err.Error(), "another server is listening there") {
			t.Errorf("a second one: %v", err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is still there: %v", err)
		}
		dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		dead.SetUnlinkOnClose(false)
		dead.Close()
	}
}

func TestAddressesThatCannotBe(t *testing.T) {
	m := open(t, Config{Address: "127.0.0.1:0"})
	for addr, says := range map[string]string{
		m.Address():        "another program is listening there",
		"0.0.0.0:0":        "--admin-anywhere",
		"127.0.0.1:http:1": "no address",
		"unix:/none/admin": "there is no folder /none",
	} {
		if _, err := Listen(Config{Address: addr}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want what contains %q", addr, err, says)
		}
	}
}

// Nobody can keep others from being answered: who connects and does not ask to the end is
// closed.
func TestWhoAsksForNothing(t *testing.T) {
	for what, sent := range map[string]string{
		"nothing":                   "",
		"half a request":            "GET /healthz HTTP/1.1\r\nHost: localhost\r\n",
		"a request without the end": "POST /debug/pprof/symbol HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0x",
	} {
		t.Run(what, func(t *testing.T) {
			m := open(t, Config{Address: "127.0.0.1:0", Timeout: 200 * time.Millisecond})
			var silent []net.Conn
			for range MaxConns + 1 {
				c, err := net.Dial("tcp", m.Address())
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if _, err := io.WriteString(c, sent); err != nil {
					t.Fatal(err)
				}
				silent = append(silent, c)
			}
			if status, _ := get(t, m, "/healthz"); status != http.StatusOK {
				t.Errorf("it is answered with %d", status)
			}
			_ = silent[0].SetReadDeadline(time.Now().Add(deadline))
			if _, err := io.Copy(io.Discard, silent[0]); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the first is not closed")
			}
		})
	}
}

// The end waits for nobody: what is being answered ends, too, and nothing is asked any more.
func TestEndWhileSomethingIsAnswered(t *testing.T) {
	m, srv := open(t, Config{Address: "127.0.0.1:0", Timeout: deadline}), &fake{hangs: true, asked: make(chan struct{})}
	m.Watch(srv)
	m.Listening()
	for _, path := range []string{"/readyz", "/metrics"} {
		c, err := net.Dial("tcp", m.Address())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		<-srv.asked
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if n := srv.running.Load(); n != 0 {
		t.Errorf("%d are still being answered", n)
	}
}

// A Monitor that nobody has asked for is nil, and everything can be told to it.
func TestNoMonitor(t *testing.T) {
	var m *Monitor
	m.Watch(new(fake))
	m.Listening()
	m.Refused(Full)
	m.Committed(time.Second, errors.New("the disk is full"))
	m.Stopping()
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
