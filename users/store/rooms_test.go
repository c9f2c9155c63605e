package store

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"parley/users/state"
)

// in makes messages some that were said in a room.
func in(room string, numbers ...uint64) (rows state.Rows) {
	for _, number := range numbers {
		m := message(number)
		m.Room = room
		rows.Messages = append(rows.Messages, m)
		rows.Last, rows.Time = number, m.Time
	}
	return rows
}

func upTo(first, last uint64) (numbers []uint64) {
	for n := first; n <= last; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

// left returns how many messages of a room are in the file, whether they are read or not.
func left(t *testing.T, s *Store, room string) (n int) {
	t.Helper()
	if err := s.write.QueryRow("SELECT count(*) FROM messages WHERE room = ?", room).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// read returns the numbers of what is read in a room, in all ways in which that is done.
func read(t *testing.T, s *Store, room string) []uint64 {
	t.Helper()
	var messages []state.Message
	for after := uint64(0); after < math.MaxInt64; {
		page, reached, err := s.MessagesAfter(t.Context(), []state.RoomFrom{{Room: room}}, after, math.MaxInt64, math.MaxInt)
		if err != nil {
			t.Fatal(err)
		}
		messages, after = append(messages, page...), reached
	}
	newest, err := s.Between(t.Context(), room, 0, math.MaxInt64, PageLimit)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the newest", numbersOf(newest), numbersOf(messages))
	recent, _, _, err := s.Recent(t.Context(), math.MaxInt)
	if err != nil {
		t.Fatal(err)
	}
	recent = slices.DeleteFunc(recent, func(m state.Message) bool { return m.Room != room })
	same(t, "recent", numbersOf(recent), numbersOf(messages))
	return numbersOf(messages)
}

func ended(name string, upTo uint64) state.Rows {
	return state.Rows{Rooms: []state.RoomRow{{Room: state.Room{Name: name}, Gone: true, UpTo: upTo}}, Last: upTo, Time: noon}
}

// sweepOnce has one step of what is gone be deleted.
func sweepOnce(t testing.TB, s *Store) {
	t.Helper()
	if err := s.SweepStep(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// sweepAll has all deleted that is gone, which takes a number of steps.
func sweepAll(t testing.TB, s *Store) (steps int) {
	t.Helper()
	for ; s.Sweeping(); steps++ {
		if sweepOnce(t, s); steps > 100_000 {
			t.Fatal("there is no end of it")
		}
	}
	return steps
}

// TestARoomThatEnds has one with many messages, and then one of the same name: nothing of
// the old one is read, although it takes some steps, and a restart, until it is deleted.
func TestARoomThatEnds(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	den := state.Room{Name: "den", Number: 5, Owner: "~x"}
	const many = 2*sweptAtOnce + sweptAtOnce/2
	mustCommit(t, s, state.Rows{Rooms: []state.RoomRow{{Room: den}, {Room: state.Room{Name: "Attic"}}}, Last: 5, Time: noon}, in("den", upTo(6, 5+many)...), in(state.Lobby, 5+many+1), in("Attic", 5+many+2))
	rooms := mustLoad(t, s).Rooms
	same(t, "the newest of each", []uint64{rooms[0].Newest, rooms[1].Newest}, []uint64{5 + many + 2, 5 + many})

	last := uint64(many + 7)
	den.Number = last
	again := ended("den", last)
	again.Rooms = append(again.Rooms, state.RoomRow{Room: den})
	mustCommit(t, s, again)
	same(t, "left", left(t, s, "den"), many)
	sweepOnce(t, s)
	same(t, "left", left(t, s, "den"), many-sweptAtOnce)
	same(t, "in the new room", read(t, s, "den"), nil)
	same(t, "the newest in it", mustLoad(t, s).Rooms[1], den)
	mustClose(t, s)

	s = mustOpen(t, dir)
	same(t, "in the new room", read(t, s, "den"), nil)
	same(t, "the newest in it", mustLoad(t, s).Rooms[1], den)
	for _, want := range []int{many - 2*sweptAtOnce + 1, 2, 3} {
		last++
		mustCommit(t, s, in("den", last))
		sweepOnce(t, s)
		same(t, "left", left(t, s, "den"), want)
		same(t, "in the new room", read(t, s, "den"), upTo(many+8, last))
		same(t, "the newest in it", mustLoad(t, s).Rooms[1].Newest, last)
	}
	same(t, "in the others", len(read(t, s, state.Lobby))+len(read(t, s, "Attic")), 2)
}

// Of a room in which nobody has said anything nothing is left to be done.
func TestARoomWithoutMessagesEnds(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	sweepAll(t, s)
	mustCommit(t, s, state.Rows{Rooms: []state.RoomRow{{Room: state.Room{Name: "den", Number: 1, Owner: "~x"}}}, Last: 1, Time: noon})
	mustCommit(t, s, ended("den", 2))
	same(t, "there is something to be deleted", s.Sweeping(), false)
	same(t, "rooms", len(mustLoad(t, s).Rooms), 0)

	mustCommit(t, s, in("den", 3))
	mustCommit(t, s, ended("den", 4))
	same(t, "there is something to be deleted", s.Sweeping(), true)
	sweepAll(t, s)
	same(t, "left", left(t, s, "den"), 0)

	// What was pruned in a room is forgotten with it, whether or not anything is there.
	mustCommit(t, s, in("den", 5), state.Rows{Pruned: []state.PrunedRow{{Pruned: state.Pruned{Room: "den", UpTo: 5}}}, Last: 5, Time: noon})
	sweepAll(t, s)
	same(t, "pruned", len(mustLoad(t, s).Pruned), 1)
	mustCommit(t, s, ended("den", 6))
	sweepAll(t, s)
	same(t, "pruned", len(mustLoad(t, s).Pruned), 0)
}

// While nothing can be kept it is not forgotten what is to be deleted.
func TestARoomThatEndsWhileNothingCanBeKept(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	change := func(text string) {
		t.Helper()
		if _, err := s.write.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	mustCommit(t, s, in("den", upTo(1, sweptAtOnce+9)...))
	for range 2 {
		change("PRAGMA query_only = 1")
		mustRefuse(t, s, ended("den", sweptAtOnce+9), ErrReadOnly)
		same(t, "read", len(read(t, s, "den")), sweptAtOnce+9)
		change("PRAGMA query_only = 0")
	}
	mustCommit(t, s, ended("den", sweptAtOnce+9))
	for range 2 {
		change("PRAGMA query_only = 1")
		if err := s.SweepStep(t.Context()); !errors.Is(err, ErrReadOnly) {
			t.Errorf("a step that cannot be kept: %v", err)
		}
		change("PRAGMA query_only = 0")
		same(t, "left", left(t, s, "den"), sweptAtOnce+9)
		same(t, "it is still looked", s.Sweeping(), true)
	}
	sweepAll(t, s)
	same(t, "left", left(t, s, "den"), 0)
}

// Many rooms may end at once, with or without messages.
func TestManyRoomsEnd(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	s.sweptAtOnce = 10
	var rows state.Rows
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		rows.Rooms = append(rows.Rooms, ended(name, 100).Rooms...)
	}
	rows.Messages = append(in("b", 1, 2, 3, 4, 5, 6).Messages, in("d", 7, 8, 9).Messages...)
	rows.Last, rows.Time = 100, noon
	mustCommit(t, s, rows)
	if steps := sweepAll(t, s); steps > 4 {
		t.Errorf("it took %d steps", steps)
	}
	same(t, "left", left(t, s, "b")+left(t, s, "d"), 0)
	var rooms int
	if err := s.write.QueryRow("SELECT count(*) FROM gone").Scan(&rooms); err != nil || rooms > 0 {
		t.Errorf("of %d rooms it is still known that they have ended: %v", rooms, err)
	}
}
