package store

import (
	"context"
	"database/sql"

	"parley/users"
)

// changesLimit is how many changes are told at once.
const changesLimit = 1000

// A Change is what an account and a login block are now of which one was written
// by somebody beside the server.
type Change struct {
	Key        string            // a folded name, or the key of an address
	Account    *users.Account    // nil: there is none, or it was deleted
	LoginBlock *users.LoginBlock // nil: there is none, or it was lifted
}

// Changes returns what was changed beside the server after a number, and the
// number to go on from. A server starts with 0. Each key is there once; there
// may be more to tell while there is something.
//
// It is made for asking every second: see doc.go for what it costs. SQLite's
// data_version would be cheaper still, but counts the server's own commits too.
func (s *Store) Changes(ctx context.Context, after uint64) (changes []Change, last uint64, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *sql.Tx) error {
		keys, number, err := changedKeys(ctx, tx, after)
		if err != nil {
			return err
		}
		last = number
		for _, key := range keys {
			change, err := lookUp(ctx, tx, key)
			if err != nil {
				return err
			}
			changes = append(changes, change)
		}
		return nil
	})
	if err != nil {
		return nil, after, err
	}
	return changes, last, nil
}

// changedKeys returns the keys of the changes after a number, each once, and the
// number of the last of them.
func changedKeys(ctx context.Context, tx *sql.Tx, after uint64) (keys []string, last uint64, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT number, key FROM changes WHERE number > ? ORDER BY number LIMIT ?",
		int64(after), changesLimit)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	last = after
	seen := make(map[string]bool)
	for rows.Next() {
		var key string
		if err := rows.Scan(&last, &key); err != nil {
			return nil, 0, err
		}
		if !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys, last, rows.Err()
}

func lookUp(ctx context.Context, tx *sql.Tx, key string) (Change, error) {
	change := Change{Key: key}
	accounts, err := collect(ctx, tx, scanAccount, accountColumns+" WHERE name = ?", key)
	if err != nil {
		return change, err
	}
	if len(accounts) > 0 {
		change.Account = &accounts[0]
	}
	blocks, err := collect(ctx, tx, scanLoginBlock, loginBlockColumns+" WHERE key = ?", key)
	if len(blocks) > 0 {
		change.LoginBlock = &blocks[0]
	}
	return change, err
}
