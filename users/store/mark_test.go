package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"parley/users"
	"parley/users/state"
)

// killed returns a folder as a process leaves it that is killed: number 1 is in the file, and what
// comes after it in the write-ahead log.
func killed(t *testing.T, sync Sync, later ...state.Rows) (dir string) {
	t.Helper()
	first := t.TempDir()
	s := mustOpen(t, first)
	mustCommit(t, s, said(1))
	mustClose(t, s)
	s = mustOpenWith(t, first, sync)
	s.stopScrubbing() // which would empty the log
	mustCommit(t, s, later...)
	dir = filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(first)); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	closeToOthers(dir)
	markAsItWas(t, dir, point{later[len(later)-1].Last, nanoseconds(later[len(later)-1].Time)})
	return dir
}

// cutLog leaves half of a write-ahead log.
func cutLog(t *testing.T, dir string) {
	t.Helper()
	wal := filepath.Join(dir, fileName) + "-wal"
	if err := os.Truncate(wal, size(wal)/2); err != nil {
		t.Fatal(err)
	}
}

// A database that has less than was noted of it is refused by all who would go on with it or
// replace a backup with it, and is left as it is; until the mark is taken away.
func TestWhatWasLostIsNoticed(t *testing.T) {
	registered := said(1)
	registered.Messages, registered.Requests, registered.Time = nil, nil, registered.Time.Add(1)
	registered.Accounts = []state.AccountRow{{Account: users.Account{Name: "alice", Registered: noon, LastSeen: noon}}}
	for name, c := range map[string]struct {
		happens func(t *testing.T, dir string)
		later   state.Rows
	}{
		"a byte of its log has changed": {later: said(2, 3), happens: func(t *testing.T, dir string) {
			f, err := os.OpenFile(filepath.Join(dir, fileName)+"-wal", os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteAt([]byte{0x55}, 300)
			}
			if err := errors.Join(err, f.Close()); err != nil {
				t.Fatal(err)
			}
		}},
		"half of its log is gone":                     {later: said(2, 3), happens: cutLog},
		"an account is lost, which has no number":     {later: registered, happens: cutLog},
		"its log and the index of it are gone":        {later: said(2, 3), happens: dropLog},
		"what there was before it had a log is there": {later: said(2, 3), happens: emptyDatabase},
	} {
		t.Run(name, func(t *testing.T) {
			dir := killed(t, SyncAlways, c.later)
			c.happens(t, dir)
			before := filesIn(t, dir)
			mustFail(t, dir, ErrLost)
			mustFail(t, dir, ErrCorrupt)
			if _, faults, err := Check(t.Context(), Database(dir)); err != nil || len(faults) != 1 || faults[0].Advice != adviceLost {
				t.Errorf("it is found that %+v, %v", faults, err)
			}
			if _, err := Backup(t.Context(), dir, filepath.Join(t.TempDir(), "backup"), false); !errors.Is(err, ErrLost) {
				t.Errorf("a backup of it: %v", err)
			}
			if _, err := Export(t.Context(), dir, filepath.Join(t.TempDir(), "data"), "log"); !errors.Is(err, ErrLost) {
				t.Errorf("it is exported: %v", err)
			}
			for path, content := range before {
				if now, err := os.ReadFile(filepath.Join(dir, path)); err != nil || !bytes.Equal(now, content) {
					t.Errorf("%s is not what it was: %v", path, err)
				}
			}
			if err := os.Remove(filepath.Join(dir, markName)); err != nil {
				t.Fatal(err)
			}
			mustClose(t, mustOpen(t, dir))
		})
	}
}

func dropLog(t *testing.T, dir string) {
	t.Helper()
	for _, of := range []string{"-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, fileName) + of); err != nil {
			t.Fatal(err)
		}
	}
}

// emptyDatabase leaves of a database what SQLite makes of an empty file when it opens it.
func emptyDatabase(t *testing.T, dir string) {
	t.Helper()
	dropLog(t, dir)
	other := t.TempDir()
	inFile(t, other, "PRAGMA journal_mode = WAL", "PRAGMA user_version = 0")
	copyFile(t, filepath.Join(other, fileName), filepath.Join(dir, fileName))
}

// filesIn returns what the files of a folder have that tell what was lost. The index of a log is
// made anew by whoever reads.
func filesIn(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	for _, name := range []string{fileName, fileName + "-wal", markName} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			all[name] = content
		} else if !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return all
}

// Where the disk is not waited for, the power may take the newest away: that is told, and gone on
// without.
func TestWhatThePowerTakesIsTold(t *testing.T) {
	dir := killed(t, SyncNone, said(2), said(3))
	cutLog(t, dir)
	s := mustOpenWith(t, dir, SyncNone)
	if found := s.Found(); len(found) != 1 || !errors.Is(found[0], ErrLost) {
		t.Errorf("it is said that %v", found)
	}
	mustClose(t, s)
	if found := mustOpen(t, dir).Found(); len(found) != 0 {
		t.Errorf("it is said again that %v", found)
	}
}

// A running server is ahead of who looks, never behind.
func TestCheckBesideCommits(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for number := uint64(1); number <= 300; number++ {
			rows := said(number)
			rows.Count = 1
			if err := s.Commit(&rows); err != nil {
				t.Error(err)
			}
		}
	}()
	for looked := 0; ; looked++ {
		if _, faults, err := Check(t.Context(), Database(dir)); err != nil || len(faults) > 0 {
			t.Fatalf("check %d: %v, %v", looked, faults, err)
		}
		select {
		case <-done:
			return
		default:
		}
	}
}
