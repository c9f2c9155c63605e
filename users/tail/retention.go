package tail

import (
	"slices"
	"time"

	"parley/users/state"
)

// ForgetDirects takes out the direct messages that are gone, of those with numbers up to one.
func (t *Tail) ForgetDirects(upTo uint64, gone func(*state.Direct) bool) {
	t.takeOut(0, func(e Entry) bool { return e.Direct != nil && e.Of() <= upTo && gone(e.Direct) })
}

// ForgetAuthor takes out what an account has said in rooms, up to a number.
func (t *Tail) ForgetAuthor(who state.Author, upTo uint64) {
	gone := func(m *state.Message) bool { return m != nil && m.Number <= upTo && who.Said(m) }
	t.takeOut(0, func(e Entry) bool { return gone(e.Message) })
	for room, all := range t.rooms {
		if t.rooms[room] = slices.DeleteFunc(all, gone); len(t.rooms[room]) == 0 {
			delete(t.rooms, room)
		}
	}
}

// Erase puts a pseudonym in place of who is erased, where they have put a reaction or removed
// what somebody else had said, up to a number. What they have said stays.
func (t *Tail) Erase(who *state.Erased, upTo uint64) {
	entries := t.From(0)
	for i := range entries {
		e := &entries[i]
		if e.Message == nil {
			continue
		}
		now := *e
		if now.Message = who.Rename(e.Message, upTo); now.Message == e.Message {
			continue
		}
		now.Frame = nil
		if e.Change == 0 {
			t.replace(e, now)
			continue
		}
		t.size += now.size() - e.size()
		*e = now
	}
}

// FindCut returns up to which number all that is here of a room, or of the direct messages,
// is to go; 0: nothing is.
func (t *Tail) FindCut(c state.Cut) (upTo uint64) {
	if c.Room != "" {
		all := t.rooms[c.Room]
		return c.Find(len(all), func(i int) (uint64, time.Time) { return all[i].Number, all[i].Time })
	}
	var all []*state.Direct
	for _, e := range t.From(0) {
		if e.Direct != nil && e.Change == 0 {
			all = append(all, e.Direct)
		}
	}
	return c.Find(len(all), func(i int) (uint64, time.Time) { return all[i].Number, all[i].Time })
}

// Export returns what is here of what an account has said and heard, with numbers behind one
// and up to another, of about so many bytes of texts. Up to the number reached it is all there
// is.
func (t *Tail) Export(who state.Author, after, upTo uint64, bytes int) (_ state.Export, reached uint64) {
	var e state.Export
	for _, entry := range t.From(0) { // a reaction may be behind the number to what is not
		switch m, d := entry.Message, entry.Direct; {
		case entry.Change != 0:
		case m != nil:
			e.Add(who, m)
		case d != nil:
			e.AddDirect(who, d)
		}
	}
	return e.Page(after, upTo, bytes)
}
