package state

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"parley/users"
)

const (
	// MaxSanctions is how many bans and mutes of the whole server there may be, MaxSanctionsIn
	// in a room, and MaxSanctionsInRooms in all rooms together: some 400 bytes each.
	MaxSanctions        = 20_000
	MaxSanctionsIn      = 1000
	MaxSanctionsInRooms = 100_000

	// MaxSanction is for how long one may be that ends at all.
	MaxSanction = 10 * 365 * 24 * time.Hour

	// MaxWhy is the size in bytes (UTF-8) of a reason.
	MaxWhy = 512
)

// holds reports whether a sanction has not ended by a time.
func (v *Sanction) holds(at time.Time) bool { return v.Until.IsZero() || at.Before(v.Until) }

// A sanctionKey is what there is one sanction of.
type sanctionKey struct {
	kind   users.Penalty
	room   string // folded; "": the whole server
	target string
}

func (v *Sanction) key() sanctionKey { return sanctionKey{v.Kind, users.Fold(v.Room), v.Target} }

// sanctions are all there are, also those that have ended and were not swept yet. The zero
// value is empty.
type sanctions struct {
	byKey    map[sanctionKey]*Sanction
	byRoom   map[string][]*Sanction // by the folded room, in the order in which they came
	byPerson map[string][]*Sanction // those that know a person, likewise
	prefixes map[netip.Prefix]*Sanction
	lengths  map[int]int // how many of the prefixes have so many bits; of IPv6 negative
	inRooms  int         // how many are in rooms
	soonest  time.Time   // when the first may end, at the earliest; zero: none does
}

// bannedBy refuses because of a ban.
func bannedBy(v *Sanction) Result {
	why := *v
	return Result{Err: ErrBanned, Sanction: &why}
}

// silenced returns why somebody may say nothing at a time in a room, "" where only what holds
// for the whole server counts; ok is false if they may.
func (s *State) silenced(at time.Time, who Online, room string) (r Result, ok bool) {
	if len(s.sanctions.byKey) == 0 {
		return r, false
	}
	v := s.sanctions.find(users.Mute, "", who.Name, who.Person, at)
	if v == nil && room != "" && room != Lobby {
		v = s.sanctions.find(users.Mute, room, who.Name, who.Person, at)
	}
	if v == nil {
		return r, false
	}
	why := *v
	return Result{Err: ErrMuted, Sanction: &why}, true
}

// put adds a sanction, in place of the one with its key.
func (s *sanctions) put(v *Sanction) {
	if s.byKey == nil {
		s.byKey, s.byRoom, s.byPerson = make(map[sanctionKey]*Sanction), make(map[string][]*Sanction), make(map[string][]*Sanction)
		s.prefixes, s.lengths = make(map[netip.Prefix]*Sanction), make(map[int]int)
	}
	if before := s.byKey[v.key()]; before != nil {
		s.remove(before)
	}
	room := users.Fold(v.Room)
	s.byKey[v.key()] = v
	s.byRoom[room] = append(s.byRoom[room], v)
	if v.Person != "" {
		s.byPerson[v.Person] = append(s.byPerson[v.Person], v)
	}
	if p, err := netip.ParsePrefix(v.Target); v.Addr && err == nil {
		s.prefixes[p] = v
		s.lengths[length(p)]++
	}
	if room != "" {
		s.inRooms++
	}
	if !v.Until.IsZero() && (s.soonest.IsZero() || v.Until.Before(s.soonest)) {
		s.soonest = v.Until
	}
}

// remove takes sanctions out that are there, those of one room behind each other: there may
// be many.
func (s *sanctions) remove(over ...*Sanction) {
	for i, v := range over {
		delete(s.byKey, v.key())
		takeOut(s.byPerson, v.Person, func(other *Sanction) bool { return other == v })
		if p, err := netip.ParsePrefix(v.Target); v.Addr && err == nil {
			delete(s.prefixes, p)
			if s.lengths[length(p)]--; s.lengths[length(p)] == 0 {
				delete(s.lengths, length(p))
			}
		}
		room := users.Fold(v.Room)
		if room != "" {
			s.inRooms--
		}
		if i == len(over)-1 || users.Fold(over[i+1].Room) != room {
			takeOut(s.byRoom, room, func(other *Sanction) bool { return s.byKey[other.key()] != other })
		}
	}
}

