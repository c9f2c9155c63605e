//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What others could read or change is closed when the folder is opened, and told; what they still
// can is told each time.
func TestTheDataFolderIsTheOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := mustOpen(t, dir)
	mustCommit(t, s, said(1))
	mustClose(t, s)
	for path, mode := range map[string]os.FileMode{dir: 0o777, Database(dir): 0o644, MarkFile(dir): 0o606, filepath.Join(dir, lockName): 0o660} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	if faults := Rights(dir); len(faults) != 4 || !strings.Contains(faults[0].Words, dir+" (its mode is 0777)") || !strings.Contains(faults[1].Words, Database(dir)+" (its mode is 0644)") {
		t.Errorf("it is found that %+v", faults)
	}
	s = mustOpen(t, dir)
	mustCommit(t, s, said(2))
	for _, path := range kept(dir) {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("the mode of %s is %v", path, info.Mode())
		}
	}
	if size(Database(dir)+"-wal") < 0 || len(s.Found()) != 4 {
		t.Errorf("it is said that %v", s.Found())
	}
	mustClose(t, s)
	if s = mustOpen(t, dir); len(s.Found()) != 1 || !strings.Contains(s.Found()[0].Error(), "chmod 700") {
		t.Errorf("then it is said that %v", s.Found())
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if faults := Rights(dir); len(faults) != 0 {
		t.Errorf("of a folder that others may only list, it is found that %+v", faults)
	}
}

// A file that is a link to one of somebody else is not closed for them.
func TestALinkIsLeft(t *testing.T) {
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	err := os.WriteFile(other, nil, 0o600)
	if err := errors.Join(err, os.Chmod(other, 0o644), os.Symlink(other, filepath.Join(dir, stateName))); err != nil {
		t.Fatal(err)
	}
	mustClose(t, mustOpen(t, dir))
	if info, err := os.Stat(other); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("its mode is %v (%v)", info.Mode(), err)
	}
}
