package store

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// kill ends a store as the end of its process would: nothing is noted.
func kill(t *testing.T, s *Store) {
	t.Helper()
	s.sync = SyncAlways // whose end notes nothing
	mustClose(t, s)
}

// copyFile makes a copy as somebody would who makes a backup or puts it back.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestLogName has a log that goes on under its name unless numbers may be given twice.
func TestLogName(t *testing.T) {
	database := func(dir string) string { return filepath.Join(dir, fileName) }
	// Each begins with a folder in which number 1 was given, and which is closed.
	for what, c := range map[string]struct {
		happens func(t *testing.T, dir string)
		renamed bool
		windows bool // is not to be told from other cases there
	}{
		"nothing": {happens: func(*testing.T, string) {}},
		"a clean end": {happens: func(t *testing.T, dir string) {
			s := mustOpen(t, dir)
			mustCommit(t, s, said(2))
			mustClose(t, s)
		}},
		"a kill": {happens: func(t *testing.T, dir string) {
			s := mustOpen(t, dir)
			mustCommit(t, s, said(2))
			kill(t, s)
		}},
		"a clean end without sync": {happens: func(t *testing.T, dir string) {
			s := mustOpenWith(t, dir, SyncNone)
			mustCommit(t, s, said(2))
			mustClose(t, s)
		}},
		"a kill without sync": {renamed: true, happens: func(t *testing.T, dir string) {
			s := mustOpenWith(t, dir, SyncNone)
			mustCommit(t, s, said(2))
			kill(t, s)
		}},
		"the folder is moved": {happens: func(t *testing.T, dir string) {
			if err := os.Rename(dir, dir+"2"); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(dir+"2", dir); err != nil {
				t.Fatal(err)
			}
		}},
		"a backup is copied into the file that is there": {renamed: true, happens: func(t *testing.T, dir string) {
			if _, err := Backup(t.Context(), dir, dir+".backup", false); err != nil {
				t.Fatal(err)
			}
			s := mustOpen(t, dir)
			mustCommit(t, s, said(2))
			mustClose(t, s)
			copyFile(t, dir+".backup", database(dir))
		}},
		"an older file is copied into the one that is there, which is meant": {renamed: true, happens: func(t *testing.T, dir string) {
			copyFile(t, database(dir), dir+".backup")
			s := mustOpen(t, dir)
			mustCommit(t, s, said(2))
			mustClose(t, s)
			copyFile(t, dir+".backup", database(dir))
			mustFail(t, dir, ErrLost)
			if err := os.Remove(filepath.Join(dir, markName)); err != nil {
				t.Fatal(err)
			}
		}},
		"a copy of the file takes its place": {renamed: true, happens: func(t *testing.T, dir string) {
			copyFile(t, database(dir), dir+".backup")
			if err := os.Rename(dir+".backup", database(dir)); err != nil {
				t.Fatal(err)
			}
		}},
		"a copy of the folder takes its place": {renamed: true, happens: func(t *testing.T, dir string) {
			if err := os.Rename(dir, dir+".old"); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(dir, os.DirFS(dir+".old")); err != nil {
				t.Fatal(err)
			}
		}},
		"the folder is deleted and a copy put there": {renamed: true, windows: true, happens: func(t *testing.T, dir string) {
			if err := os.CopyFS(dir+".backup", os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(dir, os.DirFS(dir+".backup")); err != nil {
				t.Fatal(err)
			}
		}},
		"only the database was put back": {renamed: true, happens: func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, markName)); err != nil {
				t.Fatal(err)
			}
		}},
		"the mark is garbage": {renamed: true, happens: func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, markName), []byte("garbage"), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(what, func(t *testing.T) {
			if c.windows && runtime.GOOS == "windows" {
				t.Skip("a file that takes the name of a deleted one within seconds is given its time of birth there")
			}
			dir := filepath.Join(t.TempDir(), "data")
			s := mustOpen(t, dir)
			name := s.LogName()
			mustCommit(t, s, said(1))
			mustClose(t, s)
			c.happens(t, dir)
			s = mustOpen(t, dir)
			again := s.LogName()
			if (again != name) != c.renamed || len(again) != 26 {
				t.Errorf("the log was %s and is %s", name, again)
			}
			mustClose(t, s)
			same(t, "the name when nothing has happened since", mustOpen(t, dir).LogName(), again)
		})
	}
}

// Without sync no commit waits for the disk.
func TestSyncNone(t *testing.T) {
	s := mustOpenWith(t, t.TempDir(), SyncNone)
	var level string
	if err := s.write.QueryRow("PRAGMA synchronous").Scan(&level); err != nil || level != "1" {
		t.Errorf("synchronous is %s: %v", level, err)
	}
	mustClose(t, s)
}
