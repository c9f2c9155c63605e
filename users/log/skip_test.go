package log_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
)

// sails has everything come to a node for a time, and reports whether it has ended in a panic.
func (b *boat) sails(d time.Duration) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	r := b.river
	for end := r.now.Add(d); !r.now.After(end); r.now = r.now.Add(100 * time.Millisecond) {
		b.turn()
	}
	b.receive()
	return false
}

// A poisoned river is one in which every node has ended at a message, of which there is a copy.
func poisonedRiver(t *testing.T) (r *river, at uint64) {
	r = newRiver(t, "a", "b")
	r.poison = "poison"
	r.flow(2 * time.Second)
	a, b := r.nodes[0], r.nodes[1]
	a.say("alice")
	r.flow(500 * time.Millisecond)
	a.say("poison")
	a.Flush(r.now)
	at = uint64(len(r.messages))
	again := r.messages[at-1]
	again.Position++
	r.messages = append(r.messages, again)
	for _, n := range r.nodes {
		if !n.sails(time.Second) || n.end == nil || !strings.Contains(n.end.Error(), fmt.Sprintf("message %d of the stream: *command.Enter: it is poison; the way past it, if every node ends there, is: parley cluster skip %d", at, at)) {
			t.Fatalf("%s goes on, or ends with %v", n.name, n.end)
		}
	}
	r.nodes = nil
	func() {
		defer func() {
			if recover() == nil {
				t.Fatal("b does not end there when it is started again")
			}
		}()
		r.join("b", b.table) // which reads at once
	}()
	r.nodes = nil
	return r, at
}

// Past a message at which all end they go on when it is skipped, and a copy of it does nothing.
func TestAMessageIsSkipped(t *testing.T) {
	r, at := poisonedRiver(t)
	r.skipped = []uint64{at}
	a, b := r.join("a", state.NewTable()), r.join("b", state.NewTable())
	r.flow(8 * time.Second) // epochs of before are taken for gone
	a.say("carl")
	b.say("berta")
	r.flow(3 * time.Second)
	if a.end != nil || b.end != nil || a.state.Digest() != b.state.Digest() || a.names() != "berta carl" {
		t.Errorf("a: %v, %q; b: %v, %q", a.end, a.names(), b.end, b.names())
	}
}

// What is not a turn at all is skipped, too.
func TestForeignBytesAreSkipped(t *testing.T) {
	r := newRiver(t, "a")
	r.flow(2 * time.Second)
	r.messages = append(r.messages, log.Message{Position: uint64(len(r.messages) + 1), Time: r.now, Data: []byte("hello")})
	at := uint64(len(r.messages))
	r.flow(time.Second)
	if end := r.nodes[0].end; end == nil || !strings.Contains(end.Error(), fmt.Sprintf("see who else may write there, and go past it with parley cluster skip %d", at)) {
		t.Fatalf("it ends with %v", end)
	}
	r.nodes, r.skipped = nil, []uint64{at}
	a := r.join("a", state.NewTable())
	r.flow(8 * time.Second)
	a.say("alice")
	r.flow(time.Second)
	if a.end != nil || a.names() != "alice" {
		t.Errorf("there are %q: %v", a.names(), a.end)
	}
}

// A node that has carried out what is skipped by now does not go on with what it has kept.
func TestWhatIsSkippedWasKept(t *testing.T) {
	r := newRiver(t, "a")
	r.flow(2 * time.Second)
	a := r.nodes[0]
	a.say("alice")
	r.flow(3 * time.Second)
	at := uint64(slices.IndexFunc(r.messages, func(m log.Message) bool { return strings.Contains(string(m.Data), "alice") }) + 1)
	a.Insist(r.now, &command.AddAccount{Name: "carl", Hash: "h"}, nil) // leaves rows
	r.flow(2 * time.Second)
	if mark := a.table.Kept().Mark.Position; mark <= at+1 {
		t.Fatalf("a has kept all up to %d", mark)
	}
	r.nodes, r.skipped = nil, []uint64{at + 1, at}
	again := r.join("a", a.table)
	again.read = len(r.messages)
	r.flow(time.Second)
	if !errors.Is(again.end, log.ErrStream) || !strings.Contains(again.end.Error(), fmt.Sprintf("message %d is skipped by now", at+1)) {
		t.Errorf("a ends with %v", again.end)
	}

}

// A node that does not skip what others do, since it began before that was said and does not end
// there, does not go on beside them. What they keep is what came of the other messages.
func TestNodesSkipTheSame(t *testing.T) {
	r, at := poisonedRiver(t)
	r.skipped = []uint64{at}
	a, b := r.join("a", state.NewTable()), r.join("b", state.NewTable())
	r.poison, r.skipped = "", nil
	c := r.join("c", state.NewTable())
	a.Insist(r.now, &command.AddAccount{Name: "carl", Hash: "h"}, nil)
	r.flow(20 * time.Second)
	if a.end != nil || b.end != nil || !errors.Is(c.end, log.ErrDiffers) {
		t.Errorf("those that skip: %v, %v; the one that does not: %v", a.end, b.end, c.end)
	}
	if a.table.Kept().Mark.Position <= at {
		t.Fatalf("a has kept all up to %d, and %d is skipped", a.table.Kept().Mark.Position, at)
	}
	for _, try := range []struct {
		skipped []uint64
		goes    bool
	}{{[]uint64{at}, true}, {nil, false}, {[]uint64{1, at}, false}} {
		r.nodes, r.skipped = nil, try.skipped
		again := r.join("a", a.table)
		again.read = len(r.messages)
		r.flow(time.Second)
		if goes := again.end == nil; goes != try.goes || !goes && !errors.Is(again.end, log.ErrStream) {
			t.Errorf("with %v skipped it ends with %v", try.skipped, again.end)
		}
	}
}

// A snapshot of a node that has skipped a message is one with which it can begin, whether its rows
// end where the snapshot does or before.
func TestASnapshotBehindASkippedMessage(t *testing.T) {
	r, at := poisonedRiver(t)
	r.skipped = []uint64{at}
	a := r.join("a", state.NewTable())
	r.flow(8 * time.Second)
	for _, beats := range []time.Duration{0, 3 * time.Second} {
		a.Insist(r.now, &command.AddAccount{Name: fmt.Sprint("carl", beats), Hash: "h"}, nil)
		for before := a.table.Kept().Mark.Position; a.table.Kept().Mark.Position == before; {
			r.flow(100 * time.Millisecond)
		}
		r.flow(beats)
		from, mark := a.snapshot(), a.table.Kept().Mark
		if mark.Position <= at || (mark.Position == from.Position) != (beats == 0) {
			t.Fatalf("the mark is at %d, the snapshot at %d", mark.Position, from.Position)
		}
		if err := from.Fits(mark, r.id, r.skipped); err != nil {
			t.Error(err)
		}
		r.without(a)
		was := a.state.Digest()
		a = r.joinFrom("a", a.table, from)
		if a.state.Digest() != was {
			t.Error("it has come to something else")
		}
		if r.flow(8 * time.Second); a.end != nil || a.Failing() != nil {
			t.Fatalf("with a mark at %d and a snapshot of %d: %v, %v", mark.Position, from.Position, a.end, a.Failing())
		}
	}
}
