package state

import (
	"fmt"
	"slices"

	"parley/users"
)

// What is saved of rooms, and of persons in them: see Snapshot. Who is in a room, and since
// when, is with the room, in the order that it has there, and the same is so with all that is in
// no order but that in which rows come of it.

type savedRoom struct {
	Room    savedRoomRow  `cbor:"1,keyasint"`
	Members []savedMember `cbor:"2,keyasint,omitempty"`
	Invited []string      `cbor:"3,keyasint,omitempty"` // persons
	Pace    []savedSaid   `cbor:"4,keyasint,omitempty"`
}

type savedRoomRow struct {
	Name    string `cbor:"1,keyasint"`
	Number  uint64 `cbor:"2,keyasint,omitzero"`
	Owner   string `cbor:"3,keyasint,omitzero"`
	By      string `cbor:"4,keyasint,omitzero"`
	Private bool   `cbor:"5,keyasint,omitzero"`
	Key     string `cbor:"6,keyasint,omitzero"`
	Topic   string `cbor:"7,keyasint,omitzero"`
	TopicBy string `cbor:"8,keyasint,omitzero"`
	Slow    int    `cbor:"9,keyasint,omitzero"`
	Newest  uint64 `cbor:"10,keyasint,omitzero"`

	KeepDays     int `cbor:"11,keyasint,omitzero"`
	KeepMessages int `cbor:"12,keyasint,omitzero"`
}

type savedMember struct {
	Person    string `cbor:"1,keyasint"`
	Since     uint64 `cbor:"2,keyasint,omitzero"`
	Read      uint64 `cbor:"3,keyasint,omitzero"`
	Moderator bool   `cbor:"4,keyasint,omitzero"`
}

type savedParticipant struct {
	Person  string          `cbor:"1,keyasint"`
	Name    string          `cbor:"2,keyasint,omitzero"`
	Made    []string        `cbor:"3,keyasint,omitempty"` // rooms
	Invited []savedInvited  `cbor:"4,keyasint,omitempty"`
	Lobby   uint64          `cbor:"5,keyasint,omitzero"`
	With    []savedReadWith `cbor:"6,keyasint,omitempty"` // in the order of the persons
	Readers []string        `cbor:"7,keyasint,omitempty"` // persons
}

type savedInvited struct {
	Room string `cbor:"1,keyasint"`
	By   string `cbor:"2,keyasint"`
}

type savedReadWith struct {
	Person string `cbor:"1,keyasint"`
	Number uint64 `cbor:"2,keyasint"`
}

func (s *rooms) save() []savedRoom {
	all := make([]savedRoom, 0, len(s.sorted))
	for _, r := range s.sorted {
		saved := savedRoom{Room: savedRoomRow(r.Room), Members: make([]savedMember, 0, len(r.members)), Invited: persons(r.invited), Pace: r.pace.save()}
		for _, p := range r.members {
			m := p.joined[p.index(r)]
			saved.Members = append(saved.Members, savedMember{p.person, m.since, m.read, m.moderator})
		}
		all = append(all, saved)
	}
	return all
}

func persons(of []*participant) (all []string) {
	for _, p := range of {
		all = append(all, p.person)
	}
	return all
}

func (s participants) save() []savedParticipant {
	all := make([]savedParticipant, 0, len(s))
	for _, p := range s {
		saved := savedParticipant{Person: p.person, Name: p.name}
		for _, r := range p.made {
			saved.Made = append(saved.Made, r.Name)
		}
		for _, i := range p.invited {
			saved.Invited = append(saved.Invited, savedInvited{i.to.Name, i.by})
		}
		if r := p.reading; r != nil {
			saved.Lobby, saved.Readers = r.lobby, persons(r.readers)
			for _, w := range r.with {
				saved.With = append(saved.With, savedReadWith{w.person.person, w.number})
			}
		}
		all = append(all, saved)
	}
	return all
}

// loadSavedRooms comes behind those who are there.
func (s *State) loadSavedRooms(all []savedRoom, people []savedParticipant) error {
	for i, saved := range people {
		if i > 0 && people[i-1].Person >= saved.Person {
			return fmt.Errorf("the participant %q is there twice, or in another order", saved.Person)
		}
		if o, there := s.presence.Find(saved.Name); saved.Name != "" && (!there || o.Person != saved.Person || o.Name != saved.Name) {
			return fmt.Errorf("the participant %q is not there as %q", saved.Person, saved.Name)
		}
		s.participants[saved.Person] = &participant{person: saved.Person, name: saved.Name}
	}
	for i := range all {
		if err := s.loadSavedRoom(&all[i]); err != nil {
			return fmt.Errorf("room %q: %w", all[i].Room.Name, err)
		}
	}
	for i := range people {
		if err := s.loadSavedParticipant(&people[i]); err != nil {
			return fmt.Errorf("participant %q: %w", people[i].Person, err)
		}
	}
	return s.checkSavedRooms()
}

