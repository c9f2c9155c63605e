package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users/state"
)

const (
	putHook    statement = `INSERT OR REPLACE INTO hooks (name, shown, room, token, made) VALUES (?, ?, ?, ?, ?)`
	deleteHook statement = `DELETE FROM hooks WHERE name = ?`

	hooksText = `SELECT shown, room, token, made FROM hooks ORDER BY name`
)

func (t *transaction) putHooks(rows *state.Rows) error {
	for _, h := range rows.Hooks {
		var err error
		if h.Gone {
			err = t.exec(deleteHook, fold(h.Name))
		} else {
			err = t.exec(putHook, fold(h.Name), h.Name, h.Room, h.Token, nanoseconds(h.Made))
		}
		if err != nil {
			return fmt.Errorf("hook %s: %w", h.Name, err)
		}
	}
	return nil
}

func loadHooks(ctx context.Context, tx *sql.Tx) ([]state.Hook, error) {
	return collect(ctx, tx, func(row scanner) (h state.Hook, err error) {
		var made int64
		err = row.Scan(&h.Name, &h.Room, &h.Token, &made)
		h.Made = moment(made)
		return h, err
	}, hooksText)
}
