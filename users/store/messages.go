package store

import (
	"context"
	"fmt"
	"math"
	"slices"

	"parley/users/state"
)

const (
	putMessage statement = `INSERT OR REPLACE INTO messages (id, room, changed, time, sender, text)
		VALUES (?1, ?2, ?1, ?3, ?4, ?5)`

	// No message is changed yet: the order of their changes is that of their numbers.
	messageColumns = `SELECT id, room, time, sender, text FROM messages`
	beforeText     = messageColumns + ` WHERE room = ? AND changed < ? ORDER BY changed DESC LIMIT ?`
	afterText      = messageColumns + ` WHERE room = ? AND changed > ? ORDER BY changed LIMIT ?`
)

func (t *transaction) putMessages(rows *state.Rows) error {
	for i := range rows.Messages {
		m := &rows.Messages[i]
		if err := t.exec(putMessage, int64(m.Number), m.Room, nanoseconds(m.Time), m.Sender, m.Text); err != nil {
			return fmt.Errorf("message %d: %w", m.Number, err)
		}
	}
	return nil
}

// Newest returns the newest messages of a room, n or PageLimit at most, oldest first.
func (s *Store) Newest(ctx context.Context, room string, n int) ([]state.Message, error) {
	return s.Before(ctx, room, math.MaxInt64, n)
}

// Before returns the newest messages of a room with lower numbers, n or PageLimit at
// most, oldest first.
func (s *Store) Before(ctx context.Context, room string, number uint64, n int) ([]state.Message, error) {
	messages, err := readPage(ctx, s, s.before, scanMessage, math.MaxInt, room, signed(number), max(0, min(n, PageLimit)))
	slices.Reverse(messages)
	return messages, err
}

// MessagesAfter returns the oldest messages of a room with higher numbers, ascending,
// until their texts have so many bytes: one at least, PageLimit at most.
func (s *Store) MessagesAfter(ctx context.Context, room string, after uint64, bytes int) ([]state.Message, error) {
	return readPage(ctx, s, s.after, scanMessage, bytes, room, signed(after), PageLimit)
}

func scanMessage(row scanner) (m state.Message, bytes int, err error) {
	var at int64
	err = row.Scan(&m.Number, &m.Room, &at, &m.Sender, &m.Text)
	m.Time = moment(at)
	return m, len(m.Text), err
}
