//go:build unix

package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/p2p/identity"
)

// pair opens the chats of alice and bob at a server, and waits until both are
// logged in.
func pair(t *testing.T, addr string, args ...string) (alice, bob *screen) {
	t.Helper()
	alice = open(t, append(args, "alice@"+addr)...)
	alice.shows("Login successful")
	bob = open(t, append(args, "bob@"+addr)...)
	bob.shows("Login successful")
	return alice, bob
}

// opens opens a private session: alice asks and bob agrees.
func opens(t *testing.T, alice, bob *screen, path string) {
	t.Helper()
	alice.types("/startprivate bob\r")
	alice.shows("bob was asked")
	bob.shows("alice asks for a private session")
	bob.shows("SHA256:")
	bob.types("/accept alice\r")
	alice.shows("The private session with bob is open: " + path)
	bob.shows("The private session with alice is open: " + path)
}

// next returns the line below the one that ends in text.
func (s *screen) next(text string) string {
	s.t.Helper()
	s.shows(text + "\r\n")
	begin := s.seen
	s.shows("\r\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimSpace(escapes.ReplaceAllString(s.text.String(), "")[begin:s.seen])
}

// The whole story, with processes: asked, agreed, verified, and going on without
// the server.
func TestPrivateSessionInTerminals(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	alice, bob := pair(t, srv.addrs[0])
	opens(t, alice, bob, "direct ")
	alice.types("/private bob\r")
	alice.shows("bob (private, not verified)> ")
	alice.types("hello bob\r")
	bob.shows("alice: hello bob")
	bob.types("/private alice hello alice\r")
	alice.shows("¦ bob: hello alice")

	alice.types("/verify bob\r")
	bob.types("/verify alice\r")
	words, same := alice.next("on bob's screen, with /verify alice there:"), bob.next("on alice's screen, with /verify bob there:")
	if words != same || len(strings.Fields(strings.TrimPrefix(words, "¦ "))) != 6 {
		t.Errorf("the words are %q and %q", words, same)
	}
	alice.types("/verify bob yes\r")
	alice.shows("The key of bob is verified")
	alice.shows("bob (private, verified)> ")
	alice.types("/peers\r")
	alice.shows(" verified ")

	_ = srv.Process.Kill()
	alice.shows("Connection to " + srv.addrs[0] + " lost")
	bob.shows("Connection to " + srv.addrs[0] + " lost")
	alice.shows("bob (private, verified, offline)> ")
	bob.shows("lobby (1 private, offline)> ")
	alice.types("are you there?\r")
	bob.shows("alice: are you there?")
	bob.types("/private alice as ever\r")
	alice.shows("¦ bob: as ever")
	alice.types("/stopprivate bob\r")
	bob.shows("The private session with alice is over. alice has ended it.")
	alice.shows("bob (private, no session, offline)> ")
	alice.types("nobody reads this\r")
	alice.shows("Not sent: \"nobody reads this\"")
	alice.types("\x04")
	alice.ends(exitDone)
	alice.checkKeys("bob@" + identity.Address(srv.addrs[0]) + " SHA256:")
	bob.neverShowed("nobody reads this")
}

// checkKeys checks the files of keys: nobody else can read them, and it is known
// whom was verified.
func (s *screen) checkKeys(verified string) {
	s.t.Helper()
	folder := filepath.Join(s.home, "parley", "private")
	for _, name := range []string{"identity.pem", "peers.txt", "servers.txt"} {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			s.t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			s.t.Errorf("%s has mode %o", name, mode)
		}
	}
	content, err := os.ReadFile(filepath.Join(folder, "peers.txt"))
	if err != nil || !strings.Contains(string(content), verified) || !strings.Contains(string(content), " verified ") {
		s.t.Errorf("the keys are %q (%v)", content, err)
	}
}

// Two chats of one person on one computer have one key and one file of keys, and
// can even talk to each other.
func TestPrivateSessionWithinOneHome(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	home := t.TempDir()
	alice := openAt(t, home, "chat", "alice@"+srv.addrs[0])
	bob := openAt(t, home, "chat", "bob@"+srv.addrs[0])
	alice.shows("Login successful")
	bob.shows("Login successful")
	opens(t, alice, bob, "direct ")
	alice.types("/private bob hello\r")
	bob.shows("alice: hello")
	verify(alice, "bob")
	verify(bob, "alice")
	for _, s := range []*screen{alice, bob} {
		s.types("\x04")
		s.ends(exitDone)
	}
	alice.checkKeys("bob@" + identity.Address(srv.addrs[0]) + " SHA256:")
	alice.checkKeys("alice@" + identity.Address(srv.addrs[0]) + " SHA256:")
}

