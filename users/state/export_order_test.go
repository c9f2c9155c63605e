package state

import (
	"fmt"
	"net/netip"
	"slices"

	"parley/users"
)

// contradictionOfOrder says what does not fit together of sanctions, roles and what is slow.
func (s *State) contradictionOfOrder() string {
	inRooms, persons, prefixes := 0, 0, 0
	for key, v := range s.sanctions.byKey {
		in, err := s.place(v.Room)
		_, account := s.Account(v.Person)
		switch {
		case v.key() != key || !slices.Contains(s.sanctions.in(v.Room), v):
			return fmt.Sprintf("the sanction %+v is found under %+v", v, key)
		case err != nil || in.name != v.Room:
			return fmt.Sprintf("the sanction %+v is of a room that there is not", v)
		case v.Person != "" && !slices.Contains(s.sanctions.byPerson[v.Person], v):
			return fmt.Sprintf("the sanction %+v is not found under the person", v)
		case v.Person != "" && !isGuest(v.Person) && !account:
			return fmt.Sprintf("the sanction %+v is of an account that there is not", v)
		case !v.Until.IsZero() && (s.sanctions.soonest.IsZero() || v.Until.Before(s.sanctions.soonest)):
			return fmt.Sprintf("the sanction %+v ends before %v", v, s.sanctions.soonest)
		}
		if v.Room != "" {
			inRooms++
		}
		if v.Person != "" {
			persons++
		}
		if v.Addr {
			prefixes++
			if s.sanctions.prefixes[netip.MustParsePrefix(v.Target)] != v {
				return fmt.Sprintf("the sanction %+v is not found under its prefix", v)
			}
		}
	}
	n := 0
	for _, list := range s.sanctions.byPerson {
		n += len(list)
	}
	lengths := 0
	for _, count := range s.sanctions.lengths {
		lengths += count
	}
	if inRooms != s.sanctions.inRooms || persons != n || prefixes != len(s.sanctions.prefixes) || prefixes != lengths {
		return fmt.Sprintf("the sanctions are counted as %+v", s.sanctions)
	}
	return s.contradictionOfKeptOut()
}

// contradictionOfKeptOut says who is where they are banned, or who said more than they may.
func (s *State) contradictionOfKeptOut() string {
	for _, name := range s.Names() {
		o, _ := s.Online(name)
		if v := s.sanctions.find(users.Ban, "", name, o.Person, s.time); v != nil {
			return fmt.Sprintf("%s is there, who is banned: %+v", name, v)
		}
		for _, l := range s.Sessions(name) {
			if v := s.sanctions.findKey(l.Addr, s.time); v != nil {
				return fmt.Sprintf("%s is there from %s: %+v", name, l.Addr, v)
			}
		}
		for _, in := range s.Joined(o.Person) {
			if v := s.sanctions.find(users.Ban, in.Room.Name, name, o.Person, s.time); v != nil {
				return fmt.Sprintf("%s is in %s: %+v", name, in.Room.Name, v)
			}
		}
	}
	for person, p := range s.participants {
		for _, m := range p.joined {
			if m.moderator && m.in.Owner == person {
				return fmt.Sprintf("%q moderates %s and owns it", person, m.in.Name)
			}
		}
	}
	for _, p := range append([]*pace{&s.pace}, s.paces()...) {
		if len(p.last) != len(p.queue) || !slices.IsSortedFunc(p.queue, func(a, b *said) int { return a.at.Compare(b.at) }) {
			return fmt.Sprintf("the pace is %+v", p)
		}
	}
	return ""
}

func (s *State) paces() (all []*pace) {
	for _, r := range s.rooms.sorted {
		all = append(all, &r.pace)
	}
	return all
}
