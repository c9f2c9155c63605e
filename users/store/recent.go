package store

import (
	"context"
	"database/sql"
	"slices"

	"parley/users/state"
)

const (
	newestMessagesText = messageColumns + `
		WHERE id > ` + goneTo + `m.room), 0) AND ` + stillThere + ` ORDER BY id DESC`
	newestDirectsText = directColumns + ` WHERE ` + directThere + ` ORDER BY id DESC`
)

// Recent returns the newest messages of all rooms and direct messages, ascending, of each
// those whose texts and names have about so many bytes, and the number behind which they
// are all there are.
func (s *Store) Recent(ctx context.Context, bytes int) (messages []state.Message, directs []state.Direct, after uint64, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		var from [2]uint64
		if messages, from[0], err = readNewest(ctx, tx, newestMessagesText, bytes, scanMessage, func(m state.Message) uint64 { return m.Number }); err != nil {
			return err
		}
		directs, from[1], err = readNewest(ctx, tx, newestDirectsText, bytes, scanDirect, func(d state.Direct) uint64 { return d.Number })
		after = max(from[0], from[1])
		return err
	})
	for len(messages) > 0 && messages[0].Number <= after {
		messages = messages[1:]
	}
	for len(directs) > 0 && directs[0].Number <= after {
		directs = directs[1:]
	}
	return messages, directs, after, err
}

// readNewest returns the last rows, oldest first, until they have so many bytes, and the
// number of the first that was left out, 0 if none was.
func readNewest[T any](ctx context.Context, tx *sql.Tx, query string, bytes int, scan func(scanner) (T, int, error), number func(T) uint64) (rows []T, after uint64, err error) {
	result, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, 0, err
	}
	defer result.Close()
	for result.Next() {
		row, size, err := scan(result)
		if err != nil {
			return nil, 0, err
		}
		if bytes -= size; bytes < 0 {
			after = number(row)
			break
		}
		rows = append(rows, row)
	}
	slices.Reverse(rows)
	return rows, after, result.Err()
}
