package state

import (
	"cmp"
	"context"
	"slices"
)

// tableChanges are the rows of a Table that have to do with changes of messages.
type tableChanges struct {
	changes  []Changed            // ascending
	versions map[uint64][]Version // what messages in rooms said before, by number
}

// putChanges comes behind the messages and direct messages. What is not there any more is
// not changed.
func (t *Table) putChanges(rows *Rows) {
	for i := range rows.Changes {
		c := &rows.Changes[i]
		t.changes = upsert(t.changes, Changed{Number: c.Number, Message: c.Of.Number}, func(v Changed) uint64 { return v.Number })
		if c.Of.Room == "" {
			if d := find(t.directs, c.Of.Number, directNumber); d != nil {
				*d = *d.With(c)
			}
		} else if m := find(t.messages[c.Of.Room], c.Of.Number, messageNumber); m != nil {
			t.changeMessage(m, c)
		}
	}
	t.changes = slices.DeleteFunc(t.changes, func(c Changed) bool { return c.Number <= rows.OldChanges })
}

func (t *Table) changeMessage(m *Message, c *Change) {
	switch {
	case c.Removed != nil:
		delete(t.versions, m.Number)
	case c.Word == "":
		v := Version{Number: c.Number, Time: m.Time, Text: m.Text}
		if m.Marks != nil && !m.Marks.Edited.IsZero() {
			v.Time = m.Marks.Edited
		}
		t.versions[m.Number] = upsert(t.versions[m.Number], v, func(v Version) uint64 { return v.Number })
	}
	*m = *m.With(c)
}

// find returns the element with a number of a list that is in the order of the numbers, nil
// if there is none.
func find[T any](list []T, number uint64, of func(T) uint64) *T {
	i, there := slices.BinarySearchFunc(list, number, func(v T, n uint64) int { return cmp.Compare(of(v), n) })
	if !there {
		return nil
	}
	return &list[i]
}

// Find returns a message, or a direct message: one of both, or none.
func (t *Table) Find(_ context.Context, number uint64) (*Message, *Direct, error) {
	for _, room := range t.messages {
		if m := find(room, number, messageNumber); m != nil {
			found := *m
			return &found, nil, nil
		}
	}
	if d := find(t.directs, number, directNumber); d != nil {
		found := *d
		return nil, &found, nil
	}
	return nil, nil, nil
}

// Versions returns what a message in a room said before it was edited, oldest first.
func (t *Table) Versions(_ context.Context, number uint64) ([]Version, error) {
	return slices.Clone(t.versions[number]), nil
}

// ChangesAfter returns messages with a number up to one whose last change is behind it and
// up to another number, in the order of those changes, until their texts have so many bytes:
// one at least. They are those of several rooms, of each only what is behind its own number,
// and direct messages to and from a person. Up to the change reached they are all there are.
func (t *Table) ChangesAfter(_ context.Context, person string, rooms []RoomFrom, after, upTo uint64, bytes int) (messages []Message, directs []Direct, reached uint64, _ error) {
	var allDirects []Direct
	for _, d := range t.directs {
		if d.Number <= after && (d.From == person || d.Person == person) && isChanged(d.Marks, after, upTo) {
			allDirects = append(allDirects, d)
		}
	}
	slices.SortFunc(allDirects, func(a, b Direct) int { return cmp.Compare(a.Marks.Changed, b.Marks.Changed) })
	directs = upToBytes(allDirects, bytes, func(d Direct) (bool, int) { return true, d.size() })
	if len(directs) < len(allDirects) {
		upTo = directs[len(directs)-1].Marks.Changed
	}
	var all []Message
	for _, r := range rooms {
		for _, m := range t.messages[r.Room] {
			if m.Number > r.After && m.Number <= after && isChanged(m.Marks, after, upTo) {
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, func(a, b Message) int { return cmp.Compare(a.Marks.Changed, b.Marks.Changed) })
	messages = upToBytes(all, bytes, func(m Message) (bool, int) { return true, m.size() })
	if len(messages) < len(all) {
		upTo = messages[len(messages)-1].Marks.Changed
	}
	return messages, directs, upTo, nil
}

func isChanged(m *Marks, after, upTo uint64) bool {
	return m != nil && after < m.Changed && m.Changed <= upTo
}

// RecentChanges returns all messages and direct messages with a number up to one whose last
// change is behind it, ascending by their own numbers, but for changes up to the number from:
// those are not remembered.
func (t *Table) RecentChanges(ctx context.Context, after uint64) (messages []Message, directs []Direct, from uint64, _ error) {
	for _, c := range t.changes {
		if c.Number <= after || c.Message > after {
			continue
		}
		switch m, d, _ := t.Find(ctx, c.Message); {
		case m != nil && m.Marks.Changed == c.Number:
			messages = append(messages, *m)
		case d != nil && d.Marks.Changed == c.Number:
			directs = append(directs, *d)
		}
	}
	slices.SortFunc(messages, func(a, b Message) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(directs, func(a, b Direct) int { return cmp.Compare(a.Number, b.Number) })
	return messages, directs, ForgottenChanges(t.changes), nil
}

// ForgottenChanges returns the number up to which changes are not remembered, if these are.
func ForgottenChanges(of []Changed) uint64 {
	if len(of) < MaxChanges {
		return 0
	}
	return of[0].Number - 1
}
