package store

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"parley/users"
)

// Why a folder cannot be opened.
var (
	ErrInUse   = errors.New("the data folder is in use by another server")
	ErrVersion = errors.New("the data folder belongs to a newer version of this program")
	ErrForeign = errors.New("the file is a database of another program")
	ErrCorrupt = errors.New("the database file is damaged") // of reads and writes too
)

// Why a write or a read failed that may well succeed later. Nothing of the write
// is kept.
var (
	ErrBusy     = errors.New("storage is busy") // too much is waiting, or a lock was held too long
	ErrFull     = errors.New("the disk is full")
	ErrReadOnly = errors.New("the data folder is read-only")
	ErrDisk     = errors.New("the disk failed")
	ErrMoved    = errors.New("the files of the data folder were deleted, moved or replaced: put those back that were there, or restart the server")
	ErrClosed   = errors.New("the store is closed")
)

// Why one write was refused, by what is stored already, besides
// users.ErrRegistered and users.ErrUnknownUser. The other writes of its batch are
// not concerned.
var (
	ErrNumberTaken = errors.New("the number is taken")
	ErrStale       = errors.New("the password was changed meanwhile")
)

var errBeside = errors.New("only the server may write messages")

// A DuplicateError refuses a request that was carried out before, under another
// number: its sender did not get the answer and tried again.
type DuplicateError struct {
	Number uint64 // what the request became the first time
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("the request was carried out before, as number %d", e.Number)
}

// refused reports whether err concerns one write only, which has left nothing behind.
func refused(err error) bool {
	var dup *DuplicateError
	return errors.As(err, &dup) || slices.ContainsFunc(
		[]error{ErrNumberTaken, ErrStale, users.ErrRegistered, users.ErrUnknownUser},
		func(refusal error) bool { return errors.Is(err, refusal) })
}

// constraint reports whether err is a row refused by the schema. SQLite has then
// undone the statement, and the transaction goes on.
func constraint(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}

// classify adds to an error of SQLite or of the file system which of ours it is.
func classify(err error) error {
	if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	ours := ErrDisk
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		ours = ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		ours = ErrReadOnly
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		ours = ErrBusy
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		ours = ErrCorrupt
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
	default:
		return err
	}
	return fmt.Errorf("%w: %w", ours, err)
}
