package transport

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/p2p"
	"parley/protocol"
)

// connected returns the links of two sides that were introduced: a pair that are
// the two ends of one connection. Bob is first, since a server relays nothing
// before it has introduced both.
func connected(t testing.TB, session uint64, a, b *side) (atA, atB p2p.Link) {
	t.Helper()
	forA, forB := plans(t, session, a, b)
	b.Connect(forB)
	a.Connect(forA)
	atA = a.find(func(e p2p.Event) bool { return e.Kind == p2p.Linked && e.Link.Session == session }).Link
	return atA, b.other(atA)
}

func TestDirect(t *testing.T) {
	a, b := newSide(t, "alice", nil), newSide(t, "bob", nil)
	var words [][]string
	for session := uint64(1); session <= 3; session++ { // again from the same ports
		atA, atB := connected(t, session, a, b)
		if atA.Path.Relay || atB.Path.Relay || atA.Session != session || atB.Session != session || len(atA.Words) != 6 {
			t.Fatalf("links %+v and %+v", atA, atB)
		}
		if !strings.HasPrefix(atA.Path.String(), "direct ") {
			t.Errorf("path %v", atA.Path)
		}
		a.Cancel(session)
		b.Cancel(session)
		talk(t, a, atA.ID, b, atB.ID)
		talk(t, b, atB.ID, a, atA.ID)
		words = append(words, atA.Words)

		a.Send(atA.ID, text("bye"))
		a.Close(atA.ID)
		if e := b.find(of(atB.ID)); e.Response.Content != "bye" {
			t.Fatalf("what was sent before the end has not come: %+v", e)
		}
		if e := b.find(of(atB.ID)); e.Kind != p2p.Lost {
			t.Fatalf("%+v", e)
		} else {
			mention(t, e.Err, "closed")
		}
		if a.Send(99, text("more")) {
			t.Error("sent on a link that is none")
		}
		a.closeAll()
		b.closeAll()
	}
	if slices.Equal(words[0], words[1]) || slices.Equal(words[1], words[2]) {
		t.Errorf("the words of different sessions are the same: %v", words)
	}
}

// other waits for the other end of a link.
func (s *side) other(l p2p.Link) p2p.Link {
	s.t.Helper()
	return s.find(func(e p2p.Event) bool { return e.Kind == p2p.Linked && slices.Equal(e.Link.Words, l.Words) }).Link
}

// closeAll closes all links, as package p2p does with those that are not chosen.
func (s *side) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.links {
		l.close()
	}
}

func TestOneCanBeEarly(t *testing.T) {
	a, b := newSide(t, "alice", nil), newSide(t, "bob", nil)
	forA, forB := plans(t, 1, a, b)
	forB.Paths = nil // so that only alice dials
	a.Connect(forA)
	waitForStranger(t, b)
	b.Connect(forB)
	atA := a.next(p2p.Linked).Link
	atB := b.other(atA)
	talk(t, a, atA.ID, b, atB.ID)
}

// waitForStranger waits until somebody is at the door.
func waitForStranger(t *testing.T, s *side) {
	t.Helper()
	s.strangers <- struct{}{} // all but this one are others
	for len(s.strangers) < 2 {
		if !pause(t.Context(), 1) {
			t.Fatal("nobody comes")
		}
	}
	<-s.strangers
}

func TestManyPlansAtOnce(t *testing.T) {
	a := newSide(t, "alice", nil)
	others := map[uint64]*side{}
	var plansOfA []p2p.Plan
	for session := uint64(1); session <= protocol.MaxPrivate; session++ {
		b := newSide(t, "bob"+strconv.FormatUint(session, 10), nil)
		forA, forB := plans(t, session, a, b)
		others[session] = b
		plansOfA = append(plansOfA, forA)
		b.Connect(forB)
	}
	for _, p := range plansOfA {
		a.Connect(p)
	}
	for met := map[uint64]bool{}; len(met) < protocol.MaxPrivate; {
		l := a.find(func(e p2p.Event) bool { return e.Kind == p2p.Linked }).Link
		if met[l.Session] {
			continue
		}
		met[l.Session] = true
		talk(t, a, l.ID, others[l.Session], others[l.Session].other(l).ID)
	}
}

