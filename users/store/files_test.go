package store

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestFilesThatAreNotInTheFolder does to the folder of a running server what owners
// do, and undoes it where that is possible. Nothing is said to be kept meanwhile, the
// log says so once, and what was said to be kept before is there afterwards.
func TestFilesThatAreNotInTheFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there, files that are open cannot be moved or deleted")
	}
	database := func(dir string) string { return filepath.Join(dir, fileName) }
	move := func(t *testing.T, from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	for what, c := range map[string]struct {
		happens func(t *testing.T, dir string)
		undo    func(t *testing.T, dir string) // nil: it cannot be undone
		stays   bool                           // what was kept is in the folder although nothing was put back
	}{
		"the folder is deleted": {happens: func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}},
		"the folder is renamed": {
			happens: func(t *testing.T, dir string) { move(t, dir, dir+"2") },
			undo:    func(t *testing.T, dir string) { move(t, dir+"2", dir) },
		},
		"the folder is another one": {
			happens: func(t *testing.T, dir string) { move(t, dir, dir+"2"); mustClose(t, mustOpen(t, dir)) },
			undo: func(t *testing.T, dir string) {
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
				move(t, dir+"2", dir)
			},
		},
		"a backup is copied over the file's name": {
			happens: func(t *testing.T, dir string) {
				b, err := os.ReadFile(database(dir))
				if err != nil {
					t.Fatal(err)
				}
				move(t, database(dir), dir+".old")
				if err := os.WriteFile(database(dir), b, 0o600); err != nil {
					t.Fatal(err)
				}
			},
			undo: func(t *testing.T, dir string) { move(t, dir+".old", database(dir)) },
		},
		"the write-ahead log is deleted": {
			happens: func(t *testing.T, dir string) {
				if err := os.Remove(database(dir) + "-wal"); err != nil {
					t.Fatal(err)
				}
			},
			stays: true,
		},
		"the index of the write-ahead log is deleted": {
			happens: func(t *testing.T, dir string) {
				if err := os.Remove(database(dir) + "-shm"); err != nil {
					t.Fatal(err)
				}
			},
			stays: true,
		},
		"the lock is deleted, so that another server could start": {
			happens: func(t *testing.T, dir string) {
				if err := os.Remove(filepath.Join(dir, lockName)); err != nil {
					t.Fatal(err)
				}
			},
			stays: true,
		},
	} {
		t.Run(what, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			s := mustOpen(t, dir)
			mustCommit(t, s, said(1))
			var log strings.Builder
			keeper := &Keeper{Store: s, Post: func(f func()) { f() }, Log: slog.New(slog.NewTextHandler(&log, nil))}
			say := func() error {
				rows := said(2)
				rows.Count = 1
				answer := make(chan error)
				keeper.Keep(&rows, func(err error) { answer <- err })
				return <-answer
			}
			c.happens(t, dir)
			for range 3 {
				if err := say(); !errors.Is(err, ErrMoved) || !Disk(err) {
					t.Fatalf("a message is answered with %v", err)
				}
			}
			if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "restart the server") {
				t.Errorf("the log says %q", got)
			}
			last := uint64(1)
			if c.undo != nil {
				c.undo(t, dir)
				if err := say(); err != nil {
					t.Fatalf("when all is as it was, a message is answered with %v", err)
				}
				last = 2
			}
			mustClose(t, s)
			if c.undo != nil || c.stays {
				same(t, "last", mustLoad(t, mustOpen(t, dir)).Last, last)
			}
		})
	}
}

// A store that is opened again in place of one whose folder was deleted begins anew,
// and closing the old one does it no harm.
func TestOpenAgainAfterTheFolderWasDeleted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there, files that are open cannot be deleted")
	}
	dir := filepath.Join(t.TempDir(), "data")
	old := mustOpen(t, dir)
	mustCommit(t, old, said(1))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir)
	mustCommit(t, s, said(7))
	mustRefuse(t, old, said(2), ErrMoved)
	mustClose(t, old)
	mustCommit(t, s, said(8))
	mustClose(t, s)
	same(t, "last", mustLoad(t, mustOpen(t, dir)).Last, 8)
}
