package sim_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/passwords"
)

// start is when simulated time begins.
var start = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

func config(t testing.TB, loops int) server.Config {
	return server.Config{Loops: loops, Pace: 50 * time.Millisecond, PlainHistory: protocol.HistoryReplay, History: 100,
		LoginTimeout: 30 * time.Second, LoginSize: protocol.LoginSize, Flood: server.DefaultFlood(), Timeout: 30 * time.Minute, Drain: 10 * time.Second, RelayRate: 256 << 10, PlainPresence: true, PresenceLimit: 100,
		Logins: users.DefaultLockoutLimits(), Clock: time.Now, Token: func() string { return strings.Repeat("0a", protocol.TokenSize) },
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))}
}

// unpaced is config for tests that say much at once.
func unpaced(t testing.TB, loops int) server.Config {
	cfg := config(t, loops)
	cfg.Flood = server.FloodLimits{}
	return cfg
}

// TestDialogues plays every script on the simulator and on real sockets, with
// one loop and with several.
func TestDialogues(t *testing.T) {
	playAll(t, "testdata/*.txt", config)
}

// TestLimitDialogues does so with small limits of what comes from one address.
func TestLimitDialogues(t *testing.T) {
	playAll(t, "testdata/limits/*.txt", func(t testing.TB, loops int) server.Config {
		cfg := config(t, loops)
		cfg.Addresses = server.AddressLimits{Connections: 3, New: server.Quota{Most: 5, Per: 10 * time.Second}, Guests: 2,
			Registrations: server.Quota{Most: 2, Per: 2 * time.Minute}, Loopback: true}
		return cfg
	})
}

// TestLookalikeDialogues does so with each rule for names that can be taken for others.
func TestLookalikeDialogues(t *testing.T) {
	for _, rule := range []users.LookalikeRule{users.RefuseLookalikes, users.ShowLookalikes} {
		playAll(t, "testdata/lookalikes/"+string(rule)+".txt", func(t testing.TB, loops int) server.Config {
			cfg := config(t, loops)
			cfg.Lookalikes = rule
			return cfg
		})
	}
}

// TestSizeDialogues does so with small limits of texts, and of requests.
func TestSizeDialogues(t *testing.T) {
	for script, limit := range map[string]func(cfg *server.Config){
		"texts":    func(cfg *server.Config) { cfg.MaxText = 20 },
		"requests": func(cfg *server.Config) { cfg.MaxFrame = 80 },
	} {
		playAll(t, "testdata/sizes/"+script+".txt", func(t testing.TB, loops int) server.Config {
			cfg := config(t, loops)
			limit(&cfg)
			return cfg
		})
	}
}

// playAll plays the scripts that match a pattern, with a configuration.
func playAll(t *testing.T, pattern string, config func(testing.TB, int) server.Config) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := sim.ParseDialogue(string(script))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		stages := map[string]func(*testing.T) sim.Stage{
			"simulator, 1 loop":  func(t *testing.T) sim.Stage { return memory(config(t, 1)) },
			"simulator, 3 loops": func(t *testing.T) sim.Stage { return memory(config(t, 3)) },
			"nodes, 1":           func(t *testing.T) sim.Stage { return nodes(config(t, 1), 1) },
			"sockets, 1 loop":    func(t *testing.T) sim.Stage { return sockets(t, config(t, 1)) },
			"sockets, 2 loops":   func(t *testing.T) sim.Stage { return sockets(t, config(t, 2)) },
		}
		for name, stage := range stages {
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) {
				t.Parallel()
				if why := notOnNodes[filepath.Base(file)]; why != "" && strings.HasPrefix(name, "nodes") {
					t.Skip(why)
				}
				err := d.Play(stage(t))
				if errors.Is(err, sim.ErrNotHere) {
					t.Skip("only the simulator can do that: " + err.Error())
				}
				if err != nil {
					t.Errorf("%s: %v", file, err)
				}
			})
		}
	}
}

func memory(cfg server.Config) sim.Stage {
	return sim.NewStage(sim.NewWorld(cfg, time.Millisecond, start))
}

// notOnNodes are the scripts that are not played on a log that nodes could share, and why.
var notOnNodes = map[string]string{
	"clock.txt":         "the nodes' heartbeats of months would take minutes",
	"private_lapse.txt": "who is told that a relay has ended hears that before it hears that its peer has timed out",
}

// nodes starts servers that share a log.
func nodes(cfg server.Config, n int) sim.Stage {
	c := sim.NewCluster(cfg, n, time.Millisecond, start, mathrand.New(mathrand.NewPCG(1, 1)))
	c.Stream.Calm = true
	return sim.NewClusterStage(c)
}

