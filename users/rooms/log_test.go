package rooms_test

import (
	"fmt"
	"testing"

	"parley/users/rooms"
)

func TestMemoryLogNumbersFromOneAndKeepsTheNewest(t *testing.T) {
	log := rooms.NewMemoryLog("test", 3)
	if got := log.Newest(10); len(got) != 0 {
		t.Errorf("an empty log has %v", got)
	}
	for i := 1; i <= 20; i++ {
		var committed rooms.Message
		m := log.Append(rooms.Message{Text: fmt.Sprint(i)}, func(m rooms.Message) { committed = m })
		if m.ID != uint64(i) || committed != m {
			t.Fatalf("message %d: %+v, committed %+v", i, m, committed)
		}
		newest := log.Newest(10)
		if want := min(i, 3); len(newest) != want {
			t.Fatalf("after %d messages there are %d, want %d", i, len(newest), want)
		}
		for k, m := range newest {
			if want := uint64(i - len(newest) + 1 + k); m.ID != want || m.Text != fmt.Sprint(want) {
				t.Fatalf("after %d messages number %d is %+v, want id %d", i, k, m, want)
			}
		}
		if two := log.Newest(2); i > 1 && (len(two) != 2 || two[1].ID != m.ID) {
			t.Fatalf("Newest(2) is %v", two)
		}
	}
}