func TestStopWhileAllIsUnderWay(t *testing.T) {
	a, b := newSide(t, "alice", nil), newSide(t, "bob", nil)
	for session := uint64(1); session <= 8; session++ {
		forA, forB := plans(t, session, a, b)
		b.Connect(forB)
		a.Connect(forA)
		if session == 4 {
			a.next(p2p.Linked)
		}
	}
	a.Stop()
	b.Stop()
	a.Connect(p2p.Plan{Session: 9})
	if _, err := a.Offer(); err == nil || len(a.attempts)+len(a.links)+len(a.relays) > 0 {
		t.Errorf("after Stop: %v, %d attempts, %d links, %d relays", err, len(a.attempts), len(a.links), len(a.relays))
	}
}

// nobodysDoor returns an address of this machine at which nobody listens while the test runs: a
// connection of its own begins there, so that no other process is given the port.
func nobodysDoor(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.LocalAddr().String()
}

func TestNobodyThere(t *testing.T) {
	a, b := newSide(t, "alice", func(c *Config) { c.Patience, c.NoRelay = 300*time.Millisecond, true }), newSide(t, "bob", nil)
	forA, _ := plans(t, 1, a, b)
	b.Stop()
	door := nobodysDoor(t)
	forA.Paths = []string{door}
	a.Connect(forA)
	mention(t, a.next(p2p.Unreachable).Err, "bob cannot be reached at ", door+" (refused)", "relay may not be used")
	forA.Paths, a.cfg.Listen = nil, listenOff
	a.mu.Lock()
	a.closeDoor()
	a.mu.Unlock()
	a.Connect(forA)
	mention(t, a.next(p2p.Unreachable).Err, "no address to try")
}

func TestOffer(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
		last   []string
		fails  string
	}{
		{"all", nil, []string{protocol.PathObserved, protocol.PathRelay}, ""},
		{"no relay", func(c *Config) { c.NoRelay = true }, []string{protocol.PathObserved}, ""},
		{"relay only", relayOnly, []string{protocol.PathRelay}, ""},
		{"off", func(c *Config) { c.Listen = listenOff }, []string{protocol.PathRelay}, ""},
		{"off, no relay", func(c *Config) { c.Listen, c.NoRelay = listenOff, true }, nil, "both off"},
		{"listen on one", func(c *Config) { c.Listen = "127.0.0.1:0" }, []string{protocol.PathRelay}, ""},
		{"listen on all", func(c *Config) { c.Listen = ":0" }, []string{protocol.PathObserved, protocol.PathRelay}, ""},
		{"listen on all of IPv4", func(c *Config) { c.Listen = "0.0.0.0:0" }, []string{protocol.PathObserved, protocol.PathRelay}, ""},
		{"listen where it cannot", func(c *Config) { c.Listen = "203.0.113.99:1" }, nil, "listening for peers"},
		{"advertise what", func(c *Config) { c.Advertise = "here" }, nil, "ADDRESS:PORT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSide(t, "alice", c.change)
			tells := s.Tells()
			if s.door != nil {
				t.Error("to say what is told has opened a door")
			}
			o, err := s.Offer()
			paths := o.Paths
			if c.fails != "" {
				mention(t, err, c.fails)
				return
			}
			if !slices.Equal(tells.Addresses(), o.Addresses()) || tells.Dials != o.Dials {
				t.Errorf("beforehand it says %v, and then it tells %v", tells, o)
			}
			if o.Dials != (c.name != "relay only") {
				t.Errorf("dials: %v", o.Dials)
			}
			if n := len(paths) - len(c.last); err != nil || n < 0 || !slices.Equal(paths[n:], c.last) || n > 0 != (s.door != nil) || len(paths) > protocol.MaxPaths {
				t.Errorf("paths %q, error %v", paths, err)
			}
		})
	}
	s := newSide(t, "alice", func(c *Config) { c.Advertise = "203.0.113.7:4000" })
	before := s.Tells().Addresses()
	if o, err := s.Offer(); err != nil || !slices.Equal(before, o.Addresses()) || o.Paths[0] != "203.0.113.7:4000" || o.Paths[1] != s.local.String() {
		t.Errorf("paths %q, error %v", o.Paths, err)
	}
	s = newSide(t, "alice", func(c *Config) { c.Listen = "127.0.0.1:0" })
	if o, err := s.Offer(); err != nil || len(o.Paths) != 2 || o.Paths[0] != s.door.at.String() {
		t.Errorf("an address on which nobody listens: paths %q, error %v", o.Paths, err)
	}
	if _, err := New(Config{}).Offer(); err == nil {
		t.Error("an offer without a server")
	}
}

