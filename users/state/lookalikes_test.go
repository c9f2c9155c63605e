package state_test

import (
	"errors"
	"testing"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// It is decided by all in the same order who is first; an account is never one too many.
func TestWhoComesLaterIsRefused(t *testing.T) {
	w := newLenientWorld(t) // in which Alice has an account
	w.limits.Lookalikes = users.RefuseLookalikes
	w.must(&w.limits)
	guest := func(number uint64, name, hash, back string) state.Result {
		return w.apply(&command.Enter{Session: command.Session{Number: number}, Name: name, Hash: hash, Token: name, Back: back})
	}
	refused := func(r state.Result, like string) {
		t.Helper()
		if !errors.Is(r.Err, state.ErrLookalike) || r.Name != like {
			t.Errorf("the answer is %v, because of %q", r.Err, r.Name)
		}
	}
	refused(guest(1, "aIice", "", ""), "Alice")
	refused(guest(2, "al1ce", "h", ""), "Alice")
	if r := guest(3, "Bob", "", ""); r.Err != nil {
		t.Fatal(r.Err)
	}
	refused(guest(4, "b0b", "", ""), "Bob")
	w.must(&command.Leave{By: command.By{Name: "bob", Session: command.Session{Number: 3}}})
	if r := guest(5, "b0b", "", ""); r.Err != nil {
		t.Errorf("when Bob has gone: %v", r.Err)
	}
	w.must(&command.AddAccount{Name: "Bob", Hash: "h"}) // by the owner
	if r := w.apply(&command.Register{By: command.By{Name: "b0b", Session: command.Session{Number: 5}}, Hash: "h"}); !errors.Is(r.Err, state.ErrLookalike) || r.Name != "Bob" {
		t.Errorf("b0b registers: %v", r.Err)
	}
	if r := w.apply(&command.Enter{Session: command.Session{Number: 6}, Name: "bob", Verified: "h", Token: "t"}); r.Err != nil {
		t.Errorf("an account is refused because of a guest: %v", r.Err)
	}
	if r := guest(7, "b0b", "", "b0b"); r.Err != nil {
		t.Errorf("who comes back to their session: %v", r.Err)
	}
	w.restart()
	refused(guest(8, "b0b", "", ""), "Bob")
	w.must(&command.DeleteAccount{Name: "Bob"})
	if r := guest(9, "b0b", "", ""); r.Err != nil {
		t.Errorf("when Bob's account is deleted: %v", r.Err)
	}
	if why := w.state.Contradiction(); why != "" {
		t.Error(why)
	}
}

// Accounts that there were before the rule are not touched by it.
func TestAccountsOfBeforeTheRuleStay(t *testing.T) {
	w := newLenientWorld(t)
	w.must(&command.AddAccount{Name: "aIice", Hash: "h2"})
	w.limits.Lookalikes = users.RefuseLookalikes
	w.restart()
	for name, hash := range map[string]string{"Alice": "h1", "aIice": "h2"} {
		w.session++
		if r := w.apply(&command.Enter{Session: command.Session{Number: w.session}, Name: name, Verified: hash, Token: name}); r.Err != nil {
			t.Errorf("%s: %v", name, r.Err)
		}
	}
}
