package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"parley/users/state"
)

const (
	putSettings statement = `INSERT OR REPLACE INTO settings (id, lockdown, by_name, why, slow) VALUES (1, ?, ?, ?, ?)`

	settingsText = `SELECT lockdown, by_name, why, slow FROM settings WHERE id = 1`
)

func (t *transaction) putSettings(rows *state.Rows) error {
	v := rows.Settings
	if v == nil {
		return nil
	}
	if err := t.exec(putSettings, v.Lockdown, v.By, v.Why, v.Slow); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return nil
}

func loadSettings(ctx context.Context, tx *sql.Tx) (v state.Settings, err error) {
	err = tx.QueryRowContext(ctx, settingsText).Scan(&v.Lockdown, &v.By, &v.Why, &v.Slow)
	if errors.Is(err, sql.ErrNoRows) {
		return v, nil
	}
	return v, err
}
