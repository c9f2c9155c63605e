package sim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
)

const (
	hostile  = "127.0.0.2"
	friendly = "127.0.0.3"
)

// From one address connections come as fast as they can, each to register, to guess
// passwords and to be a guest. Two from another address talk on meanwhile, and somebody with
// a password logs in again and again. In the second round the attacker's names and
// passwords are not limited, so that nothing but the queue of the hashes stands between.
func TestHostileAddress(t *testing.T) {
	for name, change := range map[string]func(*server.Config){
		"as by default": func(*server.Config) {},
		"a flood of passwords": func(cfg *server.Config) {
			cfg.Addresses.Registrations, cfg.Logins.AddrFailures = server.Quota{}, 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t, 2)
			cfg.Addresses = server.DefaultAddressLimits()
			cfg.Addresses.Loopback = true
			cfg.Addresses.New.Most = 1000 // who is friendly comes often here
			cfg.Logins = users.DefaultLockoutLimits()
			cfg.PresenceLimit = 0
			change(&cfg)
			srv := realServer(t, cfg)
			stage := socketStage{t: t, addr: listen(t, cfg.Loops, srv, srv.Admit)}
			alice, bob := enterFrom(t, stage, "alice"), enterFrom(t, stage, "bob")
			exchange(t, alice, `{"request":"register","content":"blue horses"}`, "alice is registered")
			attack := startAttack(t, stage.addr)
			for i := range 8 {
				text := fmt.Sprintf("hello %d", i)
				exchange(t, alice, `{"request":"msg","content":"`+text+`"}`, text)
				hears(t, bob, text)
				other := dialFrom(t, stage)
				exchange(t, other, `{"request":"login","content":"alice","password":"blue horses","extended":1}`, "Login successful")
				other.End()
			}
			attack.stop()
			t.Logf("%d connections were let in, %d refused; %d answers", attack.admitted.Load(), attack.refused.Load(), attack.answers.Load())
			if attack.admitted.Load() == 0 || attack.refused.Load() == 0 || attack.answers.Load() == 0 {
				t.Error("that was no attack")
			}
		})
	}
}

// dialFrom connects from the friendly address.
func dialFrom(t *testing.T, stage sim.Stage) sim.Peer {
	t.Helper()
	peer, err := stage.DialFrom(netip.MustParseAddr(friendly))
	if errors.Is(err, sim.ErrNotHere) {
		t.Skip("this system has one loopback address only")
	}
	if err != nil {
		t.Fatal(err)
	}
	return peer
}

func enterFrom(t *testing.T, stage sim.Stage, name string) sim.Peer {
	t.Helper()
	peer := dialFrom(t, stage)
	exchange(t, peer, `{"request":"login","content":"`+name+`","extended":1}`, "Login successful")
	return peer
}

// exchange sends a request, and waits for what begins with some words.
func exchange(t *testing.T, peer sim.Peer, request, words string) {
	t.Helper()
	if err := peer.Send([]byte(request + "\n")); err != nil {
		t.Fatal(err)
	}
	hears(t, peer, words)
}

// hears waits for a response that begins with some words; errors are none that is passed over.
func hears(t *testing.T, peer sim.Peer, words string) {
	t.Helper()
	for {
		frame, err := peer.Receive()
		if err != nil {
			t.Fatalf("in place of %q: %v", words, err)
		}
		r, bad := protocol.DecodeResponse(frame)
		switch {
		case bad != nil || r.Kind == protocol.KindError:
			t.Fatalf("in place of %q comes %s", words, frame)
		case strings.HasPrefix(r.Content, words):
			return
		}
	}
}

// An assault is connections that come all the time.
type assault struct {
	addr                       string
	admitted, refused, answers atomic.Int64
	names                      atomic.Int64
	cancel                     context.CancelFunc
	attackers                  sync.WaitGroup
}

func startAttack(t *testing.T, addr string) *assault {
	ctx, cancel := context.WithCancel(context.Background())
	a := &assault{addr: addr, cancel: cancel}
	for range 18 { // two more than are let in: they take the cores of the server
		a.attackers.Go(func() {
			for ctx.Err() == nil {
				a.connect(ctx)
			}
		})
	}
	t.Cleanup(a.stop)
	return a
}

// stop may be called more than once.
func (a *assault) stop() {
	a.cancel()
	a.attackers.Wait()
}

// connect opens one connection and sends what costs the server most, until it ends.
func (a *assault) connect(ctx context.Context) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(hostile)}}
	c, err := d.DialContext(ctx, "tcp", a.addr)
	if err != nil {
		return
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second)) // then another one
	for i := range 30 {
		name := fmt.Sprint("mallory", a.names.Add(1))
		request := `{"request":"login","content":"` + name + `","password":"blue horses","extended":1}`
		if i%2 == 0 {
			request = `{"request":"login","content":"` + name + `","password":"blue horses","register":true,"extended":1}{"request":"logout"}`
		}
		if _, err := io.WriteString(c, request+"\n"); err != nil {
			break
		}
	}
	said := make([]byte, 4096)
	for first := true; ; first = false {
		n, err := c.Read(said)
		if err != nil {
			return
		}
		switch {
		case first && strings.Contains(string(said[:n]), "from your address"):
			a.refused.Add(1)
			return
		case first:
			a.admitted.Add(1)
		}
		a.answers.Add(1)
	}
}
