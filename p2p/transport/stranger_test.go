package transport

import (
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/p2p"
)

// knockAt dials the listener of a side as anybody can.
func knockAt(t *testing.T, s *side) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp4", "127.0.0.1:"+strconv.Itoa(int(s.door.at.Port())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patienceOfTests))
	return conn
}

// learns returns what a stranger is told before it is thrown out.
func learns(t *testing.T, conn net.Conn) string {
	t.Helper()
	told, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("a stranger was not thrown out")
	}
	return string(told)
}

func TestStrangers(t *testing.T) {
	short := func(c *Config) { c.Handshake = 300 * time.Millisecond }
	a, b := newSide(t, "alice", nil), newSide(t, "bob", short)
	forA, forB := plans(t, 1, a, b)
	b.Connect(forB)
	right := newProof(forB.Token, forA.Fingerprint, forB.Fingerprint) // bob's own: an echo
	for _, says := range []string{"", "GET / HTTP/1.1\r\n\r\n", strings.Repeat("x", 100), string(right[:])} {
		conn := knockAt(t, b)
		conn.Write([]byte(says))
		if told := learns(t, conn); told != "" {
			t.Errorf("%q is answered by %q", says, told)
		}
	}
	conn := knockAt(t, b)
	conn.Write([]byte("short"))
	conn.(*net.TCPConn).CloseWrite()
	if told := learns(t, conn); told != "" {
		t.Errorf("an unfinished proof is answered by %q", told)
	}
	// One who has the token, as the server has, has no key.
	conn = knockAt(t, b)
	shown, answer := newProof(forB.Token, forB.Fingerprint, forA.Fingerprint), newProof(forB.Token, forA.Fingerprint, forB.Fingerprint)
	conn.Write([]byte(string(shown[:]) + strings.Repeat("y", 3000)))
	if told := learns(t, conn); !strings.HasPrefix(told, string(answer[:])) {
		t.Errorf("the proof is answered by %q", told)
	}
	if len(b.events) > 0 {
		t.Errorf("a stranger was reported: %+v", <-b.events)
	}
}

func TestStrangersAreFew(t *testing.T) {
	a, b := newSide(t, "alice", nil), newSide(t, "bob", func(c *Config) { c.Handshake = 500 * time.Millisecond })
	forA, forB := plans(t, 1, a, b)
	var crowd []net.Conn
	for range maxStrangers + 20 {
		crowd = append(crowd, knockAt(t, b))
	}
	thrown := 0
	for _, conn := range crowd { // the last ones are thrown out at once, the first ones have their time
		if learns(t, conn) == "" {
			thrown++
		}
		if len(b.strangers) > maxStrangers {
			t.Errorf("%d strangers at a time", len(b.strangers))
		}
	}
	if thrown != len(crowd) {
		t.Errorf("%d of %d were thrown out", thrown, len(crowd))
	}
	a.Connect(forA)
	b.Connect(forB)
	b.other(a.next(p2p.Linked).Link)
}

// Who has the token and not the key, as the server has, holds so many connections
// and no more. The peer's link is one of them.
func TestConnectionsOfASessionAreFew(t *testing.T) {
	a, b := newSide(t, "alice", nil), newSide(t, "bob", func(c *Config) { c.Handshake = patienceOfTests })
	forA, forB := plans(t, 1, a, b)
	forB.Paths = nil // bob dials nobody
	b.Connect(forB)
	shown := newProof(forB.Token, forB.Fingerprint, forA.Fingerprint)
	var crowd []net.Conn
	comesIn := func() bool {
		conn := knockAt(t, b)
		conn.Write(shown[:])
		var answer proof
		if _, err := io.ReadFull(conn, answer[:]); err != nil {
			return false
		}
		crowd = append(crowd, conn)
		return true
	}
	for len(crowd) <= maxConns && comesIn() {
	}
	if len(crowd) != maxConns {
		t.Errorf("%d connections are held, want %d", len(crowd), maxConns)
	}
	crowd[0].Close()
	a.Connect(forA)
	atA := a.next(p2p.Linked).Link
	b.other(atA)
	if comesIn() {
		t.Error("one more comes in beside the link")
	}
	a.Close(atA.ID)
	for deadline := time.Now().Add(patienceOfTests); !comesIn(); {
		if time.Now().After(deadline) {
			t.Fatal("nobody comes in when the link is closed")
		}
	}
}

// While a link takes the place of its handshake a session that is full has one
// connection more than it may; nobody comes in meanwhile.
func TestAFullSessionIsClosed(t *testing.T) {
	a, b := newSide(t, "alice", nil), newSide(t, "bob", nil)
	_, forB := plans(t, 1, a, b)
	b.Connect(forB)
	b.mu.Lock()
	full := b.attempts[1]
	full.conns += maxConns + 1
	b.mu.Unlock()
	if full.enter() == nil {
		t.Error("one comes in")
	}
}

func TestWrongKey(t *testing.T) {
	for _, wrong := range []string{"alice", "bob"} {
		t.Run("of "+wrong, func(t *testing.T) {
			short := func(c *Config) { c.Patience, c.NoRelay = 400*time.Millisecond, true }
			a, b := newSide(t, "alice", short), newSide(t, "bob", short)
			c := newSide(t, "carol", nil)
			stolen := c.cfg.Identity.Fingerprint() // the victim is told that the liar has this key
			victim, liar := a, b
			ofVictim, ofLiar := plans(t, 1, a, b)
			if wrong == "alice" {
				victim, liar, ofVictim, ofLiar = b, a, ofLiar, ofVictim
			}
			ofVictim.Fingerprint = stolen
			ofLiar.Paths = nil
			liar.Connect(ofLiar)
			liar.mu.Lock() // the liar waits with the right proofs
			a0 := liar.attempts[1]
			a0.mine, a0.theirs = newProof(ofVictim.Token, stolen, ofLiar.Fingerprint), newProof(ofVictim.Token, ofLiar.Fingerprint, stolen)
			liar.mu.Unlock()
			victim.Connect(ofVictim)
			e := victim.find(func(p2p.Event) bool { return true })
			if e.Kind != p2p.Unreachable {
				t.Fatalf("%s: %+v", victim.name, e)
			}
			mention(t, e.Err, "has another key", stolen)
			// The client of TLS may believe for a moment that there is a link.
			e = liar.find(func(e p2p.Event) bool { return e.Kind == p2p.Lost || e.Kind == p2p.Unreachable })
			mention(t, e.Err, "another key of you")
		})
	}
}
