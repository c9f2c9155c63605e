package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users"
	"parley/users/state"
)

const (
	putBlock    statement = `INSERT OR REPLACE INTO blocks (blocker, blocked, shown) VALUES (?, ?, ?)`
	deleteBlock statement = `DELETE FROM blocks WHERE blocker = ? AND blocked = ?`

	// Who blocks is spelled as their account is.
	blocksText = `SELECT coalesce(a.shown, b.blocker), b.shown FROM blocks b LEFT JOIN accounts a ON a.name = b.blocker
		ORDER BY b.blocker, b.blocked`
)

func (t *transaction) putBlocks(rows *state.Rows) error {
	for _, b := range rows.Blocks {
		var err error
		if b.Gone {
			err = t.exec(deleteBlock, fold(b.Blocker), fold(b.Blocked))
		} else {
			err = t.exec(putBlock, fold(b.Blocker), fold(b.Blocked), b.Blocked)
		}
		if err != nil {
			return fmt.Errorf("block of %s by %s: %w", b.Blocked, b.Blocker, err)
		}
	}
	return nil
}

func loadBlocks(ctx context.Context, tx *sql.Tx) ([]users.Block, error) {
	return collect(ctx, tx, func(row scanner) (b users.Block, err error) {
		err = row.Scan(&b.Blocker, &b.Blocked)
		return b, err
	}, blocksText)
}
