package state

import (
	"cmp"
	"context"
	"slices"
)

// What can be read of a Table, as of a store.

// A RoomFrom is what was said in a room behind a number.
type RoomFrom struct {
	Room  string // Room.Name, or Lobby
	After uint64
}

// Load returns what a state goes on from.
func (t *Table) Load(context.Context) (Kept, error) { return t.Kept(), nil }

// Newest returns the newest messages of a room, n at most, oldest first.
func (t *Table) Newest(ctx context.Context, room string, n int) ([]Message, error) {
	return t.Between(ctx, room, 0, ^uint64(0), n)
}

// Between returns the newest messages of a room with numbers behind one and before
// another, n at most, oldest first.
func (t *Table) Between(_ context.Context, room string, after, before uint64, n int) ([]Message, error) {
	return newest(t.messages[room], n, func(m Message) bool { return after < m.Number && m.Number < before }), nil
}

// DirectsTo returns the newest direct messages to a person with numbers behind one and
// before another, n at most, oldest first.
func (t *Table) DirectsTo(_ context.Context, person string, after, before uint64, n int) ([]Direct, error) {
	return newest(t.directs, n, func(d Direct) bool { return d.Person == person && after < d.Number && d.Number < before }), nil
}

// DirectsWith returns the newest direct messages between two persons with numbers behind
// one and before another, n at most, oldest first; DirectsWithAfter the oldest.
func (t *Table) DirectsWith(_ context.Context, person, with string, after, before uint64, n int) ([]Direct, error) {
	return newest(t.directs, n, directsWith(person, with, after, before)), nil
}

// DirectsWithAfter is the counterpart of DirectsWith.
func (t *Table) DirectsWithAfter(_ context.Context, person, with string, after, before uint64, n int) ([]Direct, error) {
	all := newest(t.directs, len(t.directs), directsWith(person, with, after, before))
	return all[:min(len(all), max(n, 0))], nil
}

func directsWith(person, with string, after, before uint64) func(Direct) bool {
	return func(d Direct) bool {
		both := d.From == person && d.Person == with || d.From == with && d.Person == person
		return both && after < d.Number && d.Number < before
	}
}

// newest returns the last n that are wanted.
func newest[T any](all []T, n int, wanted func(T) bool) (some []T) {
	for _, v := range all {
		if wanted(v) {
			some = append(some, v)
		}
	}
	return some[max(0, len(some)-max(n, 0)):]
}

// MessagesAfter returns the oldest messages of several rooms with numbers behind one and
// up to another, of each room only what is behind its own, ascending, until their texts
// have so many bytes: one at least. Up to the number reached they are all there are.
func (t *Table) MessagesAfter(_ context.Context, rooms []RoomFrom, after, upTo uint64, bytes int) (_ []Message, reached uint64, _ error) {
	var all []Message
	for _, r := range rooms {
		for _, m := range t.messages[r.Room] {
			if m.Number > max(after, r.After) && m.Number <= upTo {
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, func(a, b Message) int { return cmp.Compare(a.Number, b.Number) })
	some := upToBytes(all, bytes, func(m Message) (bool, int) { return true, m.size() })
	if len(some) < len(all) {
		return some, some[len(some)-1].Number, nil
	}
	return some, upTo, nil
}

// DirectsAfter returns the oldest direct messages to or from a person with higher
// numbers, ascending, until their texts have so many bytes: one at least.
func (t *Table) DirectsAfter(_ context.Context, person string, after uint64, bytes int) ([]Direct, error) {
	return upToBytes(t.directs, bytes, func(d Direct) (bool, int) {
		return d.Number > after && (d.From == person || d.Person == person), d.size()
	}), nil
}

func (m *Message) size() int { return len(m.Text) + m.Marks.Size() }
func (d *Direct) size() int  { return len(d.Text) + d.Marks.Size() }

func upToBytes[T any](all []T, bytes int, wanted func(T) (is bool, size int)) (some []T) {
	for _, v := range all {
		is, size := wanted(v)
		switch {
		case !is:
			continue
		case len(some) > 0 && size > bytes:
			return some
		}
		some = append(some, v)
		bytes -= size
	}
	return some
}

// Recent returns the newest messages of all rooms and direct messages, ascending, about so
// many bytes of texts, and the number behind which they are all there are.
func (t *Table) Recent(_ context.Context, bytes int) (messages []Message, directs []Direct, after uint64, _ error) {
	for _, room := range t.messages {
		messages = append(messages, room...)
	}
	slices.SortFunc(messages, func(a, b Message) int { return cmp.Compare(a.Number, b.Number) })
	directs = slices.Clone(t.directs)
	size := 0
	for _, m := range slices.Backward(messages) {
		if size += m.size(); size > bytes {
			after = max(after, m.Number)
			break
		}
	}
	size = 0
	for _, d := range slices.Backward(directs) {
		if size += d.size(); size > bytes {
			after = max(after, d.Number)
			break
		}
	}
	messages = slices.DeleteFunc(messages, func(m Message) bool { return m.Number <= after })
	directs = slices.DeleteFunc(directs, func(d Direct) bool { return d.Number <= after })
	return messages, directs, after, nil
}
