// Package tail has the newest of what was said, in the order of its numbers, for who
// logs in and who comes back. It is pure memory, bounded by the bytes of its texts. What
// is older is read from a [Source]: a page of what concerns somebody (Read), and how much
// of it was not read (Count).
//
// A message that is handed out is never changed. When one is edited, removed or reacted to,
// another version of it takes its place (Tail.Change), and an entry with the number of the
// change says so to who knows the message already: one entry for each message, of its last
// change. Who goes through entries in order and knows all up to a number is told of a change
// only if Entry.News says so; else the message itself, as it is now, comes in its place.
package tail

import (
	"cmp"
	"slices"

	"parley/users/state"
)

// Limit is how many bytes a Tail of a server takes: some 60,000 messages of 100 bytes.
const Limit = 16 << 20

// An Entry is a message or a direct message, which nobody changes: the state has made it.
type Entry struct {
	Message *state.Message // in a room
	Direct  *state.Direct  // to a person
	// Change is the number of its last change, of which the entry tells: the message is as
	// it is behind that. 0: the entry is the message itself, where it was said.
	Change uint64
	Frame  []byte // for extended sessions; nil: is not encoded yet
}

// Number returns that of the message, or of the change.
func (e *Entry) Number() uint64 {
	if e.Change != 0 {
		return e.Change
	}
	return e.Of()
}

// Of returns the number of the message.
func (e *Entry) Of() uint64 {
	if e.Message != nil {
		return e.Message.Number
	}
	return e.Direct.Number
}

// Marks returns what has become of the message, nil if nothing has.
func (e *Entry) Marks() *state.Marks {
	if e.Message != nil {
		return e.Message.Marks
	}
	return e.Direct.Marks
}

// News reports whether an entry says something to who knows all up to a number, and is told
// the others in order: a change does of a message that they know.
func (e *Entry) News(after uint64) bool {
	return e.Number() > after && (e.Change == 0 || e.Of() <= after)
}

// With returns the message as a change of it has made it, where it was said.
func (e *Entry) With(c *state.Change) Entry {
	if e.Message != nil {
		return Entry{Message: e.Message.With(c)}
	}
	return Entry{Direct: e.Direct.With(c)}
}

// overhead is about what an entry takes beside its texts: the structs and the allocations.
const overhead = 256

func (e *Entry) size() int { return overhead + e.text() + len(e.Frame) }

// text returns how many bytes the texts have that the entry is about.
func (e *Entry) text() int {
	_, text := saying(*e)
	return len(text) + e.Marks().Size()
}

// A Tail is the newest entries. One goroutine owns it.
type Tail struct {
	Dropped func(Entry) // is told of each message for which there is no place any more; nil: nobody is

	limit   int
	entries []Entry // ascending; those in front of first are gone
	first   int
	rooms   map[string][]*state.Message // of each room, ascending
	changes map[string]int              // in each room there are so many entries of changes
	changed uint64                      // the number of the last change
	size    int
	after   uint64 // all with greater numbers are here
}

// New returns a Tail of at most limit bytes that has all numbers behind after.
func New(limit int, after uint64) *Tail {
	return &Tail{limit: limit, after: after, rooms: make(map[string][]*state.Message), changes: make(map[string]int)}
}

// After returns the number behind which all is here.
func (t *Tail) After() uint64 { return t.after }

// Add adds an entry with a number greater than all before it.
func (t *Tail) Add(e Entry) {
	switch m := e.Message; {
	case e.Change != 0:
		t.changed = e.Change
		t.countChange(&e, 1)
	case m != nil:
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

// dropOldest drops the oldest entry: if it is a message, it is the oldest of its room, too.
func (t *Tail) dropOldest() {
	gone := &t.entries[t.first]
	if m := gone.Message; m != nil && gone.Change == 0 {
		t.dropFirst(m.Room, 1)
	}
	t.countChange(gone, -1)
	if t.Dropped != nil && gone.Change == 0 {
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
