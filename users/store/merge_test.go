package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"parley/users/state"
)

// TestPagesOfManyRooms has up to 100 rooms in some of which much more is said than in
// others: page after page is what a table says.
func TestPagesOfManyRooms(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 4 {
		s, table := mustOpen(t, Memory), state.NewTable()
		rows := state.Rows{Count: 1, Time: noon}
		rooms, skew := 1+random.IntN(150), 1+random.IntN(4)
		for range 4 * mergeMost {
			at := 1.0
			for range skew {
				at *= random.Float64()
			}
			rows.Last += 1 + random.Uint64N(3)
			m := message(rows.Last)
			m.Room = fmt.Sprint("room", int(at*float64(rooms)))
			if random.IntN(3) == 0 {
				m.Text = ""
			}
			rows.Messages = append(rows.Messages, m)
		}
		table.Put(&rows)
		if err := s.Commit(&rows); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			var asked []state.RoomFrom
			for _, i := range random.Perm(rooms)[:random.IntN(min(rooms, 100)+1)] {
				r := state.RoomFrom{Room: fmt.Sprint("room", i)}
				if random.IntN(2) == 0 {
					r.After = random.Uint64N(rows.Last + 2)
				}
				asked = append(asked, r)
			}
			end := random.Uint64N(rows.Last + 10)
			comparePages(t, s, table, asked, random.Uint64N(end+1), end, 100+random.IntN(2000))
			comparePages(t, s, table, asked, 0, math.MaxInt64, 3000)
		}
	}
}
