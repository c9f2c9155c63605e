package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users/state"
)

const (
	putReadCursor    statement = `INSERT OR REPLACE INTO read_cursors (person, room, with_person, number) VALUES (?, ?, ?, ?)`
	deleteReadCursor statement = `DELETE FROM read_cursors WHERE person = ? AND room = ? AND with_person = ?`

	readCursorsText = `SELECT person, room, with_person, number FROM read_cursors ORDER BY person, room, with_person`
)

func (t *transaction) putReadCursors(rows *state.Rows) error {
	for _, c := range rows.ReadCursors {
		var err error
		if c.Gone {
			err = t.exec(deleteReadCursor, c.Person, c.Room, c.With)
		} else {
			err = t.exec(putReadCursor, c.Person, c.Room, c.With, int64(c.Number))
		}
		if err != nil {
			return fmt.Errorf("read cursor of %s (room %q, with %q): %w", c.Person, c.Room, c.With, err)
		}
	}
	return nil
}

func loadReadCursors(ctx context.Context, tx *sql.Tx) ([]state.ReadCursor, error) {
	return collect(ctx, tx, func(row scanner) (c state.ReadCursor, err error) {
		err = row.Scan(&c.Person, &c.Room, &c.With, &c.Number)
		return c, err
	}, readCursorsText)
}
