package transport

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"parley/p2p"
	"parley/protocol"
)

func relayOnly(c *Config) { c.RelayOnly = true }

// Where there is nothing but the relay it is begun at once.
func TestRelayOnly(t *testing.T) {
	patient := func(c *Config) { c.Patience = time.Hour }
	alone := func(c *Config) { patient(c); relayOnly(c) }
	for _, who := range []struct {
		name string
		a, b func(*Config)
	}{{"both", alone, alone}, {"the client of TLS", alone, patient}, {"the server of TLS", patient, alone}} {
		t.Run(who.name, func(t *testing.T) {
			a, b := newSide(t, "alice", who.a), newSide(t, "bob", who.b)
			join(t, 7, a, b)
			atA, atB := connected(t, 7, a, b)
			if !atA.Path.Relay || !atB.Path.Relay || atA.Path.String() != "relay" {
				t.Fatalf("links %+v and %+v", atA, atB)
			}
			talk(t, a, atA.ID, b, atB.ID)
			talk(t, b, atB.ID, a, atA.ID)
			for _, s := range []*side{a, b} {
				if s.cfg.RelayOnly && s.door != nil {
					t.Errorf("%s uses the relay only and listens", s.name)
				}
			}
			b.Send(atB.ID, text("bye"))
			b.Close(atB.ID)
			a.next(p2p.Received)
			mention(t, a.next(p2p.Lost).Err, "closed")
		})
	}
}

func TestTamperedRelay(t *testing.T) {
	for _, at := range []struct {
		name  string
		frame int // that is spoilt
	}{{"hello of the client", 1}, {"answer", 2}, {"data", 4}, {"later", 6}} {
		t.Run(at.name, func(t *testing.T) {
			a, b := newSide(t, "alice", relayOnly), newSide(t, "bob", relayOnly)
			r := join(t, 7, a, b)
			n := 0
			r.spoil = func(payload string) string {
				if payload == "" {
					return payload
				}
				if n++; n == at.frame {
					data, _ := base64.StdEncoding.DecodeString(payload)
					data[len(data)-1] ^= 1
					payload = base64.StdEncoding.EncodeToString(data)
				}
				return payload
			}
			forA, forB := plans(t, 7, a, b)
			b.Connect(forB)
			a.Connect(forA)
			if e := a.find(func(p2p.Event) bool { return true }); e.Kind == p2p.Unreachable {
				mention(t, e.Err, "over the relay")
				return
			}
			for range 10 {
				for id := range p2p.LinkID(2) {
					a.Send(id, text("hello"))
				}
				e := b.find(func(e p2p.Event) bool { return e.Kind != p2p.Linked })
				if e.Kind != p2p.Received {
					mention(t, e.Err, "MAC")
					return
				}
				if e.Response.Content != "hello" {
					t.Errorf("got %+v", e)
				}
			}
			t.Error("nobody noticed")
		})
	}
}

// pipe returns the two ends of a stream through a relay.
func pipe(t testing.TB) (a, b *relayConn, r *relayServer) {
	t.Helper()
	sa, sb := newSide(t, "alice", relayOnly), newSide(t, "bob", relayOnly)
	r = join(t, 1, sa, sb)
	a, b = newRelayConn(sa.Transport, 1), newRelayConn(sb.Transport, 1)
	sa.relays[1], sb.relays[1] = a, b
	return a, b, r
}

func TestRelayKeepsOrderAndWindow(t *testing.T) {
	a, b, r := pipe(t)
	source := rand.New(rand.NewPCG(1, 2))
	sent := make([]byte, 1<<20)
	for i := range sent {
		sent[i] = byte(source.Uint32())
	}
	go func() {
		for rest := sent; len(rest) > 0; {
			n := min(len(rest), 1+source.IntN(3*protocol.MaxRelayed))
			if _, err := a.Write(rest[:n]); err != nil {
				t.Error(err)
				return
			}
			rest = rest[n:]
		}
	}()
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(b, got); err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("got something else; error %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.highest > protocol.RelayWindow || r.highest <= protocol.RelayWindow/2 {
		t.Errorf("at most %d in flight; the window is %d", r.highest, protocol.RelayWindow)
	}
}

// TestRelayBothWaysAtOnce would hang if credit could get lost.
func TestRelayBothWaysAtOnce(t *testing.T) {
	a, b, _ := pipe(t)
	const size = 300 << 10
	for _, c := range []*relayConn{a, b} {
		go func() {
			for range size / 100 {
				c.Write(make([]byte, 100))
			}
		}()
	}
	done := make(chan error, 2)
	for _, c := range []*relayConn{a, b} {
		go func() {
			_, err := io.ReadFull(c, make([]byte, size/100*100))
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestRelayAbuse(t *testing.T) {
	full := base64.StdEncoding.EncodeToString(make([]byte, protocol.MaxRelayed))
	for _, c := range []struct {
		name    string
		credit  int
		payload string
		times   int
		want    error
	}{
		{"more than the window", 0, full, 1 + protocol.RelayWindow/protocol.RelayCost(full), errRelayFlood},
		{"credit for nothing", 1, "", 1, errRelayCredit},
		{"negative credit", -1, "", 1, errRelayCredit},
		{"no base64", 0, "%%%", 1, errRelayData},
		{"too much in one", 0, base64.StdEncoding.EncodeToString(make([]byte, protocol.MaxRelayed+1)), 1, errRelayData},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := newRelayConn(newSide(t, "alice", relayOnly).Transport, 1)
			for i := range c.times {
				if conn.err != nil {
					t.Fatalf("ended after %d: %v", i, conn.err)
				}
				conn.relayed(c.credit, c.payload)
			}
			if _, err := io.Copy(io.Discard, conn); err != c.want {
				t.Errorf("ended by %v, want %v", err, c.want)
			}
			if _, err := conn.Write([]byte("x")); err != c.want {
				t.Errorf("writing: %v, want %v", err, c.want)
			}
		})
	}
}

func TestRelayDeadlinesAndClose(t *testing.T) {
	a, b, _ := pipe(t)
	a.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("reading: %v", err)
	}
	a.SetDeadline(time.Time{})
	a.t.RelayEnded(99) // of another session
	if _, err := a.Write([]byte("x")); err != nil {
		t.Errorf("after the deadline: %v", err)
	}
	if n, err := b.Read(make([]byte, 9)); n != 1 || err != nil {
		t.Errorf("read %d, %v", n, err)
	}
	a.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)) // nobody reads
	if _, err := a.Write(make([]byte, 2*protocol.RelayWindow)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("writing: %v", err)
	}
	done := make(chan error)
	go func() {
		_, err := a.Read(make([]byte, 1))
		done <- err
	}()
	a.Close()
	if err := <-done; err == nil {
		t.Error("reading from what is closed")
	}
	b.t.RelayEnded(1)
	if n, err := io.Copy(io.Discard, b); n == 0 || err != errRelayEnded {
		t.Errorf("%d bytes that had come, then %v", n, err)
	}
}

func TestRelayEndsBeforeAnythingCame(t *testing.T) {
	a, b := newSide(t, "alice", relayOnly), newSide(t, "bob", relayOnly)
	forA, forB := plans(t, 1, a, b)
	for s, p := range map[*side]p2p.Plan{a: forA, b: forB} {
		s.Connect(p)
		s.RelayEnded(1)
		mention(t, s.next(p2p.Unreachable).Err, "cannot be reached", "relay has ended")
	}
	a.cfg.NoRelay = true
	if _, err := a.Offer(); err == nil {
		t.Error("an offer without any path")
	}
}
