package users_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/users"
)

func TestRolesOfWords(t *testing.T) {
	for word, want := range map[string]users.Role{"owner": users.Owner, "OWNER": users.Owner, "Moderator": users.Moderator, "none": users.NoRole} {
		if got, ok := users.ParseRole(word); !ok || got != want || !users.ValidRole(got) {
			t.Errorf("%q is the role %q, %t", word, got, ok)
		}
	}
	for _, word := range []string{"", "king", "owner ", "member"} {
		if got, ok := users.ParseRole(word); ok {
			t.Errorf("%q is the role %q", word, got)
		}
	}
	if got := fmt.Sprintf("%v %v", users.Owner, users.NoRole); got != "owner none" {
		t.Error(got)
	}
	if users.ValidRole("king") {
		t.Error("there are kings")
	}
}

func TestAccountsWithRoles(t *testing.T) {
	var s users.Accounts
	check := func(owners int, want ...string) {
		t.Helper()
		if diff := cmp.Diff(append([]string{}, want...), s.WithRoles()); diff != "" || s.Owners() != owners {
			t.Errorf("%d owners, want %d: %s", s.Owners(), owners, diff)
		}
	}
	check(0)
	s.Put(users.Account{Name: "Zoe", Role: users.Owner})
	s.Put(users.Account{Name: "bob"})
	s.Put(users.Account{Name: "Anna", Role: users.Moderator})
	check(1, "Anna", "Zoe")
	if a, err := s.SetRole("BOB", users.Owner); err != nil || a.Role != users.Owner || a.Name != "bob" {
		t.Errorf("%+v, %v", a, err)
	}
	check(2, "Anna", "bob", "Zoe")
	s.SetRole("zoe", users.NoRole)
	s.SetHash("bob", "h")
	check(1, "Anna", "bob")
	s.Put(users.Account{Name: "ANNA"})
	s.Delete("Bob")
	check(0)
}
