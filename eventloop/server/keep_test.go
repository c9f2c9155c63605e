package server

import (
	"testing"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
	"parley/users/tail"
)

// What the tail has dropped and was not seen is in the attic, and what was seen, or was of
// somebody who is forgotten, takes no memory for long.
func TestTheAtticHasWhatWasNotSeen(t *testing.T) {
	s := state.New(state.Kept{}, benchStart)
	a := newAttic(s)
	by := make(map[string]command.By)
	for i, name := range []string{"anna", "bob", "carl"} {
		by[name] = command.By{Name: name, Session: command.Session{Number: uint64(i + 1)}}
		s.Apply(benchStart, &command.Enter{Session: by[name].Session, Name: name, Token: name}, nil)
	}
	say := func(to string, n int) (last uint64) {
		for range n {
			r := s.Apply(benchStart, &command.Direct{By: by["anna"], To: to, Text: "psst"}, nil)
			a.put(tail.Entry{Direct: r.Direct})
			last = r.Number
		}
		return last
	}
	read := func(person string) (numbers []uint64) {
		first, last := s.Unseen(person)
		a.Read(tail.Query{Person: person, After: first - 1, UpTo: last}, func(p tail.Page, _ error) {
			for _, e := range p.Entries {
				numbers = append(numbers, e.Number())
			}
		})
		return numbers
	}
	say("carl", 10)
	seen := say("bob", 600)
	say("bob", 400)
	s.Apply(benchStart, &command.Seen{By: by["bob"], Number: seen}, nil)
	s.Apply(benchStart, &command.Leave{By: by["carl"], Why: users.LoggedOut}, nil)
	if got := read("~bob"); len(got) != 400 || got[0] != seen+1 {
		t.Errorf("bob finds %d, of which the first is %d, want 400 behind %d", len(got), got[0], seen)
	}
	a.put(tail.Entry{Message: &state.Message{Number: 1 << 40, Room: state.Lobby}})
	say("bob", minAttic-1010+1)
	if want := 400 + minAttic - 1010 + 1; a.n != want || len(a.directs["~bob"]) != want || len(a.directs) != 1 {
		t.Errorf("%d are there of %d, %d of bob, want %d of bob", a.n, len(a.directs), len(a.directs["~bob"]), want)
	}
	if got := read("~bob"); len(got) != a.n {
		t.Errorf("bob finds %d of %d", len(got), a.n)
	}
}

// A guest comes back to a server that was stopped and started as to one that was killed: what
// the token leads to is there.
func TestAGuestOutlivesAStop(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	guest, other := c.enter("gina", ""), c.enter("bob", "")
	c.ask(guest, `{"request":"create","content":"den"}`)
	c.ask(other, `{"request":"dm","content":"gina psst"}`)
	c.settle()
	c.Stop(c.now)
	c.settle()
	if kept := c.table.Kept(); len(kept.Members) != 1 || len(kept.Rooms) != 1 || len(kept.Unseen) != 1 {
		t.Errorf("of a guest in a room, with a message: members %v, rooms %v, messages %v are kept", kept.Members, kept.Rooms, kept.Unseen)
	}
	if c.state.Len() != 0 || !c.closed[guest] {
		t.Error("somebody is there still")
	}
}
