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
		m, fresh, err := log.Append(rooms.Message{Text: fmt.Sprint(i)}, "", func(m rooms.Message, err error) { committed = m })
		if m.ID != uint64(i) || committed != m || !fresh || err != nil {
			t.Fatalf("message %d: %+v, committed %+v, fresh %v, %v", i, m, committed, fresh, err)
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

func TestRetryCreatesNothing(t *testing.T) {
	log := rooms.NewMemoryLog("test", 10)
	say := func(sender, request string) (id uint64, fresh bool) {
		t.Helper()
		committed := uint64(0)
		m, fresh, err := log.Append(rooms.Message{Sender: sender, Text: "hi"}, request, func(m rooms.Message, err error) { committed = m.ID })
		if err != nil || committed != m.ID {
			t.Fatalf("%v, committed %d, want %d", err, committed, m.ID)
		}
		return m.ID, fresh
	}
	for _, step := range []struct {
		sender, request string
		id              uint64
		fresh           bool
	}{
		{"alice", "a", 1, true},
		{"alice", "a", 1, false},
		{"ALICE", "a", 1, false},
		{"bob", "a", 2, true},
		{"alice", "b", 3, true},
		{"alice", "", 4, true},
		{"alice", "", 5, true},
		{"alice", "a", 1, false},
	} {
		if id, fresh := say(step.sender, step.request); id != step.id || fresh != step.fresh {
			t.Errorf("%+v: got %d, %v", step, id, fresh)
		}
	}
	if n := len(log.Newest(10)); n != 5 {
		t.Errorf("%d messages", n)
	}
}
