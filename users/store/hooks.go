package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users/state"
)

const (
	putHook statement = `INSERT INTO hooks (name, shown, room, token, made, url, secret, number, stopped, sent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
		ON CONFLICT (name) DO UPDATE SET shown = ?2, room = ?3, token = ?4, made = ?5, url = ?6, secret = ?7, number = ?8, stopped = ?9, sent = ?10`
	deleteHook statement = `DELETE FROM hooks WHERE name = ?`

	hooksText = `SELECT shown, room, token, made, url, secret, number, stopped, sent FROM hooks ORDER BY name`
)

func (t *transaction) putHooks(rows *state.Rows) error {
	for _, h := range rows.Hooks {
		var err error
		if h.Gone {
			err = t.exec(deleteHook, fold(h.Name))
		} else {
			err = t.exec(putHook, fold(h.Name), h.Name, h.Room, h.Token, nanoseconds(h.Made), h.URL, h.Secret, signed(h.Number), h.Stopped, signed(h.Sent))
		}
		if err != nil {
			return fmt.Errorf("hook %s: %w", h.Name, err)
		}
	}
	return nil
}

func loadHooks(ctx context.Context, tx *sql.Tx) ([]state.Hook, error) {
	return collect(ctx, tx, scanHook, hooksText)
}

func scanHook(row scanner) (h state.Hook, err error) {
	var made int64
	err = row.Scan(&h.Name, &h.Room, &h.Token, &made, &h.URL, &h.Secret, &h.Number, &h.Stopped, &h.Sent)
	h.Made = moment(made)
	return h, err
}
