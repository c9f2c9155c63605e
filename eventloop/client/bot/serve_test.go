package bot

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/eventloop"
	"parley/eventloop/server"
	"parley/protocol"
	"parley/users/passwords"
)

// Goroutines that are there from the start are gnet's own, and so is one that waits for its
// engine to end.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent(), goleak.IgnoreAnyFunction("github.com/panjf2000/gnet/v2.Engine.Stop"))
}

// deadline is for what must happen; a test that meets it has failed.
const deadline = 20 * time.Second

// serve runs a server that keeps nothing on the loopback interface until the test ends, and
// returns its address.
func serve(t testing.TB, change func(*server.Config)) string {
	t.Helper()
	addr, stop, err := Serve(change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("the loops ended with %v", err)
		}
	})
	return addr
}

// Serve does so until stop is called. It is for the examples, too.
func Serve(change func(*server.Config)) (addr string, stop func() error, err error) {
	workers := passwords.NewWorkers(passwords.DefaultJobs, passwords.DefaultShare, passwords.Here{})
	cfg := server.Config{Loops: 1, History: 50, PlainPresence: true, PresenceLimit: 100, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
		Token: func() string {
			var token [protocol.TokenSize]byte
			_, _ = rand.Read(token[:])
			return hex.EncodeToString(token[:])
		}}
	if change != nil {
		change(&cfg)
	}
	var srv *server.Server
	salt := func() (s [passwords.SaltSize]byte) { _, _ = rand.Read(s[:]); return s }
	srv = server.New(cfg, server.StartInMemory("log", time.Now()), &passwords.Hasher{Workers: workers, Post: func(f func()) { srv.Post(f) }, Salt: salt})
	listening, quit, ended := make(chan string, 1), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- eventloop.Run(eventloop.Config{
			Listen: []string{"127.0.0.1:0"}, Loops: 1, MaxOutbound: protocol.MaxOutbound, Log: cfg.Log,
			Listening: func(addrs []string) { listening <- addrs[0] }, Stop: quit, Admit: srv.Admit,
		}, srv)
	}()
	stop = func() error {
		close(quit)
		err := <-ended
		workers.Close()
		return err
	}
	select {
	case addr = <-listening:
		return addr, stop, nil
	case err = <-ended:
		workers.Close()
		return "", nil, err
	}
}

// lines are the connections of a bot, which can be cut.
type lines struct {
	addr  string
	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

func (l *lines) dial(ctx context.Context) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, net.ErrClosed
	}
	c, err := new(net.Dialer).DialContext(ctx, "tcp", l.addr)
	if err == nil {
		l.conns = append(l.conns, c)
	}
	return c, err
}

// cut ends all connections; while it is down there are no new ones.
func (l *lines) cut(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	for _, c := range l.conns {
		c.Close()
	}
	l.conns = nil
}

// start has a bot log in that is closed when the test ends.
func start(t testing.TB, cfg Config) *Bot {
	t.Helper()
	b, err := dialFor(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func dialFor(t testing.TB, cfg Config) (*Bot, error) {
	cfg.Known = filepath.Join(t.TempDir(), "known")
	if cfg.backoff == 0 {
		cfg.backoff = 10 * time.Millisecond
	}
	b, err := Dial(t.Context(), cfg)
	if err == nil {
		t.Cleanup(b.Close)
	}
	return b, err
}

// within returns a context for what must happen.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	t.Cleanup(cancel)
	return ctx
}

// gather collects events of a bot until want of them, and no others of that kind, have come
// that pick takes.
func gather[E Event](t testing.TB, b *Bot, want int) []E {
	t.Helper()
	late := time.AfterFunc(deadline, b.stop)
	defer late.Stop()
	var got []E
	if want == 0 {
		return got
	}
	for e := range b.Events() {
		if e, is := e.(E); is {
			if got = append(got, e); len(got) == want {
				return got
			}
		}
	}
	t.Fatalf("%d of %d have come: %+v; %v", len(got), want, got, b.Err())
	return nil
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
