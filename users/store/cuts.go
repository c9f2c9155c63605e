package store

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"parley/users/state"
)

// Time goes the same way as numbers do: the first message that may stay is found from the
// oldest on. That looks at no more than what is to go, and at that once.
const (
	firstYoungText = `SELECT id FROM messages m WHERE room = ?1 AND id > ?2 AND time >= ?3 AND ` + stillThere + ` ORDER BY id LIMIT 1`
	lastBeforeText = `SELECT id FROM messages m WHERE room = ?1 AND id > ?2 AND id < ?3 AND ` + stillThere + ` ORDER BY id DESC LIMIT 1`
	overNewestText = `SELECT id FROM messages m WHERE room = ?1 AND id > ?2 AND ` + stillThere + ` ORDER BY id DESC LIMIT 1 OFFSET ?3`

	firstYoungDirectText = `SELECT id FROM directs WHERE id > ?1 AND time >= ?2 ORDER BY id LIMIT 1`
	lastDirectBeforeText = `SELECT id FROM directs WHERE id > ?1 AND id < ?2 ORDER BY id DESC LIMIT 1`
)

// FindCut returns up to which number all is to go of a room, or of the direct messages; 0:
// nothing is. Of direct messages Newest says nothing.
func (s *Store) FindCut(ctx context.Context, c state.Cut) (upTo uint64, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if c.Room == "" {
			upTo, err = findOld(ctx, tx, c, firstYoungDirectText, lastDirectBeforeText)
			return err
		}
		if upTo, err = findOld(ctx, tx, c, firstYoungText, lastBeforeText, c.Room); err != nil || c.Newest == 0 {
			return err
		}
		over, err := number(ctx, tx, overNewestText, c.Room, signed(c.After), c.Newest)
		upTo = max(upTo, over)
		return err
	})
	return upTo, err
}

// findOld returns the number of the last of those in a row that are older than the cut says,
// by two queries that have the same first arguments.
func findOld(ctx context.Context, tx *sql.Tx, c state.Cut, firstYoung, lastBefore string, args ...any) (uint64, error) {
	if c.Before.IsZero() {
		return 0, nil
	}
	args = append(args, signed(c.After))
	young, err := number(ctx, tx, firstYoung, append(args, nanoseconds(c.Before))...)
	if err != nil {
		return 0, err
	}
	if young == 0 { // all are old
		young = math.MaxInt64
	}
	return number(ctx, tx, lastBefore, append(args, signed(young))...)
}

// number returns what a query finds, 0 if that is nothing.
func number(ctx context.Context, tx *sql.Tx, query string, args ...any) (n uint64, err error) {
	err = tx.QueryRowContext(ctx, query, args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}
