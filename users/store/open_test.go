package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"parley/users/state"
)

// inFile runs statements on the file of a folder that is not open.
func inFile(t *testing.T, dir string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
}

func mustFail(t *testing.T, dir string, want error) {
	t.Helper()
	s, err := Open(dir, options(SyncAlways))
	if err == nil {
		mustClose(t, s)
	}
	if !errors.Is(err, want) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b%20?#é", "deep")
	s := mustOpen(t, dir)
	name := s.LogName()
	mustCommit(t, s, said(1), state.Rows{Last: 1, Time: noon, Accounts: []state.AccountRow{{Account: account("bob")}}})
	before := mustLoad(t, s)
	mustClose(t, s)
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, fileName): 0o600, filepath.Join(dir, lockName): 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v %v", path, info.Mode(), err)
			}
		}
	}
	s = mustOpen(t, dir)
	same(t, "log", s.LogName(), name)
	same(t, "kept", mustLoad(t, s), before)
	if other := mustOpen(t, t.TempDir()).LogName(); other == name || len(other) != 26 {
		t.Errorf("another log has the name %q", other)
	}
}

func TestWritesAreSafe(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2"} {
		var got string
		if err := s.write.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s: %v", pragma, got, err)
		}
	}
	if _, err := s.read.Exec("DELETE FROM messages"); !errors.Is(classify(err), ErrReadOnly) {
		t.Error("a reader may write:", err)
	}
}

func TestMemoryKeepsNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	s := mustOpen(t, Memory)
	mustCommit(t, s, said(1))
	same(t, "another's last", mustLoad(t, mustOpen(t, Memory)).Last, 0)
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Error(files, err)
	}
}

func TestFileThatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	inFile(t, dir, "CREATE TABLE recipes (x)")
	mustFail(t, dir, ErrForeign)
	dir = t.TempDir()
	inFile(t, dir, "PRAGMA application_id = 7", "PRAGMA user_version = 1")
	mustFail(t, dir, ErrForeign)
}

func TestFileOfANewerVersion(t *testing.T) {
	dir := t.TempDir()
	mustClose(t, mustOpen(t, dir))
	inFile(t, dir, "PRAGMA user_version = 99")
	mustFail(t, dir, ErrVersion)
}

func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	if err := os.WriteFile(path, bytes.Repeat([]byte("garbage "), 1024), 0o600); err != nil {
		t.Fatal(err)
	}
	mustFail(t, dir, ErrCorrupt)

	dir = t.TempDir()
	path = filepath.Join(dir, fileName)
	s := mustOpen(t, dir)
	var numbers []uint64
	for number := uint64(1); number <= 1000; number++ {
		numbers = append(numbers, number)
	}
	mustCommit(t, s, said(numbers...))
	mustClose(t, s)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for at := page; at < len(data); at += page { // all but the schema
		copy(data[at:], bytes.Repeat([]byte{0xff}, 64))
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = Open(dir, options(SyncAlways))
	if err == nil {
		_, err = s.Load(context.Background())
		mustClose(t, s)
	}
	if !errors.Is(err, ErrCorrupt) {
		t.Error(err)
	}
}

// TestNoRandomness wants an error and no folder that is half made.
func TestNoRandomness(t *testing.T) {
	dir := t.TempDir()
	none := errors.New("none")
	if _, err := Open(dir, Options{Random: iotest.ErrReader(none)}); !errors.Is(err, none) {
		t.Error(err)
	}
	s, err := Open(dir, Options{Random: strings.NewReader("0123456789abcdef")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	same(t, "log", s.LogName(), "GAYTEMZUGU3DOOBZMFRGGZDFMY")
}

func TestFolderThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "data"), options(SyncAlways)); err == nil {
		t.Error("opened a folder in a file")
	}
}

// A database without one of its tables is damaged, or not made by this program.
func TestATableIsMissing(t *testing.T) {
	for _, table := range []string{"messages", "facts", "accounts"} {
		dir := t.TempDir()
		mustClose(t, mustOpen(t, dir))
		inFile(t, dir, "DROP TABLE "+table)
		_, faults, err := Check(t.Context(), Database(dir))
		if err != nil || len(faults) != 1 || !strings.Contains(faults[0].Words, "damaged, or another program has made or changed it") || faults[0].Advice != adviceDamage {
			t.Errorf("without %s it is found that %+v, %v", table, faults, err)
		}
		mustFail(t, dir, ErrCorrupt)
	}
}
