package sim_test

import (
	"maps"
	"slices"
	"testing"

	"parley/eventloop/sim"
)

// Of a run that fails because of a few of its steps, these are left.
func TestShrink(t *testing.T) {
	for _, needed := range [][]int{{}, {0}, {89}, {3, 4}, {0, 44, 45, 89}, {7, 17, 27, 37, 47}} {
		const steps = 90
		runs := 0
		without := sim.Shrink(steps, func(without map[int]bool) bool {
			runs++
			return !slices.ContainsFunc(needed, func(step int) bool { return without[step] })
		})
		var left []int
		for step := range steps {
			if !without[step] {
				left = append(left, step)
			}
		}
		if !slices.Equal(left, needed) || runs > 3*steps {
			t.Errorf("%d are needed, and %d are left after %d runs: %d", needed, left, runs, slices.Sorted(maps.Keys(without)))
		}
	}
}
