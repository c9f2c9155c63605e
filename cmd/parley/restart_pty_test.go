//go:build unix

package main

import (
	"strings"
	"syscall"
	"testing"
)

// A restart of the server is one line in a terminal: what is typed meanwhile is said
// afterwards, and nothing else is to be seen.
func TestRestartInATerminal(t *testing.T) {
	folder := t.TempDir()
	srv := serveIn(t, folder, nil, "127.0.0.1:0")
	addr := srv.addrs[0]
	alice := open(t, "alice@"+addr)
	alice.shows("Login successful")
	bob := open(t, "bob@"+addr)
	bob.shows("Login successful")
	bob.types("before\r")
	alice.shows("bob: before")
	alice.types("half a li")
	alice.shows("half a li")
	if err := srv.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*screen{alice, bob} {
		s.shows("The server restarts; back in ")
		s.shows("lobby (offline)> ")
	}
	alice.types("ne\r")
	alice.shows("half a line (unsent)")
	if err := srv.Wait(); err != nil {
		t.Errorf("the server ends with %v: %s", err, srv.log)
	}
	serveIn(t, folder, nil, addr)
	bob.shows("alice: half a line")
	bob.types("after\r")
	alice.shows("bob: after")
	for _, s := range []*screen{alice, bob} {
		s.mu.Lock()
		shown := escapes.ReplaceAllString(s.text.String(), "")
		s.mu.Unlock()
		for text, times := range map[string]int{"restarts": 1, "Login successful": 1, "bob: before": 1, "bob: after": 1, "lost": 0, "No connection": 0, "Nothing was missed": 0, "shutting down": 0} {
			if got := strings.Count(shown, text); got != times {
				t.Errorf("%q is shown %d times, not %d:\n%s", text, got, times, shown)
			}
		}
	}
}
