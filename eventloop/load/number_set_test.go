package load

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNumberSet(t *testing.T) {
	s := make(numberSet)
	for _, n := range []uint64{1, 2, 5, pageSize - 1, pageSize, 7 * pageSize, 1 << 60} {
		s.add(n)
	}
	for _, tt := range []struct {
		from, to uint64
		want     []span
	}{
		{1, 5, []span{{1, 2}, {5, 5}}},
		{2, 4, []span{{2, 2}}},
		{3, 4, nil},
		{4, 3, nil},
		{6, 2 * pageSize, []span{{pageSize - 1, pageSize}}},
		{6 * pageSize, math.MaxUint64, []span{{7 * pageSize, 7 * pageSize}, {1 << 60, 1 << 60}}},
	} {
		if diff := cmp.Diff(tt.want, s.runs(tt.from, tt.to), cmp.AllowUnexported(span{})); diff != "" {
			t.Errorf("%d to %d: %s", tt.from, tt.to, diff)
		}
	}
}
