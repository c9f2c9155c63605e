package state

import (
	"fmt"
	"slices"
	"strings"

	"parley/users"
)

// MaxInvited is how many room invitations wait for one person, and MaxReading with how many
// persons one has read cursors.
const (
	MaxInvited = maxInvited
	MaxReading = maxReading
)

// RoomDigest is that of what is said in a room.
func RoomDigest(room, text string) uint64 { return roomDigest(room, text) }

func (s *State) contradictionOfRooms() string {
	if len(s.rooms.byName) != len(s.rooms.sorted) || !slices.IsSortedFunc(s.rooms.sorted, func(a, b *room) int { return compareRoom(a, b.folded) }) {
		return "the rooms are in no order"
	}
	for _, r := range s.rooms.sorted {
		if why := s.contradictionOfRoom(r); why != "" {
			return fmt.Sprintf("room %s: %s", r.Name, why)
		}
	}
	for person, p := range s.participants {
		if why := s.contradictionOfParticipant(person, p); why != "" {
			return fmt.Sprintf("participant %q: %s", person, why)
		}
	}
	return ""
}

func (s *State) contradictionOfRoom(r *room) string {
	inside := 0
	for i, p := range r.members {
		j := p.index(r)
		if s.participants[p.person] != p || j < 0 || int(p.joined[j].place) != i {
			return fmt.Sprintf("%q does not know of it", p.person)
		}
		if p.connected() {
			inside++
		}
	}
	for _, p := range r.invited {
		if s.participants[p.person] != p || !p.isInvited(r) {
			return fmt.Sprintf("%q is not invited", p.person)
		}
		if p.index(r) >= 0 {
			return fmt.Sprintf("%q is in it and invited", p.person)
		}
	}
	owner := s.participants[r.Owner]
	switch {
	case s.rooms.byName[r.folded] != r || users.Fold(r.Name) != r.folded:
		return "it has another name"
	case inside != r.inside:
		return fmt.Sprintf("%d are inside, %d are counted", inside, r.inside)
	case len(r.members) == 0 && (r.Owner == "" || isGuest(r.Owner) && s.guests.left[r.Owner].IsZero()): // as after a start
		return "nobody is in it"
	case r.Owner != "" && (owner == nil || !slices.Contains(owner.made, r)):
		return fmt.Sprintf("%q does not know to own it", r.Owner)
	case r.Number > s.last || r.Newest > s.last || r.Newest != 0 && r.Newest <= r.Number:
		return fmt.Sprintf("it is from %d, and the newest is %d", r.Number, r.Newest)
	}
	return ""
}

func (s *State) contradictionOfParticipant(person string, p *participant) string {
	if p.connected() {
		if o, there := s.presence.Find(p.name); !there || o.Person != person || o.Name != p.name {
			return fmt.Sprintf("is not connected as %q", p.name)
		}
	}
	if o, there := s.presence.Find(person); there && o.Account && p.name != o.Name {
		return "is connected"
	}
	_, account := s.Account(person)
	for i, m := range p.joined {
		switch {
		case !slices.Contains(s.rooms.sorted, m.in) || m.in.members[m.place] != p:
			return fmt.Sprintf("%s does not know that they are in it", m.in.Name)
		case m.since > s.last || m.since < m.in.Number || m.read > s.last:
			return fmt.Sprintf("is in %s since %d, has read %d", m.in.Name, m.since, m.read)
		case i > 0 && compareMemberships(p.joined[i-1], m) >= 0:
			return "is in rooms in no order"
		}
	}
	for _, r := range p.made {
		if r.Owner != person || !slices.Contains(s.rooms.sorted, r) {
			return fmt.Sprintf("does not own %s", r.Name)
		}
	}
	for _, i := range p.invited {
		if !slices.Contains(i.to.invited, p) || !slices.Contains(s.rooms.sorted, i.to) {
			return fmt.Sprintf("%s does not know of an invitation", i.to.Name)
		}
	}
	switch {
	case p.person != person:
		return fmt.Sprintf("is %q", p.person)
	case !isGuest(person) && !account:
		return "has no account"
	case len(p.joined)+len(p.made)+len(p.invited) == 0 && p.reading == nil:
		return "says nothing"
	case len(p.joined) > MaxJoined || len(p.made) > MaxMade || len(p.invited) > maxInvited:
		return "has more than one may have"
	}
	return s.contradictionOfReading(p)
}

func (s *State) contradictionOfReading(p *participant) string {
	r := p.reading
	if r == nil {
		return ""
	}
	for _, w := range r.with {
		if s.participants[w.person.person] != w.person || w.number == 0 || w.number > s.last || !slices.Contains(w.person.reading.readers, p) {
			return fmt.Sprintf("has read %q to %d", w.person.person, w.number)
		}
	}
	for _, reader := range r.readers {
		if s.participants[reader.person] != reader || reader.readWith(p.person) == 0 {
			return fmt.Sprintf("%q has read nothing of them", reader.person)
		}
	}
	switch {
	case r.lobby == 0 && len(r.with) == 0 && len(r.readers) == 0:
		return "has a reading that says nothing"
	case isGuest(p.person) && (r.lobby > 0 || len(r.with) > 0):
		return "has read something as a guest"
	case !slices.IsSortedFunc(r.with, func(a, b readWith) int { return strings.Compare(a.person.person, b.person.person) }):
		return "has read with persons in no order"
	}
	return ""
}

// Rooms returns all rooms but the lobby in the order of their folded names.
func (s *State) Rooms() []Room {
	all := make([]Room, len(s.rooms.sorted))
	for i, r := range s.rooms.sorted {
		all[i] = r.Room
	}
	return all
}
