package state

import (
	"time"

	"parley/users"
)

// loadRooms puts in place what is kept of rooms. A guest of whom there is something there may
// come back, or is forgotten in time and ends it.
func (s *State) loadRooms(kept Kept, now time.Time) {
	for _, v := range kept.Rooms {
		r := s.rooms.put(v)
		if v.Owner != "" {
			p := s.loadParticipant(v.Owner, now)
			p.made = append(p.made, r)
		}
	}
	for _, m := range kept.Members {
		if r := s.rooms.find(m.Room); r != nil {
			p := s.loadParticipant(m.Person, now)
			r.enter(p, m.Since)
			p.joined[p.index(r)].moderator = m.Role == users.Moderator
		}
	}
	for _, i := range kept.RoomInvitations {
		if r := s.rooms.find(i.Room); r != nil {
			s.putInvitation(s.loadParticipant(i.Person, now), r, i.By)
		}
	}
	for _, c := range kept.ReadCursors {
		s.loadReadCursor(c, now)
	}
}

func (s *State) loadReadCursor(c ReadCursor, now time.Time) {
	switch {
	case c.Room == Lobby:
		s.loadParticipant(c.Person, now).reads().lobby = c.Number
	case c.Room != "":
		p := s.participants[c.Person]
		if i := p.index(s.rooms.find(c.Room)); i >= 0 {
			p.joined[i].read = c.Number
		}
	default:
		putReadWith(s.loadParticipant(c.Person, now), s.loadParticipant(c.With, now), c.Number)
	}
}

// loadParticipant returns who is, or was not yet, a participant, to be changed.
func (s *State) loadParticipant(person string, now time.Time) *participant {
	if isGuest(person) && s.guests.left[person].IsZero() {
		s.guests.add(person, now)
	}
	return s.participants.of(Online{Person: person}, false)
}
