package tail

import (
	"slices"

	"parley/users/state"
)

// Find returns a message or a direct message that is here, as it is now.
func (t *Tail) Find(number uint64) (e Entry, is bool) {
	if own := t.find(number); own != nil && own.Change == 0 {
		return *own, true
	}
	return Entry{}, false
}

// FindChange returns a message as it is behind the change with a number, which was its last
// one, if that is here.
func (t *Tail) FindChange(number uint64) (e Entry, is bool) {
	if own := t.find(number); own != nil && own.Change != 0 {
		return Entry{Message: own.Message, Direct: own.Direct}, true
	}
	return Entry{}, false
}

// find returns the tail's own entry with a number.
func (t *Tail) find(number uint64) *Entry {
	if from := t.From(number - 1); number > 0 && len(from) > 0 && from[0].Number() == number {
		return &from[0]
	}
	return nil
}

// Changed returns the number of the last change that was added, 0 if none was.
func (t *Tail) Changed() uint64 { return t.changed }

// Change adds a change with a number greater than all before it, and returns its entry with
// the message as it is now. A message that is here gets a new version, which has no frame;
// of one that is not here, was is what it was until then, as it was found in the Source.
// Without it (a zero Entry) nothing is here any more that comes before the change.
func (t *Tail) Change(c *state.Change, was Entry) Entry {
	own := t.find(c.Of.Number)
	if own != nil {
		was = *own
	}
	if was.Message == nil && was.Direct == nil {
		t.dropAll(c.Number)
		return Entry{}
	}
	now := was.With(c)
	if own != nil {
		t.replace(own, now)
	}
	if marks := was.Marks(); marks != nil {
		t.removeChange(marks.Changed)
	}
	now.Change = c.Number
	t.Add(now)
	return now
}

// replace puts a new version of a message in place of one that is here.
func (t *Tail) replace(own *Entry, now Entry) {
	t.size += now.size() - own.size()
	*own = now
	if m := now.Message; m != nil {
		all := t.rooms[m.Room]
		all[behind(all, m.Number-1, messageNumber)] = m
	}
}

// removeChange takes out the entry of a change behind which there is another one of the same
// message. That one is new mostly, so there is little behind it.
func (t *Tail) removeChange(number uint64) {
	own := t.find(number)
	if own == nil || own.Change == 0 {
		return
	}
	t.countChange(own, -1)
	t.size -= own.size()
	i := len(t.entries) - len(t.From(number-1))
	t.entries = slices.Delete(t.entries, i, i+1)
}

// countChange counts an entry, if it is one of a change in a room.
func (t *Tail) countChange(e *Entry, n int) {
	if e.Change == 0 || e.Message == nil {
		return
	}
	if t.changes[e.Message.Room] += n; t.changes[e.Message.Room] == 0 {
		delete(t.changes, e.Message.Room)
	}
}

// dropAll drops all that is here: it has all behind a number then.
func (t *Tail) dropAll(after uint64) {
	for t.first < len(t.entries) {
		t.dropOldest()
	}
	t.after, t.changed = after, after
}
