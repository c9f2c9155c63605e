package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Why a file is not written.
var (
	ErrThere  = errors.New("there is a file of that name already")
	ErrBeside = errors.New("that is in the data folder itself, with which a backup would be lost")
	ErrItself = errors.New("that is the database of the folder itself")
	ErrData   = errors.New("the data folder has a database already")
)

// Backup writes all that the database of a data folder has at one moment to one file, which
// only its owner may read. A server may go on in the folder: neither its commits nor its
// reads wait, but for a removal's (see scrub.go), and the write-ahead log grows meanwhile.
// The file is there when all of it is on the disk, or not at all. One that is there is only
// replaced if that is asked for.
//
// What was removed is not in the file, nor in unused parts of it: it is written anew from
// the rows. What has gone with a room, by retention or with who was forgotten, and was not
// deleted yet, is in it, and nobody reads it (see gone.go). The log in it has no name, so
// that it gets another one wherever the file is put in place of a database, also by hand.
func Backup(ctx context.Context, dir, file string, replace bool) (Summary, error) {
	inside, err := isFolder(dir, filepath.Dir(file))
	switch {
	case err != nil:
		return Summary{}, err
	case inside:
		return Summary{}, fmt.Errorf("%w: %s", ErrBeside, file)
	}
	if _, err := os.Lstat(file); err == nil && !replace {
		return Summary{}, fmt.Errorf("%w: %s", ErrThere, file)
	}
	if err := lookLost(ctx, Database(dir)); err != nil { // a better backup may be in the place of the file
		return Summary{}, err
	}
	temp, s, err := snapshot(ctx, Database(dir), file, os.CreateTemp)
	if err == nil {
		err = dropMark(ctx, temp)
	}
	if err != nil {
		return s, err
	}
	return s, put(temp, file)
}

// dropMark has a copy of a node's database be a single server's: it says no more how far it is in
// a stream.
func dropMark(ctx context.Context, temp string) error {
	err := changeFacts(ctx, temp, func(tx *sql.Tx) error { return dropFact(ctx, tx, markFact) })
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

// Restore makes a backup the database of a folder, whose server does not run. A database that
// is there is only replaced if that is asked for: then the folder has the old one or the new
// one, whenever this ends, and no snapshot of a node. A file that Check finds faults in is left: they are returned.
func Restore(ctx context.Context, file, dir string, replace bool) (s Summary, faults []Fault, err error) {
	if s, faults, err = Check(ctx, file); err != nil || len(faults) > 0 {
		return s, faults, err
	}
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
	if Exists(dir) {
		if same, err := isFolder(Database(dir), file); err != nil || same {
			return s, nil, errors.Join(err, ErrItself)
		}
		if !replace {
			return s, nil, fmt.Errorf("%w: %s", ErrData, Database(dir))
		}
	}
	temp, s, err := snapshot(ctx, file, Database(dir), tempOwn)
	if err == nil {
		err = dropMark(ctx, temp)
	}
	if err != nil {
		return s, nil, err
	}
	if err := settle(ctx, dir); err != nil {
		return s, nil, errors.Join(err, os.Remove(temp))
	}
	return s, nil, put(temp, Database(dir))
}

// isFolder reports whether two paths are of one folder, or file. One that is not there is no
// other's.
func isFolder(a, b string) (bool, error) {
	one, err := os.Stat(a)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	two, err2 := os.Stat(b)
	if err2 != nil && !errors.Is(err2, fs.ErrNotExist) {
		return false, err2
	}
	return err == nil && err2 == nil && os.SameFile(one, two), nil
}

// snapshot writes what the database at a path has to a file beside another one, which is made as
// os.CreateTemp does, and waits for the disk.
func snapshot(ctx context.Context, from, beside string, create func(dir, pattern string) (*os.File, error)) (temp string, s Summary, err error) {
	db, err := openToRead(ctx, from)
	if err != nil {
		return "", s, err
	}
	defer db.Close()
	f, err := create(filepath.Dir(beside), filepath.Base(beside)+".*.new") // its mode is 0600
	if err != nil {
		return "", s, classify(err)
	}
	made := f.Name()
	defer func() {
		if err = classify(errors.Join(err, f.Close())); err != nil {
			_, _ = os.Remove(made), os.Remove(made+"-journal")
		}
	}()
	if err := inTransaction(ctx, db, func(tx *sql.Tx) (err error) { _, err = summarize(ctx, tx, from); return err }); err != nil {
		return "", s, err
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", made); err != nil {
		return "", s, err
	}
	if s, err = forgetLog(ctx, made); err != nil {
		return "", s, err
	}
	return made, s, f.Sync()
}

// forgetLog takes the name of its log from a database that nobody has, and returns what it
// has.
func forgetLog(ctx context.Context, path string) (s Summary, err error) {
	db, err := tryToRead(ctx, path, "mode=rw")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return s, inTransaction(ctx, db, func(tx *sql.Tx) error {
		if s, err = summarize(ctx, tx, path); err != nil {
			return err
		}
		return errors.Join(dropFact(ctx, tx, logFact), dropFact(ctx, tx, riskFact))
	})
}

// inTransaction runs do in one, which it keeps if there is no error.
func inTransaction(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// settle takes away what is beside the database of a folder and is not to be beside another
// one. First what is in the write-ahead log goes into the database, which is whole without it
// then; in one that is damaged it may not.
func settle(ctx context.Context, dir string) error {
	if Exists(dir) {
		if db, err := tryToRead(ctx, Database(dir), "mode=rw"); db != nil {
			if err == nil {
				_, _ = db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
			}
			_ = db.Close()
		}
	}
	var errs []error
	for _, path := range []string{Database(dir) + "-wal", Database(dir) + "-shm", Database(dir) + "-journal", filepath.Join(dir, markName), filepath.Join(dir, stateName)} {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// put gives a file that is on the disk its name.
func put(temp, file string) error {
	if err := os.Rename(temp, file); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if runtime.GOOS == "windows" { // where folders are not waited for
		return nil
	}
	folder, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
