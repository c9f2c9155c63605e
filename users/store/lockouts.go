package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users"
	"parley/users/state"
)

const (
	putLockout statement = `INSERT OR REPLACE INTO login_blocks (key, failures, level, blocked_until, first, last)
		VALUES (?, ?, ?, ?, ?, ?)`
	deleteLockout statement = `DELETE FROM login_blocks WHERE key = ?`

	loginBlocksText = `SELECT key, failures, level, blocked_until, first, last FROM login_blocks ORDER BY key`
)

func (t *transaction) putLockouts(rows *state.Rows) error {
	for _, b := range rows.Lockouts {
		var err error
		if b.Forgotten() {
			err = t.exec(deleteLockout, b.Key)
		} else {
			err = t.exec(putLockout, b.Key, b.Failures, b.Level,
				nanoseconds(b.Until), nanoseconds(b.First), nanoseconds(b.Last))
		}
		if err != nil {
			return fmt.Errorf("login block %s: %w", b.Key, err)
		}
	}
	return nil
}

func loadLockouts(ctx context.Context, tx *sql.Tx) ([]users.Lockout, error) {
	return collect(ctx, tx, func(row scanner) (b users.Lockout, err error) {
		var until, first, last int64
		err = row.Scan(&b.Key, &b.Failures, &b.Level, &until, &first, &last)
		b.Until, b.First, b.Last = moment(until), moment(first), moment(last)
		return b, err
	}, loginBlocksText)
}
