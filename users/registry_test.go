package users_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"parley/users"
	"pgregory.net/rapid"
)

func TestNamesAreUniqueWithoutRegardToCase(t *testing.T) {
	r := users.NewRegistry()
	if err := r.Claim("Alice", 1); err != nil {
		t.Fatal(err)
	}
	if err := r.Claim("aLICE", 2); !errors.Is(err, users.ErrNameTaken) {
		t.Errorf("the second Alice: got %v, want %v", err, users.ErrNameTaken)
	}
	if session, ok := r.Lookup("ALICE"); !ok || session != 1 {
		t.Errorf("Lookup: got %d, %v, want 1, true", session, ok)
	}
	r.Release("alice")
	if err := r.Claim("ALICE", 3); err != nil {
		t.Errorf("after the release: %v", err)
	}
}

func TestNamesAreSortedAndAsTheyWereWritten(t *testing.T) {
	r := users.NewRegistry()
	for i, name := range []string{"bob", "Carl", "alice", "Z9", "9z"} {
		if err := r.Claim(name, uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	r.Release("CARL")
	r.Release("nobody")
	if diff := cmp.Diff([]string{"9z", "alice", "bob", "Z9"}, r.Names()); diff != "" {
		t.Error(diff)
	}
}

// TestRegistryAgreesWithAMap runs random claims and releases beside a model.
func TestRegistryAgreesWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := users.NewRegistry()
		model := map[string]string{}
		name := rapid.StringMatching(`[a-cA-C]{1,2}`)
		t.Repeat(map[string]func(*rapid.T){
			"claim": func(t *rapid.T) {
				n := name.Draw(t, "name")
				_, taken := model[strings.ToLower(n)]
				if err := r.Claim(n, 1); (err != nil) != taken {
					t.Fatalf("Claim(%q): %v, taken: %v", n, err, taken)
				}
				if !taken {
					model[strings.ToLower(n)] = n
				}
			},
			"release": func(t *rapid.T) {
				n := name.Draw(t, "name")
				r.Release(n)
				delete(model, strings.ToLower(n))
			},
			"": func(t *rapid.T) {
				names := r.Names()
				if len(names) != len(model) || r.Len() != len(model) {
					t.Fatalf("%v, want %v", names, model)
				}
				for i, n := range names {
					if model[strings.ToLower(n)] != n || i > 0 && strings.ToLower(names[i-1]) >= strings.ToLower(n) {
						t.Fatalf("%v, want %v in order", names, model)
					}
				}
			},
		})
	})
}
