package users_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"parley/users"
	"pgregory.net/rapid"
)

// known finds the names of a small town, however they are spelled.
func known(name string) (string, bool) {
	for _, n := range []string{"Alice", "bob", "Carol", "dave"} {
		if strings.EqualFold(n, name) {
			return n, true
		}
	}
	return "", false
}

// nobody is logged in.
func nobody(string) []users.Session { return nil }

// set is Blocks that are changed as soon as it is decided.
type set struct{ *users.Blocks }

func (s set) block(blocker, blocked string) (users.Block, error) {
	b, err := s.Block(blocker, blocked)
	if err == nil {
		s.Put(b)
	}
	return b, err
}

func (s set) unblock(blocker, blocked string) (users.Block, error) {
	b, err := s.Unblock(blocker, blocked)
	if err == nil {
		s.Delete(b)
	}
	return b, err
}

// To decide changes nothing.
func TestDecidingChangesNoBlocks(t *testing.T) {
	s := users.NewBlocks(known, nobody)
	for range 2 {
		if _, err := s.Block("Alice", "bob"); err != nil || s.Has("Alice", "bob") {
			t.Errorf("got %v, Alice has blocked bob: %v", err, s.Has("Alice", "bob"))
		}
	}
	s.Put(users.Block{Blocker: "Alice", Blocked: "bob"})
	for range 2 {
		if _, err := s.Unblock("Alice", "bob"); err != nil || !s.Has("Alice", "bob") {
			t.Errorf("got %v, Alice has blocked bob: %v", err, s.Has("Alice", "bob"))
		}
	}
}

func TestBlocks(t *testing.T) {
	s := set{users.NewBlocks(known, nobody)}
	for _, step := range []struct {
		do               func(blocker, blocked string) (users.Block, error)
		blocker, blocked string
		want             error
	}{
		{s.unblock, "Alice", "bob", users.ErrNotBlocked},
		{s.unblock, "Alice", "eve", users.ErrUnknownUser},
		{s.unblock, "Alice", "alice", users.ErrNotBlocked},
		{s.block, "Alice", "aLICE", users.ErrSelf},
		{s.block, "Alice", "eve", users.ErrUnknownUser},
		{s.block, "Alice", "BOB", nil},
		{s.block, "alice", "bob", users.ErrAlreadyBlocked},
		{s.block, "Alice", "carol", nil},
		{s.block, "dave", "bob", nil},
		{s.unblock, "bob", "Alice", users.ErrNotBlocked},
		{s.unblock, "ALICE", "CAROL", nil},
	} {
		if got, err := step.do(step.blocker, step.blocked); !errors.Is(err, step.want) || (err == nil) != (got != users.Block{}) {
			t.Errorf("%s, %s: got %v, %v, want %v", step.blocker, step.blocked, got, err, step.want)
		}
	}
	if diff := cmp.Diff([]users.Block{{Blocker: "Alice", Blocked: "bob"}}, s.Made("alice")); diff != "" {
		t.Error(diff)
	}
	if !s.Any("ALICE") || s.Any("bob") {
		t.Error("Alice has blocked somebody, and bob nobody")
	}
	if !s.Has("alice", "Bob") || s.Has("bob", "alice") || !s.Either("bob", "alice") || s.Either("bob", "carol") {
		t.Error("Alice has blocked bob, and nobody else has blocked anybody here")
	}
}

func TestABlockOutlivesTheNameAndCanBeUndone(t *testing.T) {
	s := set{users.NewBlocks(known, nobody)}
	s.Put(users.Block{Blocker: "Alice", Blocked: "guest"})
	s.Put(users.Block{Blocker: "Alice", Blocked: "guest"})
	if diff := cmp.Diff([]string{"guest"}, s.Blocked("alice")); diff != "" {
		t.Error(diff)
	}
	if _, err := s.unblock("alice", "GUEST"); err != nil {
		t.Error(err)
	}
}

func TestGuestsTakeTheirBlocksAlong(t *testing.T) {
	s := set{users.NewBlocks(known, nobody)}
	for _, b := range []users.Block{{Blocker: "Alice", Blocked: "bob"}, {Blocker: "Alice", Blocked: "dave"}, {Blocker: "bob", Blocked: "Alice"}} {
		s.Put(b)
	}
	want := []users.Block{{Blocker: "Alice", Blocked: "bob"}, {Blocker: "Alice", Blocked: "dave"}}
	if diff := cmp.Diff(want, s.ForgetBlocker("alice")); diff != "" {
		t.Error(diff)
	}
	if !s.Has("bob", "alice") {
		t.Error("what others have blocked is not the guest's")
	}
	if diff := cmp.Diff([]users.Block{{Blocker: "bob", Blocked: "Alice"}}, s.Forget("alice")); diff != "" {
		t.Error(diff)
	}
	if s.Either("alice", "bob") {
		t.Error("something is left of a user who is deleted")
	}
}

