//go:build unix

package main

import (
	"net"
	"regexp"
	"strings"
	"testing"

	"parley/p2p/identity"
)

// verify has the words shown and says that they are the same.
func verify(s *screen, name string) {
	s.t.Helper()
	s.types("/verify " + name + "\r")
	s.shows("These words must be the same")
	s.types("/verify " + name + " yes\r")
	s.shows("The key of " + name + " is verified")
}

// What one chat of a person has verified holds for another one that was started
// before, whatever it calls the server.
func TestKeysAreSharedByChats(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	_, port, _ := net.SplitHostPort(srv.addrs[0])
	home := t.TempDir()
	carl := openAt(t, home, "chat", "carl@LOCALHOST:"+port)
	carl.shows("Login successful")
	alice := openAt(t, home, "chat", "alice@"+srv.addrs[0])
	alice.shows("Login successful")
	bob := open(t, "bob@"+srv.addrs[0])
	bob.shows("Login successful")
	opens(t, alice, bob, "direct ")
	verify(alice, "bob")
	bob.types("/startprivate carl\r")
	carl.shows("bob asks for a private session")
	carl.shows("You have verified this key.")
	bob.types("/quit\r")
	bob.ends(exitDone)

	bob = open(t, "bob@"+srv.addrs[0]) // with another key
	bob.shows("Login successful")
	bob.types("/startprivate carl\r")
	carl.shows("*** This key has CHANGED. ***")
	carl.types("/accept bob\r")
	carl.shows("*** THE KEY OF bob HAS CHANGED. ***")
	carl.types("/quit\r")
	carl.ends(exitDone)
	alice.types("/quit\r")
	alice.ends(exitDone)
	alice.checkKeys("bob@" + identity.Address(srv.addrs[0]) + " SHA256:")
}

// Two chats that are told to listen on one port: the second is refused it, in words
// that say what to do.
func TestTwoChatsOnOnePort(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := free.Addr().String()
	free.Close()
	alice, bob := pair(t, srv.addrs[0], "--p2p-listen", at)
	alice.types("/startprivate bob\r")
	bob.shows("alice asks for a private session")
	bob.types("/accept alice\r")
	bob.shows("No peer could reach you: somebody listens on " + at + " already, perhaps another chat of yours")
	bob.shows("--p2p-listen")
}

// With one address to listen on no other is told, or with off none, and it is said
// beforehand which those are.
func TestAddressesThatAreTold(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	w := newWire(t, srv.addrs[0])
	for _, c := range []struct{ listen, says, told string }{
		{"127.0.0.1:0", "", `^127\.0\.0\.1:\d+$`},
		{"off", "is told no address of yours, but is dialled", `^$`},
	} {
		bob := open(t, "bob@"+w.addr, "--p2p-listen", c.listen)
		bob.shows("Login successful")
		alice := open(t, "alice@"+srv.addrs[0])
		alice.shows("Login successful")
		bob.types("/startprivate alice\r")
		if c.says != "" {
			bob.shows(c.says)
		}
		alice.shows("bob asks for a private session")
		w.mu.Lock()
		sent := startPaths.FindSubmatch(w.seen.Bytes())
		w.seen.Reset()
		w.mu.Unlock()
		if sent == nil {
			t.Fatal("no request is seen")
		}
		for _, path := range strings.Split(string(sent[1]), ",") {
			if path != "relay" && !regexp.MustCompile(c.told).MatchString(path) {
				t.Errorf("with %s is told %s", c.listen, path)
			}
		}
		for _, s := range []*screen{alice, bob} {
			s.types("/quit\r")
			s.ends(exitDone)
		}
	}
}

var startPaths = regexp.MustCompile(`"startprivate".*?"paths":"([^"]*)"`)
