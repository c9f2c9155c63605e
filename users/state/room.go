package state

import (
	"cmp"
	"slices"
	"strings"

	"parley/users"
)

const (
	// MaxRooms is how many rooms there may be beside the lobby. With nobody in it, a room
	// takes some 300 bytes: so this is 15 MB.
	MaxRooms = 50_000

	// MaxMade is how many rooms a person may have made that are there now.
	MaxMade = 50

	// MaxJoined is how many rooms a person may be in beside the lobby.
	MaxJoined = 100

	// MaxTopic is the size in bytes (UTF-8) of the topic of a room.
	MaxTopic = 256

	maxRoomName = 32
)

// A room is one beside the lobby, and who is in it. What others get of it is a copy, or
// valid until the next command.
type room struct {
	Room
	folded  string
	members []*participant // in no order: each knows its place
	invited []*participant // likewise in no order
	inside  int            // how many of the members are connected
	pace    pace           // of those in it
}

// snapshot returns the room as it is now.
func (r *room) snapshot() *Room {
	v := r.Room
	return &v
}

// rooms are all beside the lobby.
type rooms struct {
	byName map[string]*room // by folded name
	sorted []*room          // in the order of the folded names
}

func compareRoom(r *room, folded string) int { return strings.Compare(r.folded, folded) }

func (s *rooms) find(name string) *room { return s.byName[users.Fold(name)] }

func (s *rooms) put(v Room) *room {
	r := &room{Room: v, folded: users.Fold(v.Name)}
	if s.byName == nil {
		s.byName = make(map[string]*room)
	}
	s.byName[r.folded] = r
	i, _ := slices.BinarySearchFunc(s.sorted, r.folded, compareRoom)
	s.sorted = slices.Insert(s.sorted, i, r)
	return r
}

func (s *rooms) remove(r *room) {
	delete(s.byName, r.folded)
	if i, ok := slices.BinarySearchFunc(s.sorted, r.folded, compareRoom); ok {
		s.sorted = slices.Delete(s.sorted, i, i+1)
	}
}

// validRoom reports whether a room may have a name: one to 32 ASCII letters, digits and
// hyphens.
func validRoom(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '-':
		default:
			return false
		}
	}
	return 0 < len(name) && len(name) <= maxRoomName
}

// A membership is that of one person in one room. There are many.
type membership struct {
	in    *room
	since uint64 // the last number when they joined
	read  uint64 // up to which number they have read the room; 0: nothing
	place int32  // among the members

	moderator bool // of the room
}

// row returns the membership of a person as it is kept.
func (m *membership) row(person string) Member {
	v := Member{Room: m.in.Name, Person: person, Since: m.since}
	if m.moderator {
		v.Role = users.Moderator
	}
	return v
}

// compareMemberships is the order in which rooms were joined: of those between which
// nothing was given a number, that of the names.
func compareMemberships(a, b membership) int {
	return cmp.Or(cmp.Compare(a.since, b.since), strings.Compare(a.in.folded, b.in.folded))
}

// enter has a person be in a room, who is not in it yet.
func (r *room) enter(p *participant, since uint64) {
	m := membership{in: r, since: since, place: int32(len(r.members))}
	i, _ := slices.BinarySearchFunc(p.joined, m, compareMemberships)
	more := make([]membership, 0, len(p.joined)+1) // no more memory than that: it stays for long
	p.joined = append(append(append(more, p.joined[:i]...), m), p.joined[i:]...)
	r.members = append(r.members, p)
	if p.connected() {
		r.inside++
	}
}

// exit has a person be in a room no more, the i-th of theirs. The last of the members
// takes the place.
func (r *room) exit(p *participant, i int) {
	place, last := p.joined[i].place, len(r.members)-1
	moved := r.members[last]
	r.members[place], r.members[last] = moved, nil
	r.members = r.members[:last]
	if moved != p {
		moved.joined[moved.index(r)].place = place
	}
	p.joined = slices.Delete(p.joined, i, i+1)
	if p.connected() {
		r.inside--
	}
}
