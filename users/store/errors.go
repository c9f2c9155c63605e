package store

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Why a folder cannot be opened.
var (
	ErrInUse   = errors.New("the data folder is in use by another server")
	ErrVersion = errors.New("the data folder belongs to a newer version of this program")
	ErrForeign = errors.New("the file is a database of another program")
	ErrCorrupt = errors.New("the database file is damaged") // of reads and writes too
)

// Why a commit or a read failed. Nothing of the commit is kept.
var (
	ErrBusy     = errors.New("storage is busy") // too many read, or another program has a lock for too long
	ErrFull     = errors.New("the disk is full")
	ErrReadOnly = errors.New("the data folder is read-only")
	ErrDisk     = errors.New("the disk failed")
	ErrMoved    = errors.New("the files of the data folder were deleted, moved or replaced: put those back that were there, or restart the server")
	ErrClosed   = errors.New("the store is closed")
)

// Disk reports whether err is about the disk, or about what is beside it: the same may
// well succeed when somebody has seen to that, or somebody else has ended.
func Disk(err error) bool {
	return slices.ContainsFunc([]error{ErrBusy, ErrFull, ErrReadOnly, ErrDisk, ErrMoved},
		func(disk error) bool { return errors.Is(err, disk) })
}

// classify adds to an error of SQLite or of the file system which of ours it is.
func classify(err error) error {
	if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w: %w", ErrFull, err)
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
