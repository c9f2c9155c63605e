// Package rooms knows in which rooms one is, into which one is about to go, and which
// others there are, as an extended server tells it. It is pure. The lobby is none of them:
// everybody is there.
package rooms

import (
	"maps"
	"slices"
	"strings"

	"parley/protocol"
)

const (
	// maxIn is in how many rooms one can be at most, whatever a server says: more than
	// Parley's own allows.
	maxIn = 10 * protocol.MaxJoined

	// maxHeard is how many names of rooms are remembered, to be completed. With one more
	// all are forgotten.
	maxHeard = 2_000
)

// Rooms is what is known. The zero value knows nothing.
type Rooms struct {
	in    []protocol.Room   // in the order in which one came
	asked []Request         // not answered yet
	heard map[string]string // by their names in lower case: rooms that were listed, or to which one was invited
}

// A Request asks the server to have one join, make or leave a room.
type Request struct {
	Ref    string
	Room   string
	Makes  bool
	Leaves bool
	Quiet  bool // nobody has typed it
}

// LoggedIn notes in which rooms one is at a login, and returns those in which one is not any
// more.
func (r *Rooms) LoggedIn(in []protocol.Room) (gone []string) {
	before := r.in
	r.in = nil
	for _, room := range in {
		r.Join(room)
	}
	for _, room := range before {
		if r.find(room.Name) < 0 {
			gone = append(gone, room.Name)
		}
	}
	return gone
}

// Join notes that one is in a room. It reports whether that is one.
func (r *Rooms) Join(room protocol.Room) bool {
	if protocol.CheckRoom(room.Name) != nil || IsLobby(room.Name) {
		return false
	}
	if i := r.find(room.Name); i >= 0 {
		r.in[i] = room
		return true
	}
	if len(r.in) >= maxIn {
		return false
	}
	r.in = append(r.in, room)
	r.Heard(room.Name)
	return true
}

// Leave notes that one is not in a room any more. It reports whether one was.
func (r *Rooms) Leave(name string) bool {
	i := r.find(name)
	if i >= 0 {
		r.in = slices.Delete(r.in, i, i+1)
	}
	return i >= 0
}

// In returns the room of that name in which one is.
func (r *Rooms) In(name string) (room protocol.Room, ok bool) {
	if i := r.find(name); i >= 0 {
		return r.in[i], true
	}
	return room, false
}

// Last returns the room that one came into last; false: one is in none.
func (r *Rooms) Last() (room protocol.Room, ok bool) {
	if len(r.in) == 0 {
		return room, false
	}
	return r.in[len(r.in)-1], true
}

// SetTopic notes what a room is about.
func (r *Rooms) SetTopic(name, topic string) {
	if i := r.find(name); i >= 0 {
		r.in[i].Topic = topic
	}
}

// Ask notes what the server was asked.
func (r *Rooms) Ask(q Request) { r.asked = append(r.asked, q) }

// Answered returns what was asked with a ref, once.
func (r *Rooms) Answered(ref string) (q Request, ok bool) {
	i := slices.IndexFunc(r.asked, func(q Request) bool { return q.Ref == ref })
	if i < 0 {
		return q, false
	}
	q = r.asked[i]
	r.asked = slices.Delete(r.asked, i, i+1)
	return q, true
}

// Lost returns what was asked and will not be answered: the connection is lost, and waits
// tells of what was not sent on it.
func (r *Rooms) Lost(waits func(ref string) bool) (lost []Request) {
	r.asked = slices.DeleteFunc(r.asked, func(q Request) bool {
		gone := !waits(q.Ref)
		if gone {
			lost = append(lost, q)
		}
		return gone
	})
	return lost
}

// Joining reports whether the server was asked to let one into a room, or to make it.
func (r *Rooms) Joining(name string) bool {
	return r.isAsked(name, func(q Request) bool { return !q.Leaves })
}

// Making reports whether the server was asked to make a room.
func (r *Rooms) Making(name string) bool {
	return r.isAsked(name, func(q Request) bool { return q.Makes })
}

// Leaving reports whether the server was asked to let one leave a room.
func (r *Rooms) Leaving(name string) bool {
	return r.isAsked(name, func(q Request) bool { return q.Leaves })
}

func (r *Rooms) isAsked(name string, is func(Request) bool) bool {
	return slices.ContainsFunc(r.asked, func(q Request) bool { return is(q) && Same(q.Room, name) })
}

// Heard notes that there are rooms of these names.
func (r *Rooms) Heard(names ...string) {
	for _, name := range names {
		if protocol.CheckRoom(name) != nil || IsLobby(name) {
			continue
		}
		if r.heard == nil || len(r.heard) >= maxHeard {
			r.heard = make(map[string]string)
		}
		r.heard[strings.ToLower(name)] = name
	}
}

// Names returns the names of the rooms in which one is, and of all that were heard of.
func (r *Rooms) Names() (in, all []string) {
	for _, room := range r.in {
		in = append(in, room.Name)
	}
	return in, slices.Sorted(maps.Values(r.heard))
}

func (r *Rooms) find(name string) int {
	return slices.IndexFunc(r.in, func(room protocol.Room) bool { return Same(room.Name, name) })
}

// Same reports whether two names are those of one room.
func Same(a, b string) bool { return strings.EqualFold(a, b) }

// IsLobby reports whether a name, or data.room, is that of the lobby.
func IsLobby(name string) bool { return name == "" || Same(name, protocol.Lobby) }
