package state_test

import (
	"crypto/rand"
	"testing"

	"parley/users/state"
	"parley/users/store"
)

// What random commands lead to is sound for who checks a data folder: the rules there are
// those that are kept to here.
func TestWhatIsKeptIsSound(t *testing.T) {
	for seed := range uint64(15) { // each of which opens a database
		g := newGenerator(seed)
		dir := t.TempDir()
		disk, err := store.Open(dir, store.Options{Random: rand.Reader, Sync: store.SyncNone})
		if err != nil {
			t.Fatal(err)
		}
		s := state.New(state.Kept{}, noon)
		s.Apply(g.at, &g.limits, nil)
		var rows state.Rows
		for i := range commandsPerSeed {
			at, c := g.next(s)
			s.Apply(at, c, &rows)
			if i%10 != 9 || rows.Empty() {
				continue
			}
			if err := disk.Commit(&rows); err != nil {
				t.Fatal(err)
			}
			rows.Reset()
		}
		if err := disk.Close(); err != nil {
			t.Fatal(err)
		}
		_, faults, err := store.Check(t.Context(), store.Database(dir))
		if err != nil || len(faults) > 0 {
			t.Errorf("seed %d: %v %v", seed, faults, err)
		}
	}
}
