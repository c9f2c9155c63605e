package store

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"
)

// Why a folder cannot be opened.
var (
	ErrInUse   = errors.New("the data folder is in use by another server")
	ErrVersion = errors.New("the data folder belongs to a newer version of this program")
	ErrForeign = errors.New("the file is a database of another program")
	ErrCorrupt = errors.New("the database file is damaged") // of reads and writes too
	ErrLost    = fmt.Errorf("%w: it has less than it had", ErrCorrupt)
)

// Why a commit or a read failed. Nothing of the commit is kept.
var (
	ErrBusy     = errors.New("storage is busy") // too many read, or another program has a lock for too long
	ErrFull     = errors.New("the disk is full")
	ErrReadOnly = errors.New("the data folder is read-only")
	ErrRights   = errors.New("a file may not be used by this user")
	ErrDisk     = errors.New("the disk failed")
	ErrMoved    = errors.New("the files of the data folder were deleted, moved or replaced: put those back that were there, or restart the server")
	ErrClosed   = errors.New("the store is closed")
)

// Disk reports whether err is about the disk, or about what is beside it: the same may
// well succeed when somebody has seen to that, or somebody else has ended.
func Disk(err error) bool {
	return slices.ContainsFunc([]error{ErrBusy, ErrFull, ErrReadOnly, ErrRights, ErrDisk, ErrMoved},
		func(disk error) bool { return errors.Is(err, disk) })
}

// notScanned is in the error of database/sql, which has no name, about a column with what it
// cannot have: a negative number where there is one of a message.
const notScanned = "sql: Scan error on column"

// saysAny reports whether err is one of those that the system has.
func saysAny(err error, of []error) bool {
	return slices.ContainsFunc(of, func(one error) bool { return errors.Is(err, one) })
}

// classify adds to an error of SQLite or of the file system which of ours it is and, of SQLite's numbers, what
// they mean.
func classify(err error) error {
	if err == nil || errors.Is(err, ErrCorrupt) || errors.Is(err, ErrRights) { // which it has seen
		return err
	}
	if saysAny(err, readOnlyErrors()) || errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	if saysAny(err, fullErrors()) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	if strings.Contains(err.Error(), notScanned) {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	var e coded
	if !errors.As(err, &e) {
		return err
	}
	if text := err.Error(); e.Code() == sqlite3.SQLITE_ERROR && (strings.Contains(text, "no such table: ") || strings.Contains(text, "no such column: ")) {
		return fmt.Errorf("%w, or another program has made or changed it: %w", ErrCorrupt, err)
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
	if e.Code() == sqlite3.SQLITE_READONLY_DBMOVED {
		ours = ErrMoved
	}
	if means := meanings[e.Code()].means; means != "" {
		return fmt.Errorf("%w: %w: %s", ours, err, means)
	}
	return fmt.Errorf("%w: %w", ours, err)
}

// A coded is an error of SQLite, such as that of modernc.org/sqlite, with its code: the extended one, as a
// rule, whose lowest byte is the primary one.
type coded interface {
	error
	Code() int
}
