package state

import (
	"slices"
	"strings"

	"parley/users"
)

// tableRooms are the rows of a Table that have to do with rooms, and the read cursors.
// Rooms are found by their folded names, wherever they are in a key.
type tableRooms struct {
	rooms           map[string]Room
	members         map[[2]string]Member         // by room and person
	roomInvitations map[[2]string]RoomInvitation // likewise
	readCursors     map[[3]string]ReadCursor     // by person, room and the other one
}

func newTableRooms() tableRooms {
	return tableRooms{rooms: make(map[string]Room), members: make(map[[2]string]Member),
		roomInvitations: make(map[[2]string]RoomInvitation), readCursors: make(map[[3]string]ReadCursor)}
}

// putRooms comes behind the messages: those of a room that has ended go.
func (t *Table) putRooms(rows *Rows) {
	for _, r := range rows.Rooms {
		if r.Gone {
			t.forgetRoom(r.Name, r.UpTo)
			delete(t.pruned, r.Name)
		}
		put(t.rooms, users.Fold(r.Name), r.Room, r.Gone)
	}
	for _, m := range rows.Members {
		put(t.members, [2]string{users.Fold(m.Room), m.Person}, m.Member, m.Gone)
	}
	for _, i := range rows.RoomInvitations {
		put(t.roomInvitations, [2]string{users.Fold(i.Room), i.Person}, i.RoomInvitation, i.Gone)
	}
	for _, c := range rows.ReadCursors {
		put(t.readCursors, [3]string{c.Person, users.Fold(c.Room), c.With}, c.ReadCursor, c.Gone)
	}
}

// forgetRoom removes the messages of a room up to a number.
func (t *Table) forgetRoom(name string, upTo uint64) {
	t.forgetMessages(name, func(m Message) bool { return m.Number <= upTo })
}

// keptRooms adds what there is of rooms.
func (t *Table) keptRooms(k *Kept) {
	byParts := func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }
	k.Rooms = values(t.rooms, strings.Compare)
	for i := range k.Rooms {
		k.Rooms[i].Newest = t.newestIn(k.Rooms[i])
	}
	k.Members = values(t.members, byParts)
	k.RoomInvitations = values(t.roomInvitations, byParts)
	k.ReadCursors = values(t.readCursors, func(a, b [3]string) int { return slices.Compare(a[:], b[:]) })
}

// newestIn returns the number of what was said last in a room, 0 if nothing was: what an
// older room of its name has left is not of it.
func (t *Table) newestIn(r Room) uint64 {
	all := t.messages[r.Name]
	if len(all) == 0 || all[len(all)-1].Number <= r.Number {
		return 0
	}
	return all[len(all)-1].Number
}
