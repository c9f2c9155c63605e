package state

import (
	"cmp"
	"context"
	"slices"
)

// Load returns what a state goes on from.
func (t *Table) Load(context.Context) (Kept, error) { return t.Kept(), nil }

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
		if size += len(m.Text); size > bytes {
			after = max(after, m.Number)
			break
		}
	}
	size = 0
	for _, d := range slices.Backward(directs) {
		if size += len(d.Text); size > bytes {
			after = max(after, d.Number)
			break
		}
	}
	messages = slices.DeleteFunc(messages, func(m Message) bool { return m.Number <= after })
	directs = slices.DeleteFunc(directs, func(d Direct) bool { return d.Number <= after })
	return messages, directs, after, nil
}