// sockets starts a server on a free port of the loopback interface.
func sockets(t *testing.T, cfg server.Config) sim.Stage {
	w := watched{realServer(t, cfg), make(chan string, 64)}
	return socketStage{t, listen(t, cfg.Loops, w, w.Admit), w}
}

// listen has loops listen for a handler until the test ends, and returns the address.
func listen(t *testing.T, loops int, h eventloop.Handler, admit func(netip.AddrPort) []byte) string {
	listening := make(chan string, 1)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- eventloop.Run(eventloop.Config{
			Listen: []string{"127.0.0.1:0"}, Loops: loops, MaxOutbound: protocol.MaxOutbound, Log: slog.New(slog.DiscardHandler),
			Listening: func(addrs []string) { listening <- addrs[0] }, Stop: stop, Admit: admit,
		}, h)
	}()
	t.Cleanup(func() {
		close(stop)
		if err := <-ended; err != nil {
			t.Errorf("the loops ended with %v", err)
		}
	})
	select {
	case addr := <-listening:
		return addr
	case err := <-ended:
		ended <- nil
		t.Fatalf("cannot start: %v", err)
		return ""
	}
}

// realServer returns a server with a store and hashes as parley serve has them,
// on a disk that keeps nothing.
func realServer(t *testing.T, cfg server.Config) *server.Server {
	workers := passwords.NewWorkers(passwords.DefaultJobs, passwords.DefaultShare, passwords.Here{})
	t.Cleanup(workers.Close)
	var srv *server.Server
	post := func(f func()) { srv.Post(f) }
	salt := func() (s [passwords.SaltSize]byte) { _, _ = rand.Read(s[:]); return s }
	cfg.Clock = time.Now
	cfg.Token = func() string {
		var token [protocol.TokenSize]byte
		_, _ = rand.Read(token[:])
		return hex.EncodeToString(token[:])
	}
	srv = server.New(cfg, server.StartInMemory("socket", time.Now()), &passwords.Hasher{Workers: workers, Post: post, Salt: salt})
	return srv
}

// watched tells the remote address of every connection that the server knows to
// be closed: what happens on one loop is not in order with the others.
type watched struct {
	*server.Server
	closed chan string
}

func (w watched) Closed(c *eventloop.Conn, err error) {
	w.Server.Closed(c, err)
	w.closed <- c.Remote().String()
}

type socketStage struct {
	t      *testing.T
	addr   string
	server watched
}

func (s socketStage) Dial() (sim.Peer, error) { return s.dial(new(net.Dialer)) }

// DialFrom implements sim.Stage. Not every system has more than one address of its own.
func (s socketStage) DialFrom(addr netip.Addr) (sim.Peer, error) {
	p, err := s.dial(&net.Dialer{LocalAddr: &net.TCPAddr{IP: addr.AsSlice()}})
	if err != nil {
		return nil, sim.ErrNotHere
	}
	return p, nil
}

func (s socketStage) dial(d *net.Dialer) (sim.Peer, error) {
	c, err := d.Dial("tcp", s.addr)
	if err != nil {
		return nil, err
	}
	s.t.Cleanup(func() { c.Close() }) // before the server stops: it waits for its clients
	return &socketPeer{conn: c.(*net.TCPConn), closed: s.server.closed, scanner: protocol.NewScanner(protocol.MaxServedFrame)}, nil
}

func (socketStage) Wait(time.Duration) bool     { return false }
func (socketStage) SetClock(time.Duration) bool { return false }

// Happen implements sim.Stage.
func (s socketStage) Happen(what string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return sim.Operate(ctx, s.server.Server, what)
}

type socketPeer struct {
	conn    *net.TCPConn
	closed  chan string
	scanner *protocol.Scanner
	buf     [4096]byte
	input   []byte
}

func (p *socketPeer) Send(b []byte) error {
	_, err := p.conn.Write(b)
	return err
}

func (p *socketPeer) Receive() ([]byte, error) {
	for {
		frame, n, bad := p.scanner.Scan(p.input)
		p.input = p.input[n:]
		if bad != nil {
			return nil, bad
		}
		if frame != nil {
			return frame, nil
		}
		if err := p.conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			return nil, err
		}
		n, err := p.conn.Read(p.buf[:])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, sim.ErrNothing
		}
		if err != nil {
			p.conn.Close()
			return nil, err
		}
		p.input = p.buf[:n]
	}
}

func (p *socketPeer) End() { _ = p.conn.CloseWrite() }

func (p *socketPeer) HangUp() {
	p.conn.Close()
	for addr := range p.closed {
		if addr == p.conn.LocalAddr().String() {
			return
		}
	}
}

func (p *socketPeer) Reset() {
	_ = p.conn.SetLinger(0)
	p.HangUp()
}

func (p *socketPeer) Vanish() {} // its system still takes what comes