// rename has those that mean one person mean another, "" for nobody, and returns them.
func (s *sanctions) rename(from, to string) []*Sanction {
	all := s.byPerson[from]
	if len(all) == 0 || from == to {
		return nil
	}
	delete(s.byPerson, from)
	for _, v := range all {
		v.Person = to
	}
	if to != "" {
		s.byPerson[to] = append(s.byPerson[to], all...)
	}
	return all
}

// sorted returns all in the order of rooms, kinds and targets.
func (s *sanctions) sorted() []*Sanction {
	return slices.SortedFunc(maps.Values(s.byKey), func(a, b *Sanction) int {
		return cmp.Or(strings.Compare(users.Fold(a.Room), users.Fold(b.Room)), cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Target, b.Target))
	})
}

// ended returns those that have ended by a time, in the same order.
func (s *sanctions) ended(at time.Time) []*Sanction {
	return slices.DeleteFunc(s.sorted(), func(v *Sanction) bool { return v.holds(at) })
}

// findSoonest notes when the first ends.
func (s *sanctions) findSoonest() {
	s.soonest = time.Time{}
	for _, v := range s.byKey {
		if !v.Until.IsZero() && (s.soonest.IsZero() || v.Until.Before(s.soonest)) {
			s.soonest = v.Until
		}
	}
}

// takeOut leaves no empty list behind.
func takeOut(lists map[string][]*Sanction, key string, which func(*Sanction) bool) {
	list := slices.DeleteFunc(lists[key], which)
	if lists[key] = list; len(list) == 0 {
		delete(lists, key)
	}
}

// in returns those of a room, "" for the whole server.
func (s *sanctions) in(room string) []*Sanction { return s.byRoom[users.Fold(room)] }

// find returns the one of a kind that somebody has in a place at a time, by the name or
// because they are the person; nil: none.
func (s *sanctions) find(kind users.Penalty, room, name, person string, at time.Time) *Sanction {
	if len(s.byKey) == 0 {
		return nil
	}
	if v := s.byKey[sanctionKey{kind, users.Fold(room), users.Fold(name)}]; v != nil && name != "" && v.holds(at) {
		return v
	}
	if person == "" {
		return nil
	}
	for _, v := range s.byPerson[person] {
		if v.Kind == kind && users.Fold(v.Room) == users.Fold(room) && v.holds(at) {
			return v
		}
	}
	return nil
}

// of returns those of a kind that a target has in a place at a time, or whoever is the person.
func (s *sanctions) of(kind users.Penalty, room, target, person string, at time.Time) (all []*Sanction) {
	for _, v := range s.in(room) {
		if v.Kind == kind && (v.Target == target || person != "" && v.Person == person) && v.holds(at) {
			all = append(all, v)
		}
	}
	return all
}

// findKey is findAddr of a users.AddrKey.
func (s *sanctions) findKey(key string, at time.Time) *Sanction {
	if len(s.prefixes) == 0 {
		return nil
	}
	return s.findAddr(users.KeyAddr(key), at)
}

// findAddr returns the narrowest ban that an address is in at a time; nil: none.
func (s *sanctions) findAddr(addr netip.Addr, at time.Time) *Sanction {
	addr = addr.Unmap().WithZone("")
	if len(s.prefixes) == 0 || !addr.IsValid() {
		return nil
	}
	for bits := addr.BitLen(); bits >= 0; bits-- {
		p, err := addr.Prefix(bits)
		if err != nil || s.lengths[length(p)] == 0 {
			continue
		}
		if v := s.prefixes[p]; v != nil && v.holds(at) {
			return v
		}
	}
	return nil
}

// length returns how many bits a prefix has, of IPv6 as a number below 0.
func length(p netip.Prefix) int {
	if p.Addr().Is4() {
		return p.Bits()
	}
	return -1 - p.Bits()
}
