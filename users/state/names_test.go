package state_test

import (
	"strings"
	"testing"

	"parley/users/command"
	"parley/users/state"
)

// A name is made where somebody comes or is made an account, and where a wrong password
// is counted.
func TestNamesThatAreNone(t *testing.T) {
	for _, name := range []string{"", "~a", "a b", "\xff", "addr:1.2.3.4", "é", strings.Repeat("x", 33), strings.Repeat("x", 50_000)} {
		for _, c := range []command.Command{
			&command.Enter{Name: name, Token: "a"},
			&command.Enter{Name: name, Token: "a", Hash: "h"},
			&command.Enter{Name: name, Token: "a", Verified: "h"},
			&command.AddAccount{Name: name, Hash: "h"},
			&command.WrongPassword{Name: name},
		} {
			d := newDialogue(t, state.Kept{})
			if got := d.apply(start, c); got != state.ErrName.Error() {
				t.Errorf("%T of %q: got %q", c, name, got)
			}
		}
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	d := newDialogue(t, state.Kept{})
	for addr, want := range map[string]string{"anna": state.ErrName.Error(), "addr:x": state.ErrName.Error(), "": "", "addr:192.0.2.1": ""} {
		got, _, _ := strings.Cut(d.apply(start, &command.WrongPassword{Name: "anna", Addr: addr}), "|")
		if got != want {
			t.Errorf("%q: got %q", addr, got)
		}
	}
}
