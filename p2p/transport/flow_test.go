package transport

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"parley/p2p"
	"parley/protocol"
)

// A rogue is a peer with the right key that does what it likes on a connection.
func rogue(t *testing.T, a, b *side, session uint64) (conn *tls.Conn, link p2p.LinkID) {
	t.Helper()
	forA, forB := plans(t, session, a, b)
	forB.Paths = nil
	b.Connect(forB)
	raw := knockAt(t, b)
	shown := newProof(forB.Token, forB.Fingerprint, forA.Fingerprint)
	raw.Write(shown[:])
	if _, err := raw.Read(shown[:]); err != nil {
		t.Fatal(err)
	}
	conn = tls.Client(raw, &tls.Config{
		Certificates: []tls.Certificate{a.cfg.Identity.Certificate()}, MinVersion: tls.VersionTLS13,
		NextProtos: []string{protocolName}, InsecureSkipVerify: true,
	})
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	return conn, b.find(func(e p2p.Event) bool { return e.Kind == p2p.Linked }).Link.ID
}

func TestWhatIsNoFrame(t *testing.T) {
	for _, say := range []string{"hello\n", "{\"a\":}\n", "{" + strings.Repeat(" ", protocol.MaxFrame)} {
		a, b := newSide(t, "alice", nil), newSide(t, "bob", nil)
		conn, _ := rogue(t, a, b, 1)
		conn.Write([]byte(say))
		mention(t, b.next(p2p.Lost).Err, "no frame")
	}
}

func TestPeerVanishes(t *testing.T) {
	a, b := newSide(t, "alice", nil), newSide(t, "bob", nil)
	conn, link := rogue(t, a, b, 1)
	conn.NetConn().(*net.TCPConn).SetLinger(0)
	conn.NetConn().Close()
	if e := b.next(p2p.Lost); e.ID != link || e.Err == nil {
		t.Errorf("%+v", e)
	}
}

// TestPeerReadsNothing has one peer that takes nothing and another that talks.
func TestPeerReadsNothing(t *testing.T) {
	a, b, c := newSide(t, "alice", nil), newSide(t, "bob", func(c *Config) { c.WriteTimeout = time.Second }), newSide(t, "carol", nil)
	_, deaf := rogue(t, a, b, 1)
	long := text(strings.Repeat("x", protocol.MaxText))
	for n := 0; b.Send(deaf, long); n++ {
		if n > 1<<20 {
			t.Fatal("everything is taken")
		}
	}
	atB, atC := connected(t, 2, b, c)
	talk(t, b, atB.ID, c, atC.ID)
	talk(t, c, atC.ID, b, atB.ID)
	for {
		select {
		case e := <-b.events:
			if e.ID == deaf {
				mention(t, e.Err, "takes nothing")
				return
			}
		default:
			b.Send(deaf, long) // the socket may have had room for all
		}
	}
}

// TestPeerFloods counts how many events of a flood there are between two of a
// peer that talks: those that wait are served in turn.
func TestPeerFloods(t *testing.T) {
	a, b, c := newSide(t, "alice", nil), newSide(t, "bob", nil), newSide(t, "carol", nil)
	conn, flooder := rogue(t, a, b, 1)
	atB, atC := connected(t, 2, b, c)
	b.quiet()
	done := make(chan struct{})
	go func() {
		defer close(done)
		flood := []byte(strings.Repeat(string(text("flood")), 100))
		for {
			if _, err := conn.Write(flood); err != nil {
				return
			}
		}
	}()
	for range 50 {
		c.Send(atC.ID, text("hello"))
	}
	floods, hellos := 0, 0
	for hellos < 50 {
		e := <-b.Events()
		switch {
		case e.Kind == p2p.Received && e.ID == flooder:
			floods++
		case e.Kind == p2p.Received && e.ID == atB.ID:
			hellos++
		}
	}
	b.Close(flooder)
	<-done
	if floods > 100*hellos { // no more than in turn, but for what came before the texts
		t.Error("the flood has pushed the other one aside")
	}
	t.Logf("%d of the flood beside %d", floods, hellos)
}

func TestCloseOfOneWhoIsStuck(t *testing.T) {
	a, b := newSide(t, "alice", nil), newSide(t, "bob", nil)
	_, deaf := rogue(t, a, b, 1)
	for b.Send(deaf, text(strings.Repeat("x", protocol.MaxText))) {
	}
	b.Close(deaf)
	b.Stop() // which waits for the link
}

// What was sent before the end arrives, and then the end.
func TestNothingIsLostAtTheEnd(t *testing.T) {
	for name, only := range map[string]func(*Config){"direct": nil, "relay": relayOnly} {
		t.Run(name, func(t *testing.T) {
			a := newSide(t, "alice", func(c *Config) {
				c.CloseTimeout = patienceOfTests
				if only != nil {
					only(c)
				}
			})
			b := newSide(t, "bob", only)
			join(t, 1, a, b)
			atA, atB := connected(t, 1, a, b)
			for i := range maxQueue {
				if !a.Send(atA.ID, text(fmt.Sprint(i))) {
					t.Fatalf("there is no room for text %d", i)
				}
			}
			a.Close(atA.ID)
			for i := range maxQueue {
				if e := b.find(of(atB.ID)); e.Kind != p2p.Received || e.Response.Content != fmt.Sprint(i) {
					t.Fatalf("in place of text %d comes %+v", i, e)
				}
			}
			if e := b.find(of(atB.ID)); e.Kind != p2p.Lost {
				t.Errorf("at the end comes %+v", e)
			}
		})
	}
}
