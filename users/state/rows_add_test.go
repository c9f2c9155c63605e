package state_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/users/state"
)

// Rows of one command each, put together, are those of all of them.
func TestRowsThatAreAddedAreThoseOfAllCommands(t *testing.T) {
	eachSeed(t, func(t *testing.T, g *generator) {
		one, other := state.New(state.Kept{}, noon), state.New(state.Kept{}, noon)
		var all, added, few state.Rows
		for range commandsPerSeed {
			at, c := g.next(one)
			one.Apply(at, c, &all)
			other.Apply(at, c, &few)
			added.Add(&few)
			few.Reset()
		}
		if diff := cmp.Diff(all, added, cmp.AllowUnexported(state.Rows{})); diff != "" {
			t.Error("they are others: ", diff)
		}
	})
}
