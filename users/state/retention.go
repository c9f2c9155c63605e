package state

import (
	"fmt"
	"time"

	"parley/users/command"
)

// retain carries out what says what is kept, and what is forgotten.
func (s *State) retain(at time.Time, c command.Command, rows *Rows) Result {
	switch c := c.(type) {
	case *command.Keep:
		return s.keep(c, rows)
	case *command.Prune:
		return s.prune(c, rows)
	case *command.ForgetMe:
		return s.forgetMe(at, c, rows)
	}
	return refused(ErrUnknown)
}

// keep says how much is kept of what is said in a room.
func (s *State) keep(c *command.Keep, rows *Rows) Result {
	a, in, err := s.permitted(c.By, ActKeep, c.Room)
	r := in.room
	switch {
	case err != nil:
		return refused(err)
	case r == nil:
		return refused(ErrLobby)
	case !within(c.Days, s.limits.KeepDays), !within(c.Messages, s.limits.KeepMessages):
		return refused(ErrKeep)
	case r.KeepDays == c.Days && r.KeepMessages == c.Messages:
		return Result{Room: r.snapshot(), Again: true}
	}
	r.KeepDays, r.KeepMessages = c.Days, c.Messages
	rows.room(r.Room, false, 0)
	act := Act{Act: ActKeep, Room: r.Name, Set: fmt.Sprintf("%d days, %d messages", c.Days, c.Messages)}
	return Result{Room: r.snapshot(), Act: s.note(a, act, rows)}
}

// within reports whether a room may have that, where 0 is as the server says.
func within(n, limit int) bool { return n >= 0 && (limit == 0 || n <= limit) }

// A Retention is what is kept of a room: what was said in the last days, and the newest
// messages. Of both 0 is all.
type Retention struct{ Days, Messages int }

// Any reports whether it is less than all.
func (r Retention) Any() bool { return r.Days > 0 || r.Messages > 0 }

// Kept returns what is kept of a room, as the server and its owner say: the less of both. Of
// the lobby it is as the server says.
func (s *State) Kept(r *Room) Retention {
	return Retention{Days: less(r.KeepDays, s.limits.KeepDays), Messages: less(r.KeepMessages, s.limits.KeepMessages)}
}

// less returns the less of two, where 0 is all.
func less(a, b int) int {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// prune notes that nothing is kept any more up to a number in a room, or of direct messages.
// What was not seen yet stays until it is.
func (s *State) prune(c *command.Prune, rows *Rows) Result {
	var r *room
	if c.Room != "" && c.Room != Lobby {
		if r = s.rooms.find(c.Room); r == nil || r.Name != c.Room {
			return refused(ErrNoRoom)
		}
	}
	if c.UpTo > s.last || r != nil && c.UpTo <= r.Number { // it was not found in this room
		return refused(ErrNoMessage)
	}
	if c.UpTo <= s.pruned[c.Room] {
		return Result{Number: s.pruned[c.Room], Again: true}
	}
	s.pruned[c.Room] = c.UpTo
	if r != nil && r.Newest <= c.UpTo {
		r.Newest = 0
	}
	rows.prune(Pruned{Room: c.Room, UpTo: c.UpTo}, false)
	return Result{Number: c.UpTo}
}

// unprune forgets what was pruned of a room that has ended.
func (s *State) unprune(name string, rows *Rows) {
	if upTo, is := s.pruned[name]; is {
		delete(s.pruned, name)
		rows.prune(Pruned{Room: name, UpTo: upTo}, true)
	}
}

// Pruned returns up to which number nothing is kept any more of a room, or, of "", of the
// direct messages but those that were not seen yet; 0: all is kept. The name of a room is
// Room.Name.
func (s *State) Pruned(room string) uint64 { return s.pruned[room] }

// PrunedDirect reports whether a direct message is kept no more.
func (s *State) PrunedDirect(d *Direct) bool {
	if d.Number > s.pruned[""] {
		return false
	}
	first, _ := s.directs.span(d.Person)
	return first == 0 || d.Number < first
}
