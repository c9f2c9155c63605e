package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users/state"
)

const (
	putSanction statement = `INSERT OR REPLACE INTO sanctions (room, kind, target, is_addr, name, person, by_name, why, since, until)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	deleteSanction statement = `DELETE FROM sanctions WHERE room = ? AND kind = ? AND target = ?`

	sanctionsText = `SELECT room, kind, target, is_addr, name, person, by_name, why, since, until FROM sanctions ORDER BY room, kind, target`
)

func (t *transaction) putSanctions(rows *state.Rows) error {
	for i := range rows.Sanctions {
		v := &rows.Sanctions[i]
		var err error
		if v.Gone {
			err = t.exec(deleteSanction, v.Room, string(v.Kind), v.Target)
		} else {
			err = t.exec(putSanction, v.Room, string(v.Kind), v.Target, v.Addr, v.Name, v.Person, v.By, v.Why, nanoseconds(v.Since), nanoseconds(v.Until))
		}
		if err != nil {
			return fmt.Errorf("%s of %s in %q: %w", v.Kind, v.Target, v.Room, err)
		}
	}
	return nil
}

func loadSanctions(ctx context.Context, tx *sql.Tx) ([]state.Sanction, error) {
	return collect(ctx, tx, func(row scanner) (v state.Sanction, err error) {
		var since, until int64
		err = row.Scan(&v.Room, &v.Kind, &v.Target, &v.Addr, &v.Name, &v.Person, &v.By, &v.Why, &since, &until)
		v.Since, v.Until = moment(since), moment(until)
		return v, err
	}, sanctionsText)
}
