package log_test

import (
	"bytes"
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

// talk has somebody come to a node who says so many things.
func (b *boat) talk(name string, n int) {
	b.say(name)
	b.river.flow(500 * time.Millisecond)
	by := command.By{Name: name, Session: command.Session{Node: b.state.Node(b.name).Number, Number: uint64(len(name))}}
	for i := range n {
		b.Insist(b.river.now, &command.Message{By: by, Room: state.Lobby, Text: fmt.Sprint(name, i)}, nil)
	}
	b.river.flow(500 * time.Millisecond)
}

// snapshot returns that of a node as it comes back from a file.
func (b *boat) snapshot() *log.Snapshot {
	b.river.t.Helper()
	s := b.Snapshot()
	if s == nil || !b.Safe(s) {
		b.river.t.Fatalf("a snapshot of %s is %+v, and not safe", b.name, s)
	}
	encoded, err := s.Encode()
	if err != nil {
		b.river.t.Fatal(err)
	}
	again, err := log.DecodeSnapshot(encoded)
	if err != nil {
		b.river.t.Fatal(err)
	}
	return again
}

// without takes a node out of the river, whose process has ended.
func (r *river) without(b *boat) {
	r.nodes = slices.DeleteFunc(r.nodes, func(n *boat) bool { return n == b })
}

func TestANodeGoesOnFromASnapshot(t *testing.T) {
	r := newRiver(t, "a", "b", "c")
	a, b := r.nodes[0], r.nodes[1]
	r.flow(2 * time.Second)
	a.talk("alice", 5)
	b.talk("bo", 5)
	from := b.snapshot()
	a.talk("carla", 5)
	r.without(b)
	a.talk("dorothea", 5)
	mark := b.table.Kept().Mark
	if mark.Position <= from.Position || mark.Position >= uint64(len(r.messages)) {
		t.Fatalf("the snapshot is of %d, rows are kept up to %d of %d", from.Position, mark.Position, len(r.messages))
	}
	if err := from.Fits(mark, r.id, nil); err != nil {
		t.Fatal(err)
	}
	again := r.joinFrom("b", b.table, from)
	if again.from[0] != from.Position {
		t.Errorf("it asks for message %d first, and has a snapshot of %d", again.from[0], from.Position)
	}
	again.read = len(r.messages)
	r.flow(8 * time.Second) // in which nodes say what they have come to
	for _, n := range r.nodes {
		if n.end != nil || n.state.Digest() != a.state.Digest() {
			t.Errorf("%s differs from a: %v", n.name, n.end)
		}
	}
	if again.state.Node("b").Epoch != 2 || again.Failing() != nil {
		t.Errorf("b takes part as %+v: %v", again.state.Node("b"), again.Failing())
	}
	mine, _ := again.table.Newest(t.Context(), state.Lobby, 100)
	theirs, _ := a.table.Newest(t.Context(), state.Lobby, 100)
	if len(mine) != 20 || !slices.EqualFunc(mine, theirs, func(x, y state.Message) bool { return x.Text == y.Text && x.Number == y.Number && x.Time.Equal(y.Time) }) {
		t.Errorf("b has %d messages, a %d", len(mine), len(theirs))
	}
}

// A turn is carried out as a whole: in the middle of one there is no snapshot, since a node that
// begins with it would read on behind that turn.
func TestThereIsNoSnapshotInTheMiddleOfATurn(t *testing.T) {
	r := newRiver(t, "a", "b")
	a := r.nodes[0]
	r.flow(2 * time.Second)
	a.talk("alice", 1)
	by := command.By{Name: "alice", Session: command.Session{Node: a.state.Node("a").Number, Number: 5}}
	taken := 0
	for range 3 { // the first is under way by itself, the others are one turn
		a.Insist(r.now, &command.Message{By: by, Room: state.Lobby, Text: "hello"}, func(state.Result) {
			if taken++; a.Snapshot() != nil {
				t.Errorf("there is one of message %d when %d of the commands are carried out", a.Position(), taken)
			}
		})
	}
	r.flow(time.Second)
	if taken != 3 || a.Snapshot() == nil {
		t.Errorf("%d are carried out, and the snapshot is %v", taken, a.Snapshot())
	}
}

// What comes between a snapshot and the mark is there already, and nobody is told of it.
func TestWhatIsBetweenASnapshotAndTheMarkLeavesNoRows(t *testing.T) {
	r := newRiver(t, "a")
	a := r.nodes[0]
	r.flow(2 * time.Second)
	from := a.snapshot()
	a.talk("alice", 5)
	mark := a.table.Kept().Mark.Position
	r.without(a)
	r.messages = r.messages[:mark]
	again := r.joinFrom("a", a.table, from)
	again.read = len(r.messages)
	if got := again.take(); again.Position() != mark || again.batches > 0 || got != "" {
		t.Errorf("up to message %d, of %d, it keeps %d batches and tells %q", again.Position(), mark, again.batches, got)
	}
	r.flow(2 * time.Second)
	again.talk("bo", 1)
	if got := again.take(); again.batches == 0 || !strings.Contains(got, "begun 1") {
		t.Errorf("behind it it keeps %d batches and tells %q", again.batches, got)
	}
}

// The time of the log goes on from where it was, whoever has set the stream's clock meanwhile.
func TestTheTimeOfTheLogGoesOnFromASnapshot(t *testing.T) {
	r := newRiver(t, "a", "b")
	a, b := r.nodes[0], r.nodes[1]
	r.flow(2 * time.Second)
	r.skew = time.Hour
	r.flow(time.Second)
	r.skew = 0
	r.flow(1234567 * time.Microsecond)
	again := func() *boat {
		from := b.snapshot()
		r.without(b)
		return r.joinFrom("b", b.table, from)
	}()
	if before := a.state.Time(); !again.Time(r.now).Equal(before) || !again.state.Time().Equal(before) {
		t.Errorf("it begins at %s, the log is at %s", again.Time(r.now), before)
	}
	again.read = len(r.messages)
	r.flow(9 * time.Second)
	if a.end != nil || again.end != nil || a.state.Digest() != again.state.Digest() {
		t.Errorf("the times are %s and %s: %v, %v", a.state.Time(), again.state.Time(), a.end, again.end)
	}
}

// A snapshot needs the rows up to the last message that left some: only heartbeats have come
// since.
func TestASnapshotFits(t *testing.T) {
	r := newRiver(t, "a")
	a := r.nodes[0]
	r.flow(2 * time.Second)
	a.talk("alice", 1)
	r.flow(3 * time.Second)
	s, mark := a.snapshot(), a.table.Kept().Mark
	if mark.Position >= s.Position {
		t.Fatalf("the mark is at %d, the snapshot at %d", mark.Position, s.Position)
	}
	behind, other, elsewhere := mark, mark, mark
	behind.Position = s.Rows - 1
	elsewhere.Position, elsewhere.Message = s.Position+5, 1
	other.Position, other.Message = s.Position, s.Message+1
	for name, c := range map[string]struct {
		mark  state.Mark
		id    string
		words string // "": it fits
	}{
		"as it was left":   {mark, r.id, ""},
		"further":          {elsewhere, r.id, ""},
		"another stream":   {mark, "pond", "of the stream river, and this one is pond"},
		"a mark behind it": {behind, r.id, fmt.Sprintf("needs what was kept up to message %d, and the data folder has it up to message %d", s.Rows, behind.Position)},
		"an empty folder":  {state.Mark{}, r.id, "needs what was kept up to message"},
		"another message":  {other, r.id, "is another one in the data folder"},
	} {
		err := s.Fits(c.mark, c.id, nil)
		if (err == nil) != (c.words == "") || err != nil && (!errors.Is(err, log.ErrSnapshotOther) || !strings.Contains(err.Error(), c.words)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestANodeWithASnapshotFindsOutAStreamThatIsAnother(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(r *river, at uint64)
		words string // "": it goes on
	}{
		"the same":                {func(*river, uint64) {}, ""},
		"its end is lost":         {func(r *river, at uint64) { r.messages = r.messages[:at-1] }, "has lost its end"},
		"its end was put back":    {func(r *river, at uint64) { r.messages[at-1].Data = r.messages[0].Data }, "has lost its end"},
		"it is trimmed before it": {func(r *river, at uint64) { r.trimmed = int(at) - 1 }, ""},
		"it is trimmed up to it":  {func(r *river, at uint64) { r.trimmed = int(at) }, ""},
		"it is trimmed too far":   {func(r *river, at uint64) { r.trimmed = int(at) + 1 }, "this node needs"},
		"the mark is another": {func(r *river, at uint64) {
			r.messages[r.nodes[0].table.Kept().Mark.Position-1].Data = r.messages[0].Data
		}, "has lost its end"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRiver(t, "a")
			a := r.nodes[0]
			r.flow(2 * time.Second)
			a.talk("alice", 3)
			r.flow(3 * time.Second)
			from := a.snapshot()
			r.flow(2 * time.Second)
			c.spoil(r, from.Position)
			r.nodes = nil
			again := r.joinFrom("a", a.table, from)
			again.read = len(r.messages)
			r.flow(20 * time.Second)
			switch {
			case c.words == "" && (again.end != nil || again.Failing() != nil || again.state.Node("a").Epoch != 2):
				t.Errorf("it does not go on: %v, %v", again.end, again.Failing())
			case c.words != "" && (again.end == nil || !strings.Contains(again.end.Error(), c.words)):
				t.Errorf("got %v, want %q", again.end, c.words)
			case c.words != "" && again.batches > 0:
				t.Errorf("it has kept %d batches", again.batches)
			}
		})
	}
}

func TestTheStreamIsCheckedAgainstTheSnapshot(t *testing.T) {
	mark := state.Mark{Stream: "river", Position: 70, Message: 1}
	for name, c := range map[string]struct {
		from, first, last uint64
		words             string // "": it is as it should be
	}{
		"whole":                      {0, 1, 100, ""},
		"whole, with a snapshot":     {80, 1, 100, ""},
		"trimmed":                    {0, 50, 100, "begins at message 50, and this node needs 1"},
		"trimmed up to the snapshot": {80, 81, 100, ""},
		"trimmed beyond it":          {80, 82, 100, "begins at message 82, and this node needs 81"},
		"empty behind it":            {80, 81, 80, ""},
		"shorter than the mark":      {0, 1, 69, "message 70 was there"},
		"shorter than the snapshot":  {80, 1, 79, "message 80 was there"},
	} {
		err := log.CheckStream(mark, c.from, "river", c.first, c.last)
		if (err == nil) != (c.words == "") || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// No byte of a snapshot may be another one, and none may be missing.
func TestADamagedSnapshotIsSaidToBe(t *testing.T) {
	r := newRiver(t, "a")
	r.flow(2 * time.Second)
	r.nodes[0].talk("alice", 3)
	b, err := r.nodes[0].Snapshot().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		damaged := bytes.Clone(b)
		damaged[i] ^= 1
		if _, err := log.DecodeSnapshot(damaged); !errors.Is(err, log.ErrSnapshot) {
			t.Fatalf("byte %d is another one: %v", i, err)
		}
		if _, err := log.DecodeSnapshot(b[:i]); !errors.Is(err, log.ErrSnapshot) {
			t.Fatalf("its first %d bytes: %v", i, err)
		}
	}
	if _, err := log.DecodeSnapshot(append(b, 0)); !errors.Is(err, log.ErrSnapshot) {
		t.Errorf("with a byte behind it: %v", err)
	}
}