// At a server's Unix socket there is no address to be observed: peers meet on
// loopback, or at the address that is listened on, or by the relay.
func TestPrivateSessionAtAUnixSocket(t *testing.T) {
	for path, args := range map[string][]string{
		"direct 127.0.0.1:": nil,
		"direct ":           {"--p2p-listen", ":0"},
		"relay.":            {"--relay-only"},
	} {
		t.Run(path, func(t *testing.T) {
			srv := serve(t, "unix:"+filepath.Join(t.TempDir(), "s"))
			alice, bob := pair(t, srv.addrs[0], args...)
			opens(t, alice, bob, path)
			alice.types("/private bob hello\r")
			bob.shows("¦ alice: hello")
			bob.types("/stopprivate alice\r")
			alice.shows("The private session with bob is over. bob has ended it.")
			opens(t, alice, bob, path) // again from the same port
			for _, s := range []*screen{alice, bob} {
				s.types("\x04")
				s.ends(exitDone)
			}
		})
	}
}

// A line that a peer has not confirmed is shown again, with its mark, and sent
// when the peer is back.
func TestPrivateLinesThatWait(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	alice, bob := pair(t, srv.addrs[0], "--relay-only")
	opens(t, alice, bob, "relay.")
	bob.stops()
	alice.types("/private bob are you there?\r")
	alice.shows("¦private bob, relay, not verified¦ alice: are you there?")
	alice.types("/stopprivate bob\r")
	alice.shows("The private session with bob is over. You have ended it.")
	alice.shows("Lines that bob has not confirmed: 1.")
	alice.shows("\"are you there?\" (unsent)")
	_ = bob.proc.Kill()
	_, _ = bob.wait() // the name is free then
	bob = openAt(t, bob.home, "chat", "--relay-only", "bob@"+srv.addrs[0])
	bob.shows("Login successful")
	alice.types("/startprivate bob\r")
	bob.shows("alice asks for a private session")
	bob.types("/accept alice\r")
	alice.shows("What waited is sent now (1).")
	bob.shows("¦private alice, relay, not verified¦ alice: are you there?")
}

// A peer that is killed is missed at once: its computer says so.
func TestPrivatePeerIsKilled(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	alice, bob := pair(t, srv.addrs[0])
	opens(t, alice, bob, "direct ")
	_ = bob.proc.Kill()
	began := time.Now()
	alice.shows("The private session with bob is over. The connection is lost")
	t.Logf("after %s", time.Since(began))
}

// wire is a way to a server on which everything can be seen.
type wire struct {
	addr string

	mu   sync.Mutex
	seen bytes.Buffer
}

// Write notes what passes.
func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen.Write(b)
}

func newWire(t *testing.T, server string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: l.Addr().String()}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", server)
			if err != nil {
				near.Close()
				continue
			}
			pass := func(to, from net.Conn) {
				_, _ = io.Copy(to, io.TeeReader(from, w))
				to.Close()
			}
			work.Go(func() { pass(near, far) })
			work.Go(func() { pass(far, near) })
		}
	})
	t.Cleanup(func() { l.Close(); work.Wait() })
	return w
}

// With --relay-only nobody learns an address, and the server nothing of what is
// said.
func TestPrivateSessionOverTheRelayOnly(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	w := newWire(t, srv.addrs[0])
	alice, bob := pair(t, w.addr, "--relay-only")
	opens(t, alice, bob, "relay.")
	alice.types("/private bob under the rose\r")
	bob.shows("¦private alice, relay, not verified¦ alice: under the rose")
	bob.types("/private alice thorns and all\r")
	alice.shows("¦private bob, relay, not verified¦ bob: thorns and all")
	alice.types("/peers\r")
	alice.shows("bob   relay")
	alice.types("/quit\r")
	bob.shows("The private session with alice is over. alice has ended it.")
	alice.ends(exitDone)
	bob.types("/quit\r")
	bob.ends(exitDone)
	_ = srv.Process.Kill()
	_ = srv.Wait() // its log is complete then

	w.mu.Lock()
	defer w.mu.Unlock()
	if wire := w.seen.String(); !strings.Contains(wire, `"relayed"`) || strings.Contains(wire, "under the rose") || strings.Contains(wire, "thorns") {
		t.Errorf("on the wire is %.2000q", wire)
	}
	log := regexp.MustCompile(`"remote":"[^"]*"`).ReplaceAllString(srv.log.String(), "") // without where connections come from
	for place, text := range map[string]string{"on the wire": w.seen.String(), "in the server's log": log, "at alice's": alice.all(), "at bob's": bob.all()} {
		for _, found := range addresses.FindAllString(text, -1) {
			if found != w.addr && found != srv.addrs[0] {
				t.Errorf("%s stands %s", found, place)
			}
		}
	}
}

var addresses = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+(:\d+)?|\[[0-9a-f:]+\]:\d+`)

// all returns what was shown, without escapes.
func (s *screen) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return escapes.ReplaceAllString(s.text.String(), "")
}

// Without a key there are no private sessions, but a chat all the same.
func TestChatWithADamagedKey(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	home := t.TempDir()
	folder := filepath.Join(home, "parley", "private")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "identity.pem"), []byte("rust"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, home, "chat", "alice@"+srv.addrs[0])
	s.shows("there are no private sessions in this chat")
	s.shows("identity.pem is damaged")
	s.shows("Login successful")
	s.types("/peers\r")
	s.shows("¦ There are no private sessions in this chat.")
}
