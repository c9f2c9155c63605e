package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"

	"parley/users/state"
)

// Several nodes that share a log give each other what they keep of it: a copy of the database,
// and the snapshot with which it goes on.

// received is the folder in a data folder for what is not complete yet.
const received = "parley.received"

// Look returns how far the rows of a database are in a stream that nodes share, the zero Mark
// if they are of none, and whether nothing is kept there, or there is no database. It changes
// nothing, and does not look for faults.
func Look(ctx context.Context, path string) (m state.Mark, empty bool, err error) {
	if err := lookLost(ctx, path); err != nil || size(path) == 0 {
		return m, true, err
	}
	db, err := openToRead(ctx, path)
	if errors.Is(err, ErrNothing) {
		return m, true, nil
	}
	if err != nil {
		return m, false, err
	}
	defer db.Close()
	err = inTransaction(ctx, db, func(tx *sql.Tx) error {
		s, err := summarize(ctx, tx, path)
		switch {
		case errors.Is(err, ErrNothing):
			empty = true
			return nil
		case err != nil || s.Schema < firstMarked:
			return err
		}
		if m, err = loadMark(ctx, tx); err != nil {
			return err
		}
		var accounts bool
		err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT * FROM accounts)`).Scan(&accounts)
		empty = s.Last == 0 && !accounts && m == (state.Mark{})
		return err
	})
	return m, empty, classify(err)
}

// CopyInto writes a copy of the database of a data folder, in which a server may go on, into the
// folder itself: what Backup says of a backup is so with it. Who has the path takes it away;
// what a process has left that was killed goes when the folder is opened next.
func CopyInto(ctx context.Context, dir string) (path string, err error) {
	path, _, err = snapshot(ctx, Database(dir), Database(dir), tempOwn)
	return path, err
}

// Receive puts a database and the snapshot that goes with it in the place of those in a folder,
// whose server does not run. It calls fetch with a folder for the two files, and takes them if
// Check finds no faults, which else are returned. Whenever this ends, the folder has the older
// database or the newer one; it may have no snapshot then, and not one that goes with the other.
func Receive(ctx context.Context, dir string, fetch func(folder string) (database, snapshot string, err error)) (s Summary, faults []Fault, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return s, nil, err
	}
	lock, err := openLock(dir)
	if err != nil {
		return s, nil, classify(err)
	}
	defer lock.Close()
	if err := lockFile(lock); err != nil {
		return s, nil, err
	}
	if err := removeHalves(dir); err != nil {
		return s, nil, classify(err)
	}
	folder := filepath.Join(dir, received)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return s, nil, classify(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	database, snapshot, err := fetch(folder)
	if err != nil {
		return s, nil, err
	}
	if s, faults, err = Check(ctx, database); err != nil || len(faults) > 0 {
		return s, faults, err
	}
	if err := errors.Join(ownReceived(dir, database), ownReceived(dir, snapshot), settle(ctx, dir)); err != nil {
		return s, nil, classify(err)
	}
	return s, nil, classify(errors.Join(put(database, Database(dir)), put(snapshot, filepath.Join(dir, stateName))))
}

// ownReceived gives a file to the owner of a data folder. It was made in a folder of this user's own.
func ownReceived(dir, path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	own(dir, f)
	return f.Close()
}

// halves are the names of files that are not complete yet, or not used any more.
var halves = []string{fileName + ".*.new", fileName + ".*.new-journal", stateName + ".*"}

// removeHalves takes away what processes have left in a folder that were killed: whoever calls
// it has the lock.
func removeHalves(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	errs := []error{os.RemoveAll(filepath.Join(dir, received))}
	for _, f := range files {
		for _, half := range halves {
			if is, _ := filepath.Match(half, f.Name()); is { // the pattern is a good one
				errs = append(errs, os.Remove(filepath.Join(dir, f.Name())))
				break
			}
		}
	}
	return errors.Join(errs...)
}