// What was told to one stays true when another is told. With another connection to
// the server there is another listener, but not before it is told to somebody.
func TestTheListenerStays(t *testing.T) {
	for _, listen := range []string{"", "127.0.0.1:0"} {
		s := newSide(t, "alice", func(c *Config) { c.Listen = listen })
		listens := func() uint16 {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.door.at.Port()
		}
		port := func() uint16 {
			if _, err := s.Offer(); err != nil {
				t.Fatal(err)
			}
			return listens()
		}
		first, second := port(), port()
		if first != second {
			t.Errorf("%q: the port was %d and is %d", listen, first, second)
		}
		s.ServerConnected(serverConnection(t).LocalAddr())
		s.Connect(p2p.Plan{Session: 1, Name: "bob", Token: fmt.Sprintf("%032x", 1), Paths: []string{protocol.PathRelay}})
		if is := listens(); is != first {
			t.Errorf("%q: for a plan the port was %d and is %d", listen, first, is)
		}
		if third := port(); (third == s.local.Port()) != (listen == "") || (third == first) != (listen != "") {
			t.Errorf("%q: with a connection from port %d it is %d, and was %d", listen, s.local.Port(), third, first)
		}
	}
}

// What is cancelled is forgotten, and what there is not can be cancelled.
func TestCancel(t *testing.T) {
	a, b := newSide(t, "alice", nil), newSide(t, "bob", nil)
	forA, _ := plans(t, 1, a, b)
	a.Connect(forA)
	a.Cancel(2)
	a.mu.Lock()
	trying := a.attempts[1]
	a.mu.Unlock()
	if trying == nil {
		t.Fatal("another session was cancelled")
	}
	a.Cancel(1)
	select {
	case <-trying.ctx.Done():
	default:
		t.Error("it goes on")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.attempts) != 0 {
		t.Errorf("there are still %v", a.attempts)
	}
}

// Two who have come to the server by its Unix socket meet on loopback, where
// nobody else comes in; with an address to listen on, wherever that is.
func TestUnixSocketServer(t *testing.T) {
	for name, change := range map[string]func(*Config){"no setting": nil, "an address": func(c *Config) { c.Listen = "127.0.0.1:0" },
		"all addresses": func(c *Config) { c.Listen = ":0" }} {
		t.Run(name, func(t *testing.T) {
			a, b := newSide(t, "alice", change), newSide(t, "bob", change)
			for _, s := range []*side{a, b} {
				s.ServerConnected(&net.UnixAddr{Net: "unix"})
			}
			for session := uint64(1); session <= 2; session++ {
				atA, atB := connected(t, session, a, b)
				if atA.Path.Relay || name != "all addresses" && !strings.HasPrefix(atA.Path.Address, "127.0.0.1:") {
					t.Errorf("path %v", atA.Path)
				}
				talk(t, a, atA.ID, b, atB.ID)
				a.Cancel(session)
				b.Cancel(session)
				a.closeAll()
				b.closeAll()
			}
			if o, err := a.Offer(); err != nil || o.Paths[0] != netip.AddrPortFrom(loopback.Addr(), a.door.at.Port()).String() ||
				name == "no setting" && (len(a.door.listeners) > 1 || len(o.Paths) != 2) {
				t.Errorf("paths %q, error %v", o.Paths, err)
			}
		})
	}
	a, b := newSide(t, "alice", nil), newSide(t, "bob", nil) // who came by TCP to the same host
	a.ServerConnected(&net.UnixAddr{Net: "unix"})
	atA, atB := connected(t, 1, a, b)
	talk(t, b, atB.ID, a, atA.ID)
}

// TestDoorCloses waits for the listener to go away by itself.
func TestDoorCloses(t *testing.T) {
	s := newSide(t, "alice", func(c *Config) { c.OfferTime = 20 * time.Millisecond })
	if _, err := s.Offer(); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	l := s.door.listeners[0]
	s.mu.Unlock()
	timeout := time.After(patienceOfTests)
	for open := true; open; open = !errors.Is(l.(*net.TCPListener).SetDeadline(time.Time{}), net.ErrClosed) {
		select {
		case <-timeout:
			t.Fatal("the listener stays")
		default:
		}
	}
}

func TestProof(t *testing.T) {
	// printf 'parley-p2p/2 %s %s %s' 0a0b SHA256:a SHA256:b | sha256sum
	if got := fmt.Sprintf("%x", newProof("0a0b", "SHA256:a", "SHA256:b")); got != "5ff3a9ceec9e34ab675b7cea4fb3b06384efaf93a30024aa8a116907341878da" {
		t.Errorf("proof %s", got)
	}
}
