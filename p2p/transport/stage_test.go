package transport

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/p2p"
	"parley/p2p/identity"
	"parley/protocol"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(playRole(role))
	}
	goleak.VerifyTestMain(m)
}

// patienceOfTests is how long a test waits for what must come.
const patienceOfTests = 20 * time.Second

// A side is a person with a Transport, whose events are taken at once: those for
// the server go to relay, the others wait for the test.
type side struct {
	t    testing.TB
	name string
	*Transport
	relay  func(credit int, payload string) // what the server does; nil: nothing
	events chan p2p.Event
	quiet  func() // takes no more events from the Transport, so that the test can
}

// newSide returns a side with a connection to a server on loopback.
func newSide(t testing.TB, name string, change func(*Config)) *side {
	t.Helper()
	id, err := identity.Open(t.TempDir(), rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		Identity: id, Patience: 5 * time.Second, Linger: 5 * time.Second, Handshake: 5 * time.Second,
		RelayPatience: 5 * time.Second, CloseTimeout: 200 * time.Millisecond,
	}
	if testing.Verbose() {
		c.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})).With("side", name)
	}
	if change != nil {
		change(&c)
	}
	s := &side{t: t, name: name, Transport: New(c), events: make(chan p2p.Event, 1<<14)}
	s.ServerConnected(serverConnection(t).LocalAddr())
	done, pumped := make(chan struct{}), make(chan struct{})
	go func() { defer close(pumped); s.pump(done) }()
	s.quiet = sync.OnceFunc(func() {
		close(done)
		<-pumped
	})
	t.Cleanup(func() {
		s.Stop()
		s.quiet()
	})
	return s
}

func (s *side) pump(done <-chan struct{}) {
	for {
		select {
		case e := <-s.Events():
			if e.Kind != p2p.Relay {
				s.events <- e
			} else if s.relay != nil {
				s.relay(e.Credit, e.Payload)
			}
		case <-done:
			return
		}
	}
}

// serverConnection dials a server that says nothing.
func serverConnection(t testing.TB) net.Conn {
	t.Helper()
	server, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := Dialer().Dial("tcp4", server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := server.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); accepted.Close(); server.Close() })
	return conn
}

// next returns the next event, which must be of a kind.
func (s *side) next(kind p2p.EventKind) p2p.Event {
	s.t.Helper()
	select {
	case e := <-s.events:
		if e.Kind != kind {
			s.t.Fatalf("%s: event %d (%v), want %d", s.name, e.Kind, e.Err, kind)
		}
		return e
	case <-time.After(patienceOfTests):
		s.t.Fatalf("%s: no event of kind %d", s.name, kind)
	}
	panic("unreachable")
}

// find returns the next event for which what is true; others are passed over.
func (s *side) find(what func(p2p.Event) bool) p2p.Event {
	s.t.Helper()
	timeout := time.After(patienceOfTests)
	for {
		select {
		case e := <-s.events:
			if what(e) {
				return e
			}
		case <-timeout:
			s.t.Fatalf("%s: what is waited for does not come", s.name)
		}
	}
}

// plans does what the server does for two who agree; the name of a is the
// smaller one.
func plans(t testing.TB, session uint64, a, b *side) (forA, forB p2p.Plan) {
	t.Helper()
	offer := func(s *side) (string, []string) {
		o, err := s.Offer()
		if err != nil {
			t.Fatal(err)
		}
		paths := o.Paths
		if i := slices.Index(paths, protocol.PathObserved); i >= 0 && s.local == loopback {
			paths = slices.Delete(paths, i, i+1)
		} else if i >= 0 {
			paths[i] = s.local.String()
		}
		return o.Fingerprint, paths
	}
	printA, pathsA := offer(a)
	printB, pathsB := offer(b)
	if !slices.Contains(pathsA, protocol.PathRelay) || !slices.Contains(pathsB, protocol.PathRelay) {
		isRelay := func(p string) bool { return p == protocol.PathRelay }
		pathsA, pathsB = slices.DeleteFunc(pathsA, isRelay), slices.DeleteFunc(pathsB, isRelay)
	}
	token := fmt.Sprintf("%032x", session)
	return p2p.Plan{Session: session, Number: session + 100, Token: token, Name: b.name, Client: true, Fingerprint: printB, Paths: pathsB},
		p2p.Plan{Session: session, Number: session + 100, Token: token, Name: a.name, Fingerprint: printA, Paths: pathsA}
}

// A relayServer checks what passes as the server does.
type relayServer struct {
	t       testing.TB
	session uint64
	mu      sync.Mutex
	flight  [2]int // cost of what was sent in each direction and not given credit for
	highest int
	spoil   func(payload string) string // what is done to a payload; nil: nothing
}

// join puts a relay between two sides.
func join(t testing.TB, session uint64, a, b *side) *relayServer {
	r := &relayServer{t: t, session: session}
	a.relay = func(credit int, payload string) { r.pass(0, b, credit, payload) }
	b.relay = func(credit int, payload string) { r.pass(1, a, credit, payload) }
	return r
}

func (r *relayServer) pass(from int, to *side, credit int, payload string) {
	r.mu.Lock()
	r.flight[1-from] -= credit
	if r.flight[1-from] < 0 || credit < 0 {
		r.t.Errorf("credit of %d is more than what was in flight", credit)
	}
	if credit == 0 && payload == "" {
		r.t.Error("there is neither credit nor data, which costs something")
	}
	if payload != "" {
		r.flight[from] += protocol.RelayCost(payload)
	}
	r.highest = max(r.highest, r.flight[from])
	if r.flight[from] > protocol.RelayWindow {
		r.t.Errorf("%d in flight: more than the window", r.flight[from])
	}
	spoil := r.spoil
	r.mu.Unlock()
	if spoil != nil {
		payload = spoil(payload)
	}
	to.Relayed(r.session, credit, payload)
}

// of finds what came from a link.
func of(id p2p.LinkID) func(p2p.Event) bool { return func(e p2p.Event) bool { return e.ID == id } }

// text returns a frame with a text.
func text(s string) []byte {
	return protocol.AppendExtended(nil, protocol.Response{Kind: protocol.KindMessage, Content: s, Data: &protocol.Data{Event: protocol.EventMessage}})
}

// talk says something from one side to the other and waits for it.
func talk(t testing.TB, from *side, out p2p.LinkID, to *side, in p2p.LinkID) {
	t.Helper()
	if !from.Send(out, text("hello")) {
		t.Fatal("the queue is full")
	}
	if e := to.find(of(in)); e.Kind != p2p.Received || e.Response.Content != "hello" {
		t.Fatalf("%s got %+v", to.name, e)
	}
}

// mention fails the test unless an error names all of some things.
func mention(t testing.TB, err error, words ...string) {
	t.Helper()
	if err == nil {
		err = errors.New("nothing")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}
