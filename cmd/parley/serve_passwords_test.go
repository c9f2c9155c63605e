package main

import "testing"

// However many passwords there are to be hashed, half of the processors are left to those
// who talk, if there is more than one.
func TestHashesLeaveProcessors(t *testing.T) {
	for _, c := range []struct{ processors, workers int }{{1, 1}, {2, 1}, {3, 1}, {4, 2}, {64, 2}} {
		if n := passwordWorkers(c.processors); n != c.workers {
			t.Errorf("with %d processors %d passwords are hashed at once, not %d", c.processors, n, c.workers)
		}
	}
}
