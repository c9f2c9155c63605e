package state_test

import (
	"bytes"
	"errors"
	"runtime"
	"testing"

	"parley/users/state"
)

// memoryPerByte is how much memory a byte of a snapshot may take, of which the shortest things
// are no more than that byte: more than what is known to be so, and no matter how many the bytes
// say that there are.
const memoryPerByte = 4096

// No bytes break what reads a snapshot, nor take more memory than they are worth. What can be
// read is a state, and has the same snapshot again.
func FuzzRestore(f *testing.F) {
	for seed := range uint64(8) {
		g, s := newGenerator(seed), state.New(state.Kept{}, noon)
		for range commandsPerSeed {
			at, c := g.next(s)
			s.Apply(at, c, nil)
		}
		_, b := restored(f, s)
		f.Add(b)
	}
	f.Add([]byte{1, 0xa1, 5, 0x9b, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff}) // which says that there are nearly 2^31 accounts
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		snapshot, err := state.DecodeSnapshot(b)
		var s *state.State
		if err == nil {
			s, err = snapshot.Restore()
		}
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20+memoryPerByte*uint64(len(b)) {
			t.Errorf("%d bytes take %d of memory", len(b), took)
		}
		if err != nil {
			if !errors.Is(err, state.ErrSnapshot) && !errors.Is(err, state.ErrSnapshotNewer) {
				t.Errorf("%v", err)
			}
			return
		}
		s.Digest()
		again, bytesAgain := restored(t, s)
		if again.Digest() != s.Digest() {
			t.Error("what is restored again is another state")
		}
		if _, third := restored(t, again); !bytes.Equal(bytesAgain, third) {
			t.Error("it has other bytes then")
		}
	})
}

// What is cut short, has something behind it, or is from another version is said to be so.
func TestASnapshotThatIsNoneIsSaidToBe(t *testing.T) {
	g, s := newGenerator(1), state.New(state.Kept{}, noon)
	for range commandsPerSeed {
		at, c := g.next(s)
		s.Apply(at, c, nil)
	}
	_, b := restored(t, s)
	for n := range len(b) {
		if _, err := state.DecodeSnapshot(b[:n]); !errors.Is(err, state.ErrSnapshot) {
			t.Fatalf("its first %d bytes: %v", n, err)
		}
	}
	if _, err := state.DecodeSnapshot(append(bytes.Clone(b), 0)); !errors.Is(err, state.ErrSnapshot) {
		t.Errorf("with a byte behind it: %v", err)
	}
	newer := bytes.Clone(b)
	newer[0] += 2 // there are two versions
	if _, err := state.DecodeSnapshot(newer); !errors.Is(err, state.ErrSnapshotNewer) {
		t.Errorf("of the next version: %v", err)
	}
}
