// Package roster knows who is logged in, who of them is away, and who is in the rooms in
// which one is oneself, as far as the server has told it: a list of names when it is asked
// for, and then who comes and goes. It knows, too, whose names can be taken for another one's,
// as the server tells it with what names them. It is pure.
//
// That somebody goes away is told to nobody; it is known from the lists and from what
// answers a message. Of a crowd a server tells nobody who comes and goes in the lobby: what
// is known is as old as the last list.
package roster

import (
	"maps"
	"slices"
	"strings"

	"parley/protocol"
)

// maxPeople is how many people are known, whatever a server says: a screen full of names
// has a hundredth of it. Who comes when there are so many is not noted.
const maxPeople = 10_000

// A Person is somebody who is logged in. It is not changed any more.
type Person struct {
	Name  string // as it was last written
	Away  bool
	Why   string   // they are away, as they have put it; "" if they have not
	Like  string   // whose name theirs can be taken for, and who they are not; "": nobody's, or not known
	Rooms []string // in which they are beside the lobby, by names in lower case, in order
}

// A Roster is what is known. The zero value knows nobody.
type Roster struct {
	people  map[string]Person // by names in lower case
	likes   map[string]string // Person.Like by names in lower case, also of those who are not there
	listing map[string]bool   // who stands in the pages of a list that have come so far
	changes int
}

// Changes returns how often something has changed: if it is the same number, all is.
func (r *Roster) Changes() int { return r.changes }

// People returns everybody, by their names in lower case.
func (r *Roster) People() map[string]Person { return maps.Clone(r.people) }

// Lookup returns what is known of somebody who is logged in.
func (r *Roster) Lookup(name string) (Person, bool) {
	p, ok := r.people[strings.ToLower(name)]
	return p, ok
}

// Forget forgets who is there. Whose names can be taken for others' it knows until it is told
// otherwise: a private session lives on without the server, which would tell it.
func (r *Roster) Forget() {
	if len(r.people) > 0 {
		r.changes++
	}
	r.people, r.listing = nil, nil
}

// Listed takes a page of a list of all who are logged in or, if room is not "", of all who
// are in it. More says that other pages follow. Who is in none of them is not there.
func (r *Roster) Listed(room string, names []string, away protocol.Absences, more bool) {
	room = strings.ToLower(room)
	if r.listing == nil {
		r.listing = make(map[string]bool)
	}
	for _, name := range names {
		why, isAway := away[name]
		r.listing[strings.ToLower(name)] = true
		r.set(name, func(p *Person) {
			p.Away, p.Why = isAway, why
			p.enter(room)
		})
	}
	if more {
		return
	}
	for key, p := range r.people {
		switch {
		case r.listing[key]:
		case room == "":
			r.Left(p.Name)
		default:
			r.LeftRoom(p.Name, room)
		}
	}
	r.listing = nil
}

// Came notes that somebody is logged in.
func (r *Roster) Came(name string) { r.set(name, func(*Person) {}) }

// Left notes that somebody is not logged in any more.
func (r *Roster) Left(name string) {
	key := strings.ToLower(name)
	if _, ok := r.people[key]; ok {
		delete(r.people, key)
		r.changes++
	}
}

// IsAway notes that somebody is away, and why, or is not.
func (r *Roster) IsAway(name string, away bool, why string) {
	r.set(name, func(p *Person) { p.Away, p.Why = away, why })
}

// Like returns whose name that of somebody can be taken for, whether they are there or not;
// "": nobody's, or it is not known.
func (r *Roster) Like(name string) string { return r.likes[strings.ToLower(name)] }

// IsLike notes that; "" is nobody's.
func (r *Roster) IsLike(name, like string) {
	key := strings.ToLower(name)
	if r.likes[key] == like || protocol.CheckName(name) != nil || like != "" && (protocol.CheckName(like) != nil || len(r.likes) >= maxPeople) {
		return
	}
	if like == "" {
		delete(r.likes, key)
	} else {
		if r.likes == nil {
			r.likes = make(map[string]string)
		}
		r.likes[key] = like
	}
	if p, there := r.people[key]; there {
		r.set(p.Name, func(*Person) {})
	}
}

// CameIn notes that somebody is in a room.
func (r *Roster) CameIn(name, room string) { r.set(name, func(p *Person) { p.enter(room) }) }

// LeftRoom notes that somebody is not in a room any more.
func (r *Roster) LeftRoom(name, room string) {
	if _, ok := r.Lookup(name); ok {
		room = strings.ToLower(room)
		r.set(name, func(p *Person) {
			p.Rooms = slices.DeleteFunc(slices.Clone(p.Rooms), func(in string) bool { return in == room })
		})
	}
}

// Out notes that one is not in a room oneself: nothing is told of it any more.
func (r *Roster) Out(room string) {
	for _, p := range r.people {
		r.LeftRoom(p.Name, room)
	}
}

// enter notes a room of somebody; "" is the lobby, where everybody is.
func (p *Person) enter(room string) {
	room = strings.ToLower(room)
	if i, in := slices.BinarySearch(p.Rooms, room); !in && room != "" {
		p.Rooms = slices.Insert(slices.Clone(p.Rooms), i, room)
	}
}

func (r *Roster) set(name string, change func(*Person)) {
	if protocol.CheckName(name) != nil {
		return
	}
	key := strings.ToLower(name)
	before, known := r.people[key]
	if !known && len(r.people) >= maxPeople {
		return
	}
	p := before
	p.Name, p.Like = name, r.likes[key]
	change(&p)
	if known && p.Name == before.Name && p.Away == before.Away && p.Why == before.Why && p.Like == before.Like && slices.Equal(p.Rooms, before.Rooms) {
		return
	}
	if r.people == nil {
		r.people = make(map[string]Person)
	}
	r.people[key] = p
	r.changes++
}
