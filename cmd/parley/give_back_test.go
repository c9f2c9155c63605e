package main

import "testing"

// Memory is given back once it is quiet, if there may be some, and not again until then.
func TestQuiet(t *testing.T) {
	const mb = 1 << 20
	var q quiet
	for i, step := range []struct {
		allocated uint64
		want      bool
	}{
		{3 * mb, false}, // the start
		{3*mb + 10, false},
		{13 * mb, false}, // a wave
		{23 * mb, false},
		{23*mb + quietBytes, true},
		{23*mb + quietBytes, false},
		{25 * mb, false}, // little
		{25*mb + 10, false},
		{28 * mb, false},
		{28 * mb, true},
	} {
		if got := q.has(step.allocated); got != step.want {
			t.Errorf("step %d, %d bytes: %v, want %v", i, step.allocated, got, step.want)
		}
	}
}
