package state

import (
	"iter"
	"slices"
	"strings"

	"parley/users"
)

// What can be asked about rooms. Names of rooms may be spelled in any way.

// Room returns a room, also the lobby.
func (s *State) Room(name string) (Room, bool) {
	if users.Fold(name) == Lobby {
		return Room{Name: Lobby}, true
	}
	if r := s.rooms.find(name); r != nil {
		return r.Room, true
	}
	return Room{}, false
}

// EachRoom goes through all rooms but the lobby in the order of their folded names, with how
// many of those in each are connected. What it shows is valid until the next command.
func (s *State) EachRoom() iter.Seq2[*Room, int] {
	return func(yield func(*Room, int) bool) {
		for _, r := range s.rooms.sorted {
			if !yield(&r.Room, r.inside) {
				return
			}
		}
	}
}

// Member reports whether a person is in a room, and since which number. Everybody is in
// the lobby, since 0.
func (s *State) Member(person, room string) (since uint64, is bool) {
	if users.Fold(room) == Lobby {
		return 0, true
	}
	p := s.participants[person]
	if i := p.index(s.rooms.find(room)); i >= 0 {
		return p.joined[i].since, true
	}
	return 0, false
}

// A Joined is a room that a person is in.
type Joined struct {
	Room  *Room  // nobody changes it but the state, with the next command
	Since uint64 // the last number when they joined
	Read  uint64 // up to which number they have read it; 0: nothing
}

// Joined returns the rooms beside the lobby that a person is in, the one first that they
// joined first, in memory of the caller's own.
func (s *State) Joined(person string) []Joined {
	p := s.participants[person]
	if p == nil || len(p.joined) == 0 {
		return nil
	}
	all := make([]Joined, len(p.joined))
	for i, m := range p.joined {
		all[i] = Joined{Room: &m.in.Room, Since: m.since, Read: m.read}
	}
	return all
}

// Inside returns how many of those who are in a room are connected.
func (s *State) Inside(room string) int {
	if users.Fold(room) == Lobby {
		return s.presence.Len()
	}
	if r := s.rooms.find(room); r != nil {
		return r.inside
	}
	return 0
}

// NamesIn returns the names of those in a room who are connected, in alphabetical order, in
// memory of the caller's own.
func (s *State) NamesIn(room string) []string {
	if users.Fold(room) == Lobby {
		return s.Names()
	}
	r := s.rooms.find(room)
	if r == nil {
		return nil
	}
	type spelled struct{ folded, name string }
	inside := make([]spelled, 0, r.inside)
	for _, p := range r.members {
		if p.connected() {
			inside = append(inside, spelled{users.Fold(p.name), p.name})
		}
	}
	slices.SortFunc(inside, func(a, b spelled) int { return strings.Compare(a.folded, b.folded) })
	names := make([]string, len(inside))
	for i, s := range inside {
		names[i] = s.name
	}
	return names
}

// RoomInvitations returns those of a person, in the order of the rooms.
func (s *State) RoomInvitations(person string) []RoomInvitation {
	p := s.participants[person]
	if p == nil || len(p.invited) == 0 {
		return nil
	}
	all := make([]RoomInvitation, len(p.invited))
	for i, v := range p.invited {
		all[i] = RoomInvitation{Room: v.to.Name, Person: person, By: v.by}
	}
	slices.SortFunc(all, func(a, b RoomInvitation) int { return strings.Compare(users.Fold(a.Room), users.Fold(b.Room)) })
	return all
}

// ReadCursor returns up to which number a person has read a room, or what was said to and
// by somebody with whom direct messages are: one of both is "".
func (s *State) ReadCursor(person, room, with string) uint64 {
	p := s.participants[person]
	switch {
	case room == "":
		return p.readWith(with)
	case users.Fold(room) == Lobby:
		return p.readLobby()
	}
	if i := p.index(s.rooms.find(room)); i >= 0 {
		return p.joined[i].read
	}
	return 0
}

// ReadCursors returns those of a person, rooms first, in the order of the names.
func (s *State) ReadCursors(person string) (all []ReadCursor) {
	p := s.participants[person]
	if p == nil {
		return nil
	}
	for _, m := range p.joined {
		if m.read > 0 {
			all = append(all, ReadCursor{Person: person, Room: m.in.Name, Number: m.read})
		}
	}
	if n := p.readLobby(); n > 0 {
		all = append(all, ReadCursor{Person: person, Room: Lobby, Number: n})
	}
	slices.SortFunc(all, func(a, b ReadCursor) int { return strings.Compare(users.Fold(a.Room), users.Fold(b.Room)) })
	if p.reading != nil {
		for _, w := range p.reading.with {
			all = append(all, ReadCursor{Person: person, With: w.person.person, Number: w.number})
		}
	}
	return all
}
