package store

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"parley/users/state"
)

var theirs = state.Mark{Stream: "river", Position: 7, Message: 42}

// keepTheirs has a folder keep what a node has.
func keepTheirs(t *testing.T, dir string, last uint64) {
	t.Helper()
	s := mustOpen(t, dir)
	rows := said(last)
	rows.Mark = &theirs
	rows.Count = 1
	if err := s.Commit(&rows); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
}

// looks fails the test if a folder has something else.
func looks(t *testing.T, dir string, want state.Mark, isEmpty bool) {
	t.Helper()
	mark, empty, err := Look(t.Context(), Database(dir))
	if err != nil || mark != want || empty != isEmpty {
		t.Errorf("%s is at %v, empty %v: %v", dir, mark, empty, err)
	}
}

func TestWhatAFolderHasOfAStream(t *testing.T) {
	dir := t.TempDir()
	looks(t, dir, state.Mark{}, true)
	if _, err := os.Stat(Database(dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("looking has made a database")
	}
	mustClose(t, mustOpen(t, dir))
	looks(t, dir, state.Mark{}, true)
	keepTheirs(t, dir, 5)
	looks(t, dir, theirs, false)
	s := mustOpen(t, dir)
	looks(t, dir, theirs, false) // while a server has it
	mustClose(t, s)

	alone := t.TempDir()
	s = mustOpen(t, alone)
	if err := s.Commit(&state.Rows{Accounts: []state.AccountRow{{Account: account("alice")}}, Time: noon, Count: 1}); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	looks(t, alone, state.Mark{}, false)
}

// given returns a fetch that brings a copy of what a folder has, with a snapshot.
func given(t *testing.T, from, snapshot string) func(string) (string, string, error) {
	return func(folder string) (string, string, error) {
		copied, err := CopyInto(t.Context(), from)
		if err != nil {
			return "", "", err
		}
		database, state := filepath.Join(folder, "one"), filepath.Join(folder, "two")
		return database, state, errors.Join(os.Rename(copied, database), os.WriteFile(state, []byte(snapshot), 0o600))
	}
}

func mustReceive(t *testing.T, dir string, fetch func(string) (string, string, error)) {
	t.Helper()
	if _, faults, err := Receive(t.Context(), dir, fetch); err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
}

// Both files are put in the place of what was there, whatever that was.
func TestReceive(t *testing.T) {
	from := t.TempDir()
	keepTheirs(t, from, 5)
	older := t.TempDir()
	keepTheirs(t, older, 3)
	if err := KeepState(older, []byte("old")); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{filepath.Join(t.TempDir(), "new"), older} {
		mustReceive(t, to, given(t, from, "new"))
		looks(t, to, theirs, false)
		if b, err := LoadState(to); string(b) != "new" || err != nil {
			t.Errorf("the snapshot is %q: %v", b, err)
		}
		s := mustOpen(t, to)
		if kept, err := s.Load(t.Context()); err != nil || kept.Last != 5 {
			t.Errorf("it has all up to %d: %v", kept.Last, err)
		}
		mustClose(t, s)
	}
}

// A backup of a node is that of a single server, and so is what is restored from a node's database.
// No snapshot of a node is beside it.
func TestABackupOfANode(t *testing.T) {
	from, one, two := t.TempDir(), t.TempDir(), t.TempDir()
	keepTheirs(t, from, 5)
	file, _ := mustBackup(t, from)
	for _, dir := range []string{one, two} { // what was left there
		if err := KeepState(dir, []byte("old")); err != nil {
			t.Fatal(err)
		}
	}
	mustRestore(t, file, one, false)
	mustRestore(t, Database(from), two, false)
	looks(t, one, state.Mark{}, false)
	looks(t, two, state.Mark{}, false)
	looks(t, from, theirs, false)
	for _, dir := range []string{one, two} {
		if b, err := LoadState(dir); b != nil || err != nil {
			t.Errorf("the snapshot is %q: %v", b, err)
		}
	}
}

// What does not come, is damaged, or is for a folder that is in use changes nothing.
func TestNothingIsReceived(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	keepTheirs(t, from, 5)
	keepTheirs(t, to, 3)
	if err := KeepState(to, []byte("old")); err != nil {
		t.Fatal(err)
	}
	before := sums(t, to)
	same := func(what string) {
		t.Helper()
		if now := sums(t, to); len(now) != len(before) || !slices.Equal(keysOf(now), keysOf(before)) || now[fileName] != before[fileName] || now[stateName] != before[stateName] {
			t.Errorf("%s: it is %v, and was %v", what, keysOf(now), keysOf(before))
		}
	}
	lost := errors.New("the line is dead")
	if _, _, err := Receive(t.Context(), to, func(folder string) (string, string, error) {
		return "", "", errors.Join(lost, os.WriteFile(filepath.Join(folder, "half"), []byte("x"), 0o600))
	}); !errors.Is(err, lost) {
		t.Errorf("it says %v", err)
	}
	same("nothing has come")
	_, faults, err := Receive(t.Context(), to, func(folder string) (string, string, error) {
		database, state, err := given(t, from, "new")(folder)
		return database, state, errors.Join(err, os.Truncate(database, 8192))
	})
	if err != nil || len(faults) == 0 {
		t.Errorf("a half database has the faults %v: %v", faults, err)
	}
	same("it is half a database")
	s := mustOpen(t, to)
	if _, _, err := Receive(t.Context(), to, given(t, from, "new")); !errors.Is(err, ErrInUse) {
		t.Errorf("of a folder that is in use it says %v", err)
	}
	mustClose(t, s)
	same("it was in use")
}

// What was left by a process that was killed goes at the next opening; nothing else does.
func TestHalvesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	keepTheirs(t, dir, 5)
	if err := KeepState(dir, []byte("kept")); err != nil {
		t.Fatal(err)
	}
	want := append(keysOf(sums(t, dir)), "notes.new", "parley.db.old")
	slices.Sort(want)
	if _, err := CopyInto(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"parley.state.123", "parley.db.456.new-journal", "parley.received/database", "notes.new", "parley.db.old"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, mustOpen(t, dir))
	if after := keysOf(sums(t, dir)); !slices.Equal(after, want) {
		t.Errorf("there are %v, and not %v", after, want)
	}
}

func keysOf(files map[string][32]byte) []string { return slices.Sorted(maps.Keys(files)) }
