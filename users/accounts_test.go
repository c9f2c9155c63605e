package users_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"parley/users"
	"pgregory.net/rapid"
)

// start is when the tests' clocks begin.
var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestAccounts(t *testing.T) {
	var s users.Accounts
	if _, err := s.Lookup("alice"); !errors.Is(err, users.ErrUnknownUser) {
		t.Errorf("before there is anybody: %v, want %v", err, users.ErrUnknownUser)
	}
	s.Put(users.Account{Name: "Alice", Hash: "1", Registered: start})
	if _, err := s.SetHash("ALICE", "3"); err != nil {
		t.Error(err)
	}
	for _, at := range []time.Time{start.Add(time.Hour), start} {
		if _, err := s.SetLastSeen("alice", at); err != nil {
			t.Error(err)
		}
	}
	want := users.Account{Name: "Alice", Hash: "3", Registered: start, LastSeen: start.Add(time.Hour)}
	if got, err := s.Lookup("alice"); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for name, err := range map[string]error{
		"SetHash":     second(s.SetHash("bob", "")),
		"SetLastSeen": second(s.SetLastSeen("bob", start)),
		"SetRole":     second(s.SetRole("bob", users.Owner)),
		"Delete":      second(s.Delete("bob")),
	} {
		if !errors.Is(err, users.ErrUnknownUser) {
			t.Errorf("%s of nobody: %v, want %v", name, err, users.ErrUnknownUser)
		}
	}
	if got, err := s.Delete("alicE"); err != nil || got != want {
		t.Errorf("deleted %+v, %v, want %+v", got, err, want)
	}
	if s.Len() != 0 || len(s.Names()) != 0 {
		t.Errorf("%v are left", s.Names())
	}
}

func second[A, B any](_ A, b B) B { return b }

// TestAccountsAgreeWithAMap runs random changes beside a model.
func TestAccountsAgreeWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s users.Accounts
		model := map[string]users.Account{}
		drawName := rapid.StringMatching(`[a-cA-C]{1,2}`)
		drawGuest := rapid.SampledFrom([]string{"", "#1", "#2"})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				a := users.Account{Name: drawName.Draw(t, "name"), Hash: "put", Guest: drawGuest.Draw(t, "guest"), Number: rapid.Uint64Max(2).Draw(t, "number")}
				s.Put(a)
				model[strings.ToLower(a.Name)] = a
			},
			"delete": func(t *rapid.T) {
				name := drawName.Draw(t, "name")
				want, known := model[strings.ToLower(name)]
				if got, err := s.Delete(name); got != want || errors.Is(err, users.ErrUnknownUser) == known {
					t.Fatalf("Delete(%q): %+v, %v, want %+v", name, got, err, want)
				}
				delete(model, strings.ToLower(name))
			},
			"": func(t *rapid.T) {
				for _, guest := range []string{"", "#1", "#2"} {
					want, is := newestOf(model, guest)
					if got, found := s.OfGuest(guest); found != is || got != want {
						t.Fatalf("guest %q is %+v, %t, want %+v", guest, got, found, want)
					}
				}
				var folded []string
				for _, name := range s.Names() {
					if a, err := s.Lookup(strings.ToUpper(name)); err != nil || a != model[strings.ToLower(name)] || a.Name != name {
						t.Fatalf("%q: %+v, %v, want %+v", name, a, err, model[strings.ToLower(name)])
					}
					folded = append(folded, strings.ToLower(name))
				}
				if len(folded) != len(model) || s.Len() != len(model) || !slices.IsSorted(folded) {
					t.Fatalf("%v, want %v in order", s.Names(), model)
				}
			},
		})
	})
}

// newestOf returns which of several accounts a guest has become last.
func newestOf(all map[string]users.Account, guest string) (newest users.Account, is bool) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if a := all[name]; guest != "" && a.Guest == guest && (!is || a.Number >= newest.Number) {
			newest, is = a, true
		}
	}
	return newest, is
}

func TestAForgottenLockout(t *testing.T) {
	got := map[string]bool{
		"nothing":   users.Lockout{Key: "alice"}.Forgotten(),
		"a failure": users.Lockout{Key: "alice", Failures: 1}.Forgotten(),
		"a level":   users.Lockout{Key: "alice", Level: 1}.Forgotten(),
		"a block":   users.Lockout{Key: "alice", Until: start}.Forgotten(),
	}
	if diff := cmp.Diff(map[string]bool{"nothing": true, "a failure": false, "a level": false, "a block": false}, got); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkDeleteAndPut is of an account that a guest has become, among as many as there may be.
func BenchmarkDeleteAndPut(b *testing.B) {
	var s users.Accounts
	account := func(i int) users.Account {
		return users.Account{Name: fmt.Sprint("user", i), Hash: "x", Guest: fmt.Sprint("#", i/2), Number: uint64(i)}
	}
	for i := range users.MaxAccounts {
		s.Put(account(i))
	}
	for i := 0; b.Loop(); i = (i + 1) % users.MaxAccounts {
		a := account(i)
		if _, err := s.Delete(a.Name); err != nil {
			b.Fatal(err)
		}
		s.Put(a)
	}
}
