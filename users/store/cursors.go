package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users/state"
)

const (
	putCursor    statement = `INSERT OR REPLACE INTO cursors (person, number) VALUES (?, ?)`
	renameCursor statement = `INSERT INTO cursors (person, number)
		SELECT ?2, number FROM cursors WHERE person = ?1 AND number <= ?3
		ON CONFLICT (person) DO UPDATE SET number = max(number, excluded.number)`
	deleteCursor statement = `DELETE FROM cursors WHERE person = ? AND number <= ?`

	cursorsText = `SELECT person, number FROM cursors ORDER BY person`
)

func (t *transaction) putCursors(rows *state.Rows) error {
	for _, c := range rows.Cursors {
		if err := t.sawPruned(c); err != nil {
			return fmt.Errorf("what %s has seen: %w", c.Person, err)
		}
		if err := t.exec(putCursor, c.Person, int64(c.Number)); err != nil {
			return fmt.Errorf("cursor of %s: %w", c.Person, err)
		}
	}
	return nil
}

// sawPruned has the direct messages deleted that are pruned and were not seen yet. It comes
// before the cursor.
func (t *transaction) sawPruned(c state.Cursor) error {
	result, err := t.bind(sweepSeen).Exec(c.Person)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	t.sweepLater()
	return nil
}

func loadCursors(ctx context.Context, tx *sql.Tx) ([]state.Cursor, error) {
	return collect(ctx, tx, func(row scanner) (c state.Cursor, err error) {
		err = row.Scan(&c.Person, &c.Number)
		return c, err
	}, cursorsText)
}
