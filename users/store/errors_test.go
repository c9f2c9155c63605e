package store

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A failed is an error of SQLite as its driver makes it.
type failed int

func (f failed) Code() int     { return int(f) }
func (f failed) Error() string { return fmt.Sprintf("disk I/O error (%d)", int(f)) }

// Every number that SQLite has for a disk or a file that cannot be used is said in words, with what
// to do.
func TestNumbersOfSQLiteAreSaidInWords(t *testing.T) {
	about := map[int]error{sqlite3.SQLITE_FULL: ErrFull, sqlite3.SQLITE_PERM: ErrReadOnly, sqlite3.SQLITE_READONLY: ErrReadOnly, sqlite3.SQLITE_CANTOPEN: ErrDisk, sqlite3.SQLITE_IOERR: ErrDisk}
	looked := 0
	for code := range 64 << 8 { // far more than there are
		ours, is := about[code&0xff]
		if _, known := sqlite.ErrorCodeString[code]; !is || !known && meanings[code].means == "" {
			continue
		}
		looked++
		if code == sqlite3.SQLITE_READONLY_DBMOVED {
			ours = ErrMoved
		}
		said := classify(failed(code))
		if !errors.Is(said, ours) || !Disk(said) || meanings[code].means == "" || !strings.Contains(said.Error(), meanings[code].means) {
			t.Errorf("%d: %v", code, said)
		}
		advised := advise(t.TempDir(), said)
		if !errors.Is(advised, ours) || meanings[code].advice == "" || !strings.HasSuffix(advised.Error(), "; "+meanings[code].advice) {
			t.Errorf("%d: %v", code, advised)
		}
	}
	if looked < 50 {
		t.Errorf("there are %d numbers", looked)
	}
	newer := failed(sqlite3.SQLITE_IOERR | 99<<8)
	if err := advise(t.TempDir(), classify(newer)); !errors.Is(err, ErrDisk) || !strings.HasSuffix(err.Error(), "; "+seeDisk) {
		t.Errorf("one that is not known yet: %v", err)
	}
	for _, code := range []int{sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH} {
		if said := classify(failed(code)); advise(t.TempDir(), said) != said {
			t.Errorf("%d is said to be about the disk", code)
		}
	}
}

// The log says why the system did not do what SQLite could not say, once, and what to do.
func TestTheLogSaysWhyTheDiskFails(t *testing.T) {
	var log strings.Builder
	s := mustOpen(t, t.TempDir())
	k := &Keeper{Store: s, Log: slog.New(slog.NewTextHandler(&log, nil)), Post: func(f func()) { f() }}
	for _, err := range []error{classify(failed(sqlite3.SQLITE_IOERR_WRITE)), classify(failed(sqlite3.SQLITE_IOERR_WRITE)), nil} {
		k.note(err)
	}
	if got := log.String(); strings.Count(got, "disk I/O error (778): the system could not write; look into the system's log") != 1 || strings.Count(got, "\n") != 2 {
		t.Errorf("the log has %s", got)
	}
	log.Reset()
	k.note(classify(&fs.PathError{Op: "write", Path: "x", Err: fs.ErrPermission}))
	if got := log.String(); !strings.Contains(got, seeRights) {
		t.Errorf("the log has %s", got)
	}
	in := mustOpen(t, Memory)
	if err := classify(failed(sqlite3.SQLITE_IOERR_NOMEM)); in.Advise(err) != err {
		t.Errorf("in memory there is no folder: %v", in.Advise(err))
	}
}
