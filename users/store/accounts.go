package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users"
	"parley/users/state"
)

const (
	putAccount statement = `INSERT OR REPLACE INTO accounts (name, shown, hash, registered, last_seen, role, number, guest, known)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	deleteAccount statement = `DELETE FROM accounts WHERE name = ?`

	accountsText = `SELECT shown, hash, registered, last_seen, role, number, guest, known FROM accounts ORDER BY name`
)

func (t *transaction) putAccounts(rows *state.Rows) error {
	for _, a := range rows.Accounts {
		var err error
		if a.Gone {
			err = t.exec(deleteAccount, fold(a.Name))
		} else {
			err = t.exec(putAccount, fold(a.Name), a.Name, a.Hash, nanoseconds(a.Registered), nanoseconds(a.LastSeen), string(a.Role), int64(a.Number), a.Guest, string(a.Known))
		}
		if err != nil {
			return fmt.Errorf("account %s: %w", a.Name, err)
		}
	}
	return nil
}

func loadAccounts(ctx context.Context, tx *sql.Tx) ([]users.Account, error) {
	return collect(ctx, tx, func(row scanner) (a users.Account, err error) {
		var registered, seen int64
		err = row.Scan(&a.Name, &a.Hash, &registered, &seen, &a.Role, &a.Number, &a.Guest, &a.Known)
		a.Registered, a.LastSeen = moment(registered), moment(seen)
		return a, err
	}, accountsText)
}
