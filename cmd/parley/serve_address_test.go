package main

import (
	"testing"

	"parley/protocol"
)

// Wrong passwords for several names from one address block the address: the right
// password does not help, nor does another name; unless somebody has logged in with that one
// from there before, which the strict rule does not ask for.
func TestServeBlocksAnAddress(t *testing.T) {
	for rule, known := range map[string]protocol.Code{"lenient": "", "strict": protocol.BlockedLogin} {
		t.Run(rule, func(t *testing.T) { testServeBlocksAnAddress(t, rule, known) })
	}
}

func testServeBlocksAnAddress(t *testing.T, rule string, known protocol.Code) {
	dir := t.TempDir()
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	userDoes(t, dir, secret, "dora has an account", "add", "dora")
	addr := serveFrom(t, dir, "--lockout", rule, "--address-attempts", "3", "--address-window", "5m", "--address-block", "20m")
	for _, step := range []struct {
		name, password string
		want           protocol.Code
	}{
		{"alice", "wrong password", protocol.WrongCredentials},
		{"bob", "wrong password", protocol.WrongCredentials},
		{"alice", secret, ""},
		{"carol", "wrong password", protocol.BlockedLogin},
		{"dora", secret, protocol.BlockedLogin},
		{"alice", secret, known},
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
