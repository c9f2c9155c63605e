package log_test

import (
	"errors"
	"testing"
	"time"

	"parley/users/log"
)

// What a node has done is counted, and how far it is behind what it has heard of.
func TestStanding(t *testing.T) {
	r := newRiver(t, "a", "b")
	a, b := r.nodes[0], r.nodes[1]
	if s := a.Standing(); s.Node != "a" || s.Begun || s.Number != 0 || !errors.Is(s.Failing, log.ErrReading) || s.Fetches == 0 {
		t.Errorf("at the start: %+v", s)
	}
	r.flow(2 * time.Second)
	before := a.Standing()
	if before.Number != 1 || before.Epoch != 1 || !before.Begun || before.Epochs != 1 || before.Failing != nil || before.Again != 0 || before.Turns < 2 ||
		before.Position != uint64(len(r.messages)) || before.Behind() != 0 {
		t.Errorf("when it takes part: %+v of %d messages", before, len(r.messages))
	}
	r.lost = true
	a.say("alice")
	r.flow(2500 * time.Millisecond)
	if s := a.Standing(); s.Turns != before.Turns+1 || s.Again != 2 || !errors.Is(s.Failing, log.ErrStanding) {
		t.Errorf("when nothing comes back: %+v", s)
	}
	r.lost = false
	r.flow(2 * time.Second)
	b.blind = true
	last := r.messages[len(r.messages)-1]
	last.Position += 7
	b.Arrived(last) // those before it are missing
	if s := b.Standing(); s.Behind() != 7 || s.Last != last.Position {
		t.Errorf("of a gap: %+v", s)
	}
}
