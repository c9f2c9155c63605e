//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

// A link in the data folder to a file of somebody else leaves that file as it is, whose it is, what it
// has and who may use it: also when root opens a folder in which its owner has put the link.
func TestALinkIsLeft(t *testing.T) {
	for _, name := range []string{stateName, lockName, markName} {
		t.Run(name, func(t *testing.T) {
			dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
			err := os.WriteFile(other, []byte("theirs"), 0o600)
			if err := errors.Join(err, os.Chmod(other, 0o644), os.Symlink(other, filepath.Join(dir, name))); err != nil {
				t.Fatal(err)
			}
			if os.Geteuid() == 0 {
				if err := os.Chown(dir, somebody, somebody); err != nil {
					t.Fatal(err)
				}
			}
			s, err := Open(dir, options(SyncAlways))
			if err == nil {
				mustCommit(t, s, said(1))
				mustClose(t, s)
			}
			if opened := name == stateName; (err == nil) != opened || !opened && !strings.Contains(err.Error(), filepath.Join(dir, name)+" is a symbolic link") {
				t.Errorf("it is opened with %v", err)
			}
			info, err := os.Stat(other)
			if err != nil || info.Mode().Perm() != 0o644 || int(info.Sys().(*syscall.Stat_t).Uid) != os.Geteuid() {
				t.Errorf("the file is %+v (%v)", info.Sys(), err)
			}
			if content, err := os.ReadFile(other); err != nil || string(content) != "theirs" {
				t.Errorf("the file has %q (%v)", content, err)
			}
		})
	}
}

// somebody is another user than root.
const somebody = 65534