func TestAListOfBlocksHasAnEnd(t *testing.T) {
	s := set{users.NewBlocks(func(name string) (string, bool) { return name, true }, nobody)}
	for i := range users.MaxBlocked {
		if _, err := s.block("alice", fmt.Sprint("user", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.block("alice", "bob"); !errors.Is(err, users.ErrTooManyBlocked) {
		t.Errorf("got %v, want %v", err, users.ErrTooManyBlocked)
	}
	if _, err := s.block("bob", "alice"); err != nil {
		t.Errorf("another list: %v", err)
	}
}

// TestBlocksAgreeWithASet runs random blocks beside a model.
func TestBlocksAgreeWithASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		there := map[string][]users.Session{} // sessions by folded name
		s := set{users.NewBlocks(known, func(name string) []users.Session { return there[users.Fold(name)] })}
		logins := uint64(0)
		model := map[[2]string]bool{} // folded
		drawName := rapid.SampledFrom([]string{"alice", "ALICE", "bob", "Bob", "carol", "dave", "eve"})
		t.Repeat(map[string]func(*rapid.T){
			"block": func(t *rapid.T) {
				a, b := drawName.Draw(t, "blocker"), drawName.Draw(t, "blocked")
				pair := [2]string{strings.ToLower(a), strings.ToLower(b)}
				_, exists := known(b)
				_, err := s.block(a, b)
				if want := pair[0] != pair[1] && exists && !model[pair]; want != (err == nil) {
					t.Fatalf("%s blocks %s: %v", a, b, err)
				}
				if err == nil {
					model[pair] = true
				}
			},
			"unblock": func(t *rapid.T) {
				a, b := drawName.Draw(t, "blocker"), drawName.Draw(t, "blocked")
				pair := [2]string{strings.ToLower(a), strings.ToLower(b)}
				if _, err := s.unblock(a, b); (err == nil) != model[pair] {
					t.Fatalf("%s unblocks %s: %v", a, b, err)
				}
				delete(model, pair)
			},
			"forget": func(t *rapid.T) {
				name := strings.ToLower(drawName.Draw(t, "name"))
				all := rapid.Bool().Draw(t, "both ways")
				forget := s.ForgetBlocker
				if all {
					forget = s.Forget
				}
				for _, b := range forget(name) {
					pair := [2]string{users.Fold(b.Blocker), users.Fold(b.Blocked)}
					if !model[pair] || pair[0] != name && !all {
						t.Fatalf("%v was forgotten", b)
					}
					delete(model, pair)
				}
			},
			"login": func(t *rapid.T) {
				name := drawName.Draw(t, "name")
				logins++
				session := users.Session{Node: uint32(logins % 3), Number: logins ^ 5} // one of a kind, and not in the order in which they come
				there[users.Fold(name)] = append(there[users.Fold(name)], session)
				s.Arrive(name, session)
			},
			"logout": func(t *rapid.T) {
				name := drawName.Draw(t, "name")
				if sessions := there[users.Fold(name)]; len(sessions) > 0 {
					i := rapid.IntRange(0, len(sessions)-1).Draw(t, "which")
					session := sessions[i]
					there[users.Fold(name)] = slices.Delete(sessions, i, i+1)
					s.Leave(name, session)
				}
			},
			"": func(t *rapid.T) {
				for _, b := range []string{"alice", "bob", "carol", "dave", "eve"} {
					var want []users.Session
					for a, sessions := range there {
						if model[[2]string{a, b}] {
							want = append(want, sessions...)
						}
					}
					slices.SortFunc(want, users.Session.Compare)
					if got := s.Deaf(strings.ToUpper(b)); !slices.Equal(got, want) {
						t.Fatalf("%s is not heard by %v, want %v", b, got, want)
					}
				}
				n := 0
				for _, a := range []string{"alice", "bob", "carol", "dave", "eve"} {
					n += len(s.Blocked(a))
					for _, b := range []string{"alice", "bob", "carol", "dave", "eve"} {
						spelled, _ := known(b)
						if has := model[[2]string{a, b}]; s.Has(a, b) != has || slices.Contains(s.Blocked(a), spelled) != has && spelled != "" {
							t.Fatalf("%s has blocked %s: %v, want %v", a, b, !has, has)
						}
					}
				}
				if n != len(model) {
					t.Fatalf("%d blocks, want %v", n, model)
				}
			},
		})
	})
}
