// Package tail has the newest of what was said, in the order of its numbers, for who
// logs in and who comes back. It is pure memory, bounded by the bytes of its texts. What
// is older is read from a [Source]: a page of what concerns somebody (Read), and how much
// of it was not read (Count).
package tail

import (
	"cmp"
	"slices"
	"strings"

	"parley/users/command"
	"parley/users/state"
)

// Limit is how many bytes a Tail of a server takes: some 60,000 messages of 100 bytes.
const Limit = 16 << 20

// An Entry is one of both, which nobody changes: the state has made it.
type Entry struct {
	Message *state.Message // in a room
	Direct  *state.Direct  // to a person
	Frame   []byte         // for extended sessions; nil: is not encoded yet
}

// Number returns that of the message.
func (e *Entry) Number() uint64 {
	if e.Message != nil {
		return e.Message.Number
	}
	return e.Direct.Number
}

// overhead is about what an entry takes beside its texts: the structs and the allocations.
const overhead = 256

func (e *Entry) size() int {
	if e.Message != nil {
		return overhead + len(e.Message.Text) + len(e.Frame)
	}
	return overhead + len(e.Direct.Text) + len(e.Frame)
}

// A Tail is the newest entries. One goroutine owns it.
type Tail struct {
	Dropped func(Entry) // is told of each entry for which there is no place any more; nil: nobody is

	limit   int
	entries []Entry // ascending; those in front of first are gone
	first   int
	rooms   map[string][]*state.Message // of each room, ascending
	size    int
	after   uint64 // all with greater numbers are here
}

// New returns a Tail of at most limit bytes that has all numbers behind after.
func New(limit int, after uint64) *Tail {
	return &Tail{limit: limit, after: after, rooms: make(map[string][]*state.Message)}
}

// After returns the number behind which all is here.
func (t *Tail) After() uint64 { return t.after }

// Add adds an entry with a number greater than all before it.
func (t *Tail) Add(e Entry) {
	if m := e.Message; m != nil {
		t.rooms[m.Room] = append(t.rooms[m.Room], m)
	}
	t.entries = append(t.entries, e)
	t.size += e.size()
	for t.size > t.limit && t.first < len(t.entries)-1 {
		t.dropOldest()
	}
	if t.first > len(t.entries)/2 && t.first > 1024 { // each entry is moved once or so
		n := copy(t.entries, t.entries[t.first:])
		clear(t.entries[n:])
		t.entries = t.entries[:n]
		t.first = 0
	}
}

// dropOldest drops the oldest entry, which is the oldest of its room, too.
func (t *Tail) dropOldest() {
	gone := &t.entries[t.first]
	if m := gone.Message; m != nil {
		t.dropFirst(m.Room, 1)
	}
	if t.Dropped != nil {
		t.Dropped(*gone)
	}
	t.size -= gone.size()
	t.after = gone.Number()
	*gone = Entry{}
	t.first++
}

// dropFirst drops the first n messages of a room from its list.
func (t *Tail) dropFirst(room string, n int) {
	clear(t.rooms[room][:n]) // the memory that stays must not hold on to them
	if t.rooms[room] = t.rooms[room][n:]; len(t.rooms[room]) == 0 {
		delete(t.rooms, room)
	}
}

// From returns the entries behind a number, oldest first. They are the tail's own, and
// valid until the next Add.
func (t *Tail) From(after uint64) []Entry {
	live := t.entries[t.first:]
	return live[behind(live, after, func(e Entry) uint64 { return e.Number() }):]
}

// behind returns the index of the first element with a number greater than one.
func behind[T any](list []T, after uint64, number func(T) uint64) int {
	i, found := slices.BinarySearchFunc(list, after, func(v T, after uint64) int { return cmp.Compare(number(v), after) })
	if found {
		i++
	}
	return i
}

// Newest returns the newest messages of a room, n at most, oldest first.
func (t *Tail) Newest(room string, n int) []*state.Message { return t.NewestAfter(room, 0, n) }

// NewestAfter returns the newest messages of a room that are behind a number, n at most,
// oldest first.
func (t *Tail) NewestAfter(room string, after uint64, n int) []*state.Message {
	all := t.rooms[room]
	first := behind(all, after, messageNumber)
	return slices.Clone(all[max(first, len(all)-n):])
}

func messageNumber(m *state.Message) uint64 { return m.Number }

// Encode puts a frame into an entry. It counts if the entry is one that From has returned.
func (t *Tail) Encode(e *Entry, frame []byte) {
	if own := t.From(e.Number() - 1); len(own) > 0 && &own[0] == e {
		t.size += len(frame) - len(e.Frame)
	}
	e.Frame = frame
}

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

// ForgetRoom takes out the messages of a room up to a number. Of a room in which there are
// none it costs nothing, else it is looked at all that is behind the first of them.
func (t *Tail) ForgetRoom(room string, upTo uint64) {
	all := t.rooms[room]
	n := behind(all, upTo, messageNumber)
	if n == 0 {
		return
	}
	t.takeOut(all[0].Number-1, func(e Entry) bool { return e.Message != nil && e.Message.Room == room && e.Message.Number <= upTo })
	t.dropFirst(room, n)
}

// takeOut takes entries out that are behind a number.
func (t *Tail) takeOut(after uint64, gone func(Entry) bool) {
	looked := t.From(after)
	kept := slices.DeleteFunc(looked, func(e Entry) bool {
		is := gone(e)
		if is {
			t.size -= e.size()
		}
		return is
	})
	t.entries = t.entries[:len(t.entries)-len(looked)+len(kept)]
}

func isGuest(person string) bool { return strings.HasPrefix(person, command.GuestPrefix) }
