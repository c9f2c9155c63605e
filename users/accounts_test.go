package users_test

import (
	"errors"
	"fmt"
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
	if err := s.Hold("Alice"); err != nil || !s.Held("ALICE") {
		t.Fatal(err)
	}
	if err := s.Hold("alice"); !errors.Is(err, users.ErrNameTaken) {
		t.Errorf("Alice while she registers: %v, want %v", err, users.ErrNameTaken)
	}
	s.Release("aLICE")
	s.Put(users.Account{Name: "Alice", Hash: "1", Registered: start})
	if err := s.Hold("aLICE"); s.Held("alice") || !errors.Is(err, users.ErrRegistered) {
		t.Errorf("the second Alice: %v, want %v", err, users.ErrRegistered)
	}
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

func TestRegistrationHasALimitAndTheOwnerHasNot(t *testing.T) {
	var s users.Accounts
	for i := range users.MaxAccounts - 1 {
		s.Put(users.Account{Name: fmt.Sprintf("user%d", i)})
	}
	hold := func(name string, want error) {
		t.Helper()
		if err := s.Hold(name); !errors.Is(err, want) {
			t.Errorf("%s wants to register: %v, want %v", name, err, want)
		}
	}
	hold("bob", nil) // the last place
	hold("alice", users.ErrTooManyAccounts)
	s.Release("bob") // nothing has come of it
	hold("alice", nil)
	hold("bob", users.ErrTooManyAccounts)
	s.Put(users.Account{Name: "alice"})
	s.Release("alice")
	hold("bob", users.ErrTooManyAccounts)
	if err := s.Hold("USER1"); !errors.Is(err, users.ErrRegistered) {
		t.Errorf("a name that is there: %v, want %v", err, users.ErrRegistered)
	}
	s.Put(users.Account{Name: "carl"})
	if _, err := s.Lookup("carl"); err != nil {
		t.Error(err)
	}
}

// TestAccountsAgreeWithAMap runs random changes beside a model.
func TestAccountsAgreeWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s users.Accounts
		model := map[string]users.Account{}
		drawName := rapid.StringMatching(`[a-cA-C]{1,2}`)
		t.Repeat(map[string]func(*rapid.T){
			"register": func(t *rapid.T) {
				a := users.Account{Name: drawName.Draw(t, "name"), Hash: "registered"}
				_, taken := model[strings.ToLower(a.Name)]
				if err := s.Hold(a.Name); errors.Is(err, users.ErrRegistered) != taken {
					t.Fatalf("Hold(%q): %v, taken: %v", a.Name, err, taken)
				}
				if !taken {
					s.Put(a)
					s.Release(a.Name)
					model[strings.ToLower(a.Name)] = a
				}
			},
			"put": func(t *rapid.T) {
				a := users.Account{Name: drawName.Draw(t, "name"), Hash: "put"}
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

func TestAForgottenLoginBlock(t *testing.T) {
	got := map[string]bool{
		"nothing":   users.LoginBlock{Key: "alice"}.Forgotten(),
		"a failure": users.LoginBlock{Key: "alice", Failures: 1}.Forgotten(),
		"a level":   users.LoginBlock{Key: "alice", Level: 1}.Forgotten(),
		"a block":   users.LoginBlock{Key: "alice", Until: start}.Forgotten(),
	}
	if diff := cmp.Diff(map[string]bool{"nothing": true, "a failure": false, "a level": false, "a block": false}, got); diff != "" {
		t.Error(diff)
	}
}
