package sending

import (
	"slices"
	"strings"
)

// put puts a line where it belongs now: to what is sent, or to what is kept until there is
// a login and one is in its room. It reports whether it is sent.
func (q *Queue) put(r request) (sends bool) {
	switch {
	case !q.loggedIn || q.room(r) == RoomAwaited:
		q.kept = append(q.kept, r)
	case q.room(r) == RoomClosed:
		q.misplaced(r)
	default:
		q.outbox = append(q.outbox, r)
		return true
	}
	return false
}

// room tells of the room that a line is for whether one is in it. What is no text is for
// none.
func (q *Queue) room(r request) Room {
	if r.text == nil {
		return RoomOpen
	}
	return q.roomOf(r.text.Where)
}

func (q *Queue) roomOf(where Where) Room {
	if where.To != "" || where.Room == "" {
		return RoomOpen
	}
	return q.door.Room(where.Room)
}

// misplaced tells that a text is for a room in which one is not. One that was sent before
// may have been said there.
func (q *Queue) misplaced(r request) {
	if r.text.sentAt.IsZero() {
		q.failed(r.text, NotInRoom, "")
		return
	}
	q.became(r.text, InDoubt)
}

// GiveUp takes out of what is kept the texts for a room that was not made, and tells of each.
// One that was sent before was for the room that is there.
func (q *Queue) GiveUp(room string) {
	q.kept = slices.DeleteFunc(q.kept, func(r request) bool {
		is := r.isFor(room) && r.text.sentAt.IsZero()
		if is {
			q.failed(r.text, NotMade, "")
		}
		return is
	})
}

// KeptFor returns how many texts wait for a room.
func (q *Queue) KeptFor(room string) (n int) {
	for _, r := range q.kept {
		if r.isFor(room) {
			n++
		}
	}
	return n
}

// isFor reports whether a line is a text for a room.
func (r request) isFor(room string) bool {
	return r.text != nil && r.text.To == "" && sameRoom(r.text.Room, room)
}

// Waits reports whether the command with that ref has not been sent yet.
func (q *Queue) Waits(ref string) bool {
	is := func(r request) bool { return r.command && r.Ref == ref }
	return slices.ContainsFunc(q.outbox, is) || slices.ContainsFunc(q.kept, is)
}

// sameRoom reports whether two names are of one room; "" is the lobby.
func sameRoom(a, b string) bool { return strings.EqualFold(a, b) }
