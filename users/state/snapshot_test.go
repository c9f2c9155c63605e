package state_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// restored returns the state that goes on from the snapshot of another one, and its bytes.
func restored(t testing.TB, s *state.State) (*state.State, []byte) {
	t.Helper()
	b, err := s.Snapshot().Encode()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := state.DecodeSnapshot(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decoded.Restore()
	if err != nil {
		t.Fatalf("%v\n%s", err, dump(s))
	}
	return again, b
}

// takeTurn has nodes say something, as the log that they share does.
func (g *generator) takeTurn(one, other *state.State) (same bool) {
	nodes := one.Nodes()
	if len(nodes) == 0 {
		return true
	}
	n := pick(g.rand, nodes...)
	turn := n.Turn + 1 + g.rand.Uint64N(2)
	return one.TakeTurn(n.Number, n.Epoch, turn) == other.TakeTurn(n.Number, n.Epoch, turn)
}

// isNever says of fields why nothing is ever in them in a state between two commands.
var isNever = map[string]string{
	"State.ended":               "is of one command",
	"State.exits":               "likewise",
	"exit.person":               "likewise",
	"exit.rooms":                "likewise",
	"Act.Addr":                  "a report has none",
	"Act.Set":                   "likewise",
	"Act.Until":                 "likewise",
	"users.Login.Plain":         "is beside no other one",
	"users.Invitation.Answerer": "is of one that waits no more",
}

// seldom applies what a generator does seldom, or never, to two states.
func (g *generator) seldom(one, other *state.State) {
	limits := g.limits
	limits.KeepDays, limits.KeepMessages = g.rand.IntN(9), g.rand.IntN(9)
	all := []command.Command{&limits}
	for _, h := range one.Hooks() {
		sent := command.HookSent{Hook: h.Number, UpTo: one.Last()}
		all = append(all, &command.StopHook{Name: h.Name, Number: h.Number}, &command.HooksSent{Hooks: []command.HookSent{sent}})
	}
	c := pick(g.rand, all...)
	one.Apply(g.at, c, nil)
	other.Apply(g.at, c, nil)
}

// What is restored from a snapshot is the same in every field, down to the order of things, and
// does, says and keeps the same from then on.
func TestARestoredStateGoesOnLikeTheOther(t *testing.T) {
	walk := state.NewWalk()
	eachSeed(t, func(t *testing.T, g *generator) {
		one := state.New(state.Kept{}, noon)
		other, _ := restored(t, one)
		for i := range commandsPerSeed {
			if g.rand.IntN(20) == 0 {
				g.seldom(one, other)
			}
			if g.rand.IntN(8) == 0 {
				before := other
				var b, again []byte
				if other, b = restored(t, one); g.rand.IntN(2) == 0 {
					other, _ = restored(t, before) // of one that was restored itself
				}
				if why := walk.Differ(one, other); why != "" {
					t.Errorf("%d: %s", i, why)
				}
				if _, again = restored(t, other); !bytes.Equal(b, again) {
					t.Errorf("%d: a snapshot of what was restored has other bytes", i)
				}
				if wrong := other.Contradiction(); wrong != "" {
					t.Errorf("%d: %s", i, wrong)
				}
			}
			var rows, others state.Rows
			at, c := g.next(one)
			r, again := one.Apply(at, c, &rows), other.Apply(at, c, &others)
			if diff := cmp.Diff(r, again, cmpopts.EquateErrors(), cmp.AllowUnexported(users.Invitation{})); diff != "" {
				t.Errorf("%d: %T %+v: %s", i, c, c, diff)
			}
			if diff := cmp.Diff(rows, others, cmp.AllowUnexported(state.Rows{})); diff != "" {
				t.Errorf("%d: %T %+v: the rows are others: %s", i, c, c, diff)
			}
			if !g.takeTurn(one, other) {
				t.Errorf("%d: one takes a turn, and the other not", i)
			}
			if one.Digest() != other.Digest() {
				t.Errorf("%d: %T %+v: %s", i, c, c, cmp.Diff(dump(one), dump(other)))
			}
			if t.Failed() {
				return
			}
		}
	})
	unused := slices.DeleteFunc(walk.Unused(), func(field string) bool { return isNever[field] != "" })
	if len(unused) > 0 && *seeds >= 200 && !testing.Short() {
		t.Errorf("nobody knows whether these are restored: nothing was ever in them: %q", unused)
	}
}
