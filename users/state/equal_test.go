package state_test

import (
	"bytes"
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

var seeds = flag.Int("seeds", 200, "how many random logs are applied")

// commandsPerSeed is how long each of them is.
const commandsPerSeed = 120

func eachSeed(t *testing.T, do func(t *testing.T, g *generator)) {
	n := *seeds
	if testing.Short() {
		n = min(n, 100)
	}
	for seed := range uint64(n) {
		do(t, newGenerator(seed))
		if t.Failed() {
			t.Fatalf("it was seed %d", seed)
		}
	}
}

func dump(s *state.State) string {
	var b bytes.Buffer
	s.Dump(&b)
	return b.String()
}

// The same commands at the same times lead to the same state, and say the same.
func TestTheSameCommandsLeadToTheSameState(t *testing.T) {
	eachSeed(t, func(t *testing.T, g *generator) {
		one, other := state.New(state.Kept{}, noon), state.New(state.Kept{}, noon)
		var rows, others state.Rows
		for i := range commandsPerSeed {
			at, c := g.next(one)
			r, again := one.Apply(at, c, &rows), other.Apply(at, c, &others)
			if diff := cmp.Diff(r, again, cmpopts.EquateErrors(), cmp.AllowUnexported(users.Invitation{})); diff != "" {
				t.Errorf("%d: %T %+v: %s", i, c, c, diff)
			}
			if one.Digest() != other.Digest() {
				t.Errorf("%d: %T %+v: %s", i, c, c, cmp.Diff(dump(one), dump(other)))
			}
			if wrong := one.Contradiction(); wrong != "" {
				t.Errorf("%d: %T %+v: %s", i, c, c, wrong)
			}
			if t.Failed() {
				return
			}
		}
		if diff := cmp.Diff(rows, others, cmp.AllowUnexported(state.Rows{})); diff != "" {
			t.Error("the rows are others: ", diff)
		}
	})
}

// What is refused leaves nothing behind.
func TestWhatIsRefusedChangesNothing(t *testing.T) {
	eachSeed(t, func(t *testing.T, g *generator) {
		s := state.New(state.Kept{}, noon)
		for i := range commandsPerSeed {
			var rows state.Rows
			at, c := g.next(s)
			s.Apply(at, &command.Sweep{}, nil) // moves the time
			before := dump(s)
			if r := s.Apply(at, c, &rows); r.Err != nil && (dump(s) != before || !rows.Empty()) {
				t.Errorf("%d: %T %+v: %v, but %s\n%+v", i, c, c, r.Err, cmp.Diff(before, dump(s)), rows)
				return
			}
		}
	})
}

// Rows, however they are put together into batches, lead to a state that goes on like
// the one that they came from.
func TestALoadedStateGoesOnLikeTheOther(t *testing.T) {
	eachSeed(t, func(t *testing.T, g *generator) {
		g.limits.Lockouts.AddrFailures = 0 // of which not every time is kept
		g.alone = true
		one, table := state.New(state.Kept{}, noon), state.NewTable()
		one.Apply(g.at, &g.limits, nil)
		var rows state.Rows
		commit := func() {
			table.Put(&rows)
			rows.Reset()
			if diff := cmp.Diff(one.Lasting(), state.New(table.Kept(), g.at).Lasting()); diff != "" {
				t.Error("what is kept is another: ", diff)
			}
		}
		for range commandsPerSeed / 2 {
			at, c := g.next(one)
			one.Apply(at, c, &rows)
			if g.rand.IntN(5) == 0 {
				commit()
			}
		}
		everybodyLeaves(one, g, &rows)
		commit()
		other := state.New(table.Kept(), g.at)
		other.Apply(g.at, &g.limits, nil)
		if diff := cmp.Diff(one.Lasting(), other.Lasting()); diff != "" {
			t.Error("what is loaded is another: ", diff)
			return
		}
		for i := range commandsPerSeed / 2 {
			at, c := g.next(one)
			if _, again := c.(*command.ForgetGuest); again {
				continue // other guests are remembered at other times
			}
			if _, lockdown := c.(*command.Lockdown); lockdown {
				continue // in which who is remembered may come back
			}
			r, again := one.Apply(at, c, &rows), other.Apply(at, c, nil)
			if diff := cmp.Diff(one.Lasting(), other.Lasting()); diff != "" || r.Number != again.Number || r.Again != again.Again {
				t.Errorf("%d: %T %+v: %+v and loaded %+v %s", i, c, c, r, again, diff)
				return
			}
		}
		commit()
		if third := state.New(table.Kept(), g.at); third.Lasting() != one.Lasting() {
			t.Error("loaded again it is another: ", cmp.Diff(one.Lasting(), third.Lasting()))
		}
	})
}

// everybodyLeaves has nobody left whom a start would make forgotten.
func everybodyLeaves(s *state.State, g *generator, rows *state.Rows) {
	for _, name := range s.Names() {
		for _, l := range s.Sessions(name) {
			s.Apply(g.at, &command.Leave{By: command.By{Name: users.Fold(name), Session: l.Session}, Why: users.LoggedOut}, rows)
		}
	}
	s.Apply(g.at, &command.Lockdown{}, rows)
	g.at = g.at.Add(time.Minute)
	for _, c := range s.Due(g.at) {
		s.Apply(g.at, c, rows)
	}
}

// notMade are the kinds of commands that the generator makes by chance only, and that need
// not succeed.
var notMade = []command.Command{}

// A world in which nothing succeeds would find nothing.
func TestTheWorldIsOneInWhichThingsHappen(t *testing.T) {
	done, all := make(map[string]int), 0
	for seed := range uint64(800) {
		g, s := newGenerator(seed), state.New(state.Kept{}, noon)
		for range commandsPerSeed {
			at, c := g.next(s)
			if r := s.Apply(at, c, nil); r.Err == nil {
				done[strings.TrimPrefix(fmt.Sprintf("%T", c), "*command.")]++
				all++
			}
		}
	}
	for _, c := range command.Kinds() {
		if slices.ContainsFunc(notMade, func(other command.Command) bool { return reflect.TypeOf(other) == reflect.TypeOf(c) }) {
			continue
		}
		if kind := strings.TrimPrefix(fmt.Sprintf("%T", c), "*command."); done[kind] < 5 {
			t.Errorf("of %d commands that did something only %d are of the kind %s", all, done[kind], kind)
		}
	}
}
