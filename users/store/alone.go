package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"parley/users/state"
)

// SetMark has a database that nobody has open say how far its rows are in a stream.
func SetMark(ctx context.Context, path string, m state.Mark) error {
	return changeFacts(ctx, path, func(tx *sql.Tx) error { return setFact(ctx, tx, markFact, formatMark(m)) })
}

// changeFacts changes what a database says about itself.
func changeFacts(ctx context.Context, path string, change func(*sql.Tx) error) (err error) {
	db, err := tryToRead(ctx, path, "mode=rw")
	if err != nil {
		return classify(err)
	}
	defer func() { err = classify(errors.Join(err, db.Close())) }()
	return inTransaction(ctx, db, change)
}

// Export makes of the data folder of a node, which does not run, that of a single server, in
// which there is no database yet: with the numbers of the node, and a log of the given name.
func Export(ctx context.Context, dir, to, name string) (s Summary, err error) {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return s, err
	}
	for _, folder := range []string{dir, to} {
		lock, err := openLock(folder)
		if err != nil {
			return s, classify(err)
		}
		defer lock.Close()
		if err := lockFile(lock); err != nil {
			return s, fmt.Errorf("%s: %w", folder, err)
		}
	}
	if Exists(to) {
		return s, fmt.Errorf("%w: %s", ErrData, Database(to))
	}
	if err := lookLost(ctx, Database(dir)); err != nil {
		return s, err
	}
	temp, s, err := snapshot(ctx, Database(dir), Database(to), tempOwn)
	if err != nil {
		return s, err
	}
	err = changeFacts(ctx, temp, func(tx *sql.Tx) error {
		return errors.Join(dropFact(ctx, tx, markFact), setFact(ctx, tx, logFact, name))
	})
	if err != nil {
		return s, errors.Join(err, os.Remove(temp))
	}
	if err := errors.Join(settle(ctx, to), put(temp, Database(to))); err != nil {
		return s, classify(err)
	}
	at := point{s.Last, nanoseconds(s.Time)}
	m, _, err := openMark(to, at) // else it would be taken for a backup, whose log gets another name
	if err != nil {
		return s, classify(err)
	}
	return s, classify(errors.Join(m.begin(at), m.close()))
}
