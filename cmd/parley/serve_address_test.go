package main

import (
	"testing"

	"parley/protocol"
)

// Wrong passwords for several names from one address block the address: the right
// password does not help, nor does another name.
func TestServeBlocksAnAddress(t *testing.T) {
	dir := t.TempDir()
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	addr := serveFrom(t, dir, "--address-attempts", "3", "--address-window", "5m", "--address-block", "20m")
	for _, step := range []struct {
		name, password string
		want           protocol.Code
	}{
		{"alice", "wrong password", protocol.WrongCredentials},
		{"bob", "wrong password", protocol.WrongCredentials},
		{"alice", secret, ""},
		{"carol", "wrong password", protocol.BlockedLogin},
		{"alice", secret, protocol.BlockedLogin},
		{"guest", "", ""},
	} {
		got := logIn(t, addr, step.name, step.password)
		if got.Code != step.want {
			t.Errorf("%s with %q: %q, not %q", step.name, step.password, got.Code, step.want)
		}
		if twenty := 20 * 60; got.Code == protocol.BlockedLogin && (got.Seconds < twenty-60 || got.Seconds > twenty) {
			t.Errorf("blocked for %d s, not for 20 minutes", got.Seconds)
		}
	}
}

// With 0 no address is ever blocked, only names are.
func TestServeBlocksNoAddress(t *testing.T) {
	addr := serveFrom(t, t.TempDir(), "--address-attempts", "0", "--attempts", "2")
	for _, name := range []string{"ann", "ben", "cid", "dan", "eve"} {
		if got := logIn(t, addr, name, "wrong password"); got.Code != protocol.WrongCredentials {
			t.Errorf("%s: %q", name, got.Code)
		}
	}
	if got := logIn(t, addr, "eve", "wrong password"); got.Code != protocol.BlockedLogin {
		t.Errorf("eve, again: %q", got.Code)
	}
}
