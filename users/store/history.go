package store

import (
	"context"
	"encoding/json"
	"math"
	"slices"

	"parley/users/state"
)

// What was said in rooms, as it is read. What is gone is not there for any of these.
const (
	messageColumns = `SELECT id, room, time, sender, text, person, ` + marksColumns + ` FROM messages m`

	betweenText = messageColumns + ` WHERE room = ?1 AND id < ?3
		AND id > max(?2, ` + goneTo + `?1), 0)) AND ` + stillThere + `
		ORDER BY id DESC LIMIT ?4`

	numberedText = messageColumns + ` WHERE id IN (SELECT value FROM json_each(?)) AND id > ` + goneTo + `m.room), 0) AND ` + stillThere + ` ORDER BY id`
)

// Newest returns the newest messages of a room, n or PageLimit at most, oldest first.
func (s *Store) Newest(ctx context.Context, room string, n int) ([]state.Message, error) {
	return s.Between(ctx, room, 0, math.MaxInt64, n)
}

// Between returns the newest messages of a room with numbers behind one and before
// another, n or PageLimit at most, oldest first.
func (s *Store) Between(ctx context.Context, room string, after, before uint64, n int) ([]state.Message, error) {
	messages, err := readPage(ctx, s, s.between, scanMessage, math.MaxInt, room, signed(after), signed(before), max(0, min(n, PageLimit)))
	slices.Reverse(messages)
	return messages, err
}

// MessagesAfter returns the oldest messages of several rooms with numbers behind one and
// up to another, of each room only what is behind its own, ascending, until their texts
// have so many bytes: one at least, mergeMost at most. Up to the number reached they are
// all there are.
//
// It first finds the numbers, in the index, and reads only messages that it returns: so
// it takes the same time however much there is in the rooms, and in others between them.
func (s *Store) MessagesAfter(ctx context.Context, rooms []state.RoomFrom, after, upTo uint64, bytes int) (_ []state.Message, reached uint64, err error) {
	m := merger{store: s, upTo: upTo}
	for _, r := range rooms {
		if r.After = max(r.After, after); r.After < upTo {
			m.streams = append(m.streams, &stream{RoomFrom: r, more: true})
		}
	}
	numbers, err := m.oldest(ctx)
	if err != nil || len(numbers) == 0 {
		return nil, upTo, err
	}
	asked, err := json.Marshal(numbers)
	if err != nil {
		return nil, 0, err
	}
	messages, err := readPage(ctx, s, s.numbered, scanMessage, bytes, string(asked))
	switch n := len(messages); {
	case err != nil || n == len(numbers) && n < mergeMost:
		reached = upTo
	case n == 0: // they are gone
		reached = numbers[len(numbers)-1]
	default:
		reached = messages[n-1].Number
	}
	return messages, reached, err
}

func scanMessage(row scanner) (m state.Message, bytes int, err error) {
	var at int64
	var marks marksRow
	err = row.Scan(append([]any{&m.Number, &m.Room, &at, &m.Sender, &m.Text, &m.Person, &m.Re}, marks.columns()...)...)
	if m.Time = moment(at); err == nil {
		m.Marks, err = marks.of(m.Number)
	}
	return m, len(m.Text) + m.Marks.Size(), err
}
