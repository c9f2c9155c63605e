package state

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"parley/users"
)

// What can be asked about keeping order. An end is compared with a time of the log.

// Settings returns what is set for the whole server.
func (s *State) Settings() Settings { return s.settings }

// Role returns the role of a person in a room, or of the whole server if room is "" or the
// lobby. A role of the server is none in a room.
func (s *State) Role(person, room string) users.Role {
	in, err := s.place(room)
	switch {
	case err != nil || person == "":
		return users.NoRole
	case in.room == nil:
		account, _ := s.Account(person)
		return account.Role
	case in.room.Owner == person:
		return users.Owner
	case s.participants[person].moderates(in.room):
		return users.Moderator
	}
	return users.NoRole
}

// Sanctions returns the bans and mutes of a room that hold at a time, or of the whole server
// if room is "" or the lobby, bans first, in the order of their targets.
func (s *State) Sanctions(room string, now time.Time) (all []Sanction) {
	in, err := s.place(room)
	if err != nil {
		return nil
	}
	for _, v := range s.sanctions.in(in.name) {
		if v.holds(now) {
			all = append(all, *v)
		}
	}
	slices.SortFunc(all, func(a, b Sanction) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Target, b.Target)) })
	return all
}

// Sanctioned returns the ban or mute that somebody has in a room at a time, or of the whole
// server if room is "" or the lobby: by the name, or because they are the person. One of them
// may be "".
func (s *State) Sanctioned(kind users.Penalty, name, person, room string, now time.Time) (Sanction, bool) {
	in, err := s.place(room)
	if err != nil {
		return Sanction{}, false
	}
	if v := s.sanctions.find(kind, in.name, name, person, now); v != nil {
		return *v, true
	}
	return Sanction{}, false
}

// BannedAddr returns the ban of the server that keeps an address out at a time.
func (s *State) BannedAddr(addr netip.Addr, now time.Time) (Sanction, bool) {
	if v := s.sanctions.findAddr(addr, now); v != nil {
		return *v, true
	}
	return Sanction{}, false
}

// BannedPrefix reports whether there is a ban of the server of a prefix of addresses, or was
// one that is not forgotten yet.
func (s *State) BannedPrefix(prefix string) bool {
	return s.sanctions.byKey[sanctionKey{kind: users.Ban, target: prefix}] != nil
}

// Keepers returns the names of those who are connected and may be told what is reported of a
// room, "" or the lobby for the whole server, in alphabetical order.
func (s *State) Keepers(room string) (names []string) {
	for _, name := range s.accounts.WithRoles() {
		names = s.appendKeeper(names, name)
	}
	if r := s.rooms.find(room); r != nil {
		for _, p := range r.members {
			if p.connected() && (r.Owner == p.person || p.moderates(r)) {
				names = s.appendKeeper(names, p.name)
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(users.Fold(a), users.Fold(b)) })
	return slices.Compact(names)
}

func (s *State) appendKeeper(names []string, name string) []string {
	if o, there := s.Online(name); there {
		return append(names, o.Name)
	}
	return names
}

// Reports returns the newest reports that a person may be told of, with numbers before one, n
// at most, oldest first. The state remembers MaxReports.
func (s *State) Reports(person string, before uint64, n int) (all []Act) {
	for _, a := range slices.Backward(s.reports) {
		if len(all) >= n {
			break
		}
		if a.Number < before && s.hearsReport(person, a) {
			all = append(all, *a)
		}
	}
	slices.Reverse(all)
	return all
}

// ReportsSince returns how many reports were made since a time that a person may be told of; 0
// if it is zero, which is never.
func (s *State) ReportsSince(person string, since time.Time) (n int) {
	if since.IsZero() {
		return 0
	}
	for _, a := range slices.Backward(s.reports) {
		if a.Time.Before(since) {
			break
		}
		if s.hearsReport(person, a) {
			n++
		}
	}
	return n
}

// hearsReport reports whether a person may be told of a report: in a room not of what was
// reported of an older one of that name.
func (s *State) hearsReport(person string, a *Act) bool {
	if s.May(person, "reports", "") {
		return true
	}
	r := s.rooms.find(a.Room)
	return r != nil && a.Number > r.Number && s.May(person, "reports", a.Room)
}
