package tail

import (
	"slices"
	"strings"

	"parley/users/command"
)

// Rename makes the direct messages to and from one person another's.
func (t *Tail) Rename(from, to string) {
	live := t.entries[t.first:]
	for i := range live {
		d := live[i].Direct
		if d == nil || d.From != from && d.Person != from {
			continue
		}
		renamed := *d
		if d.From == from {
			renamed.From = to
		}
		if d.Person == from {
			renamed.Person = to
		}
		live[i].Direct = &renamed
	}
}

// Forget takes out the direct messages to and from a person, but of a guest those to an
// account, which may not have seen them.
func (t *Tail) Forget(person string) {
	t.takeOut(0, func(e Entry) bool {
		d := e.Direct
		return d != nil && (d.Person == person || d.From == person && (!isGuest(person) || isGuest(d.Person)))
	})
}

// ForgetRoom takes out the messages of a room up to a number, and the changes of such. Of a
// room in which there is nothing it costs nothing, else it is looked at all that is behind
// the first of them.
func (t *Tail) ForgetRoom(room string, upTo uint64) {
	all := t.rooms[room]
	n, first := behind(all, upTo, messageNumber), uint64(1)
	switch {
	case t.changes[room] > 0: // also of messages that are not here
	case n == 0:
		return
	default:
		first = all[0].Number
	}
	t.takeOut(first-1, func(e Entry) bool { return e.Message != nil && e.Message.Room == room && e.Message.Number <= upTo })
	if n > 0 {
		t.dropFirst(room, n)
	}
}

// takeOut takes entries out that are behind a number.
func (t *Tail) takeOut(after uint64, gone func(Entry) bool) {
	looked := t.From(after)
	kept := slices.DeleteFunc(looked, func(e Entry) bool {
		is := gone(e)
		if is {
			t.size -= e.size()
			t.countChange(&e, -1)
		}
		return is
	})
	t.entries = t.entries[:len(t.entries)-len(looked)+len(kept)]
}

func isGuest(person string) bool { return strings.HasPrefix(person, command.GuestPrefix) }