func (s *State) loadSavedRoom(saved *savedRoom) error {
	if n := len(s.rooms.sorted); n > 0 && s.rooms.sorted[n-1].folded >= users.Fold(saved.Room.Name) {
		return fmt.Errorf("it is there twice, or in another order")
	}
	r := s.rooms.put(Room(saved.Room))
	for _, m := range saved.Members {
		p := s.participants[m.Person]
		if p == nil || p.index(r) >= 0 || len(p.joined) >= MaxJoined {
			return fmt.Errorf("%q cannot be in it", m.Person)
		}
		r.enter(p, m.Since)
		j := &p.joined[p.index(r)]
		j.read, j.moderator = m.Read, m.Moderator
	}
	for _, person := range saved.Invited {
		p := s.participants[person]
		if p == nil {
			return fmt.Errorf("%q cannot be invited to it", person)
		}
		r.invited = append(r.invited, p)
	}
	return r.pace.load(saved.Pace)
}

func (s *State) loadSavedParticipant(saved *savedParticipant) error {
	p := s.participants[saved.Person]
	for _, name := range saved.Made {
		r := s.rooms.find(name)
		if r == nil || r.Owner != p.person || len(p.made) >= MaxMade || slices.Contains(p.made, r) {
			return fmt.Errorf("cannot have made the room %q", name)
		}
		p.made = append(p.made, r)
	}
	for _, i := range saved.Invited {
		r := s.rooms.find(i.Room)
		if r == nil || p.isInvited(r) || len(p.invited) >= maxInvited {
			return fmt.Errorf("cannot be invited to the room %q", i.Room)
		}
		p.invited = append(p.invited, invited{to: r, by: i.By})
	}
	if saved.Lobby == 0 && len(saved.With) == 0 && len(saved.Readers) == 0 {
		return nil
	}
	read := p.reads()
	read.lobby = saved.Lobby
	for i, w := range saved.With {
		other := s.participants[w.Person]
		if other == nil || i > 0 && saved.With[i-1].Person >= w.Person {
			return fmt.Errorf("cannot have read %q", w.Person)
		}
		read.with = append(read.with, readWith{other, w.Number})
	}
	for _, person := range saved.Readers {
		other := s.participants[person]
		if other == nil {
			return fmt.Errorf("cannot be read by %q", person)
		}
		read.readers = append(read.readers, other)
	}
	return nil
}

// checkSavedRooms reports what one knows of the other that the other does not know: of each kind
// there must be as many as are known to the others, who were all found.
func (s *State) checkSavedRooms() error {
	owned, invitedTo := 0, 0
	for _, r := range s.rooms.sorted {
		invitedTo += len(r.invited)
		if r.Owner != "" {
			owned++
		}
		known := make(map[*participant]bool, len(r.invited))
		for _, p := range r.invited {
			if !p.isInvited(r) || known[p] {
				return fmt.Errorf("%q is not invited to the room %q, or twice", p.person, r.Name)
			}
			known[p] = true
		}
	}
	for _, p := range s.participants {
		owned -= len(p.made)
		invitedTo -= len(p.invited)
	}
	if owned != 0 || invitedTo != 0 {
		return fmt.Errorf("rooms and persons do not know the same of owners and invitations")
	}
	return s.checkSavedReading()
}

func (s *State) checkSavedReading() error {
	cursors := 0
	for _, p := range s.participants {
		if p.reading == nil {
			continue
		}
		cursors += len(p.reading.with)
		known := make(map[*participant]bool, len(p.reading.readers))
		for _, reader := range p.reading.readers {
			if !reader.hasRead(p) || known[reader] {
				return fmt.Errorf("%q has read nothing of %q, or twice", reader.person, p.person)
			}
			known[reader] = true
			cursors--
		}
	}
	if cursors != 0 {
		return fmt.Errorf("persons do not know the same of what they have read")
	}
	return nil
}

// hasRead reports whether a participant has a cursor with another.
func (p *participant) hasRead(other *participant) bool {
	if p.reading == nil {
		return false
	}
	_, there := p.reading.find(other.person)
	return there
}
