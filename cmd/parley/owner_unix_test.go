//go:build unix

package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"parley/users/store"
)

// nobody is a user who has nothing.
const nobody = 65534

// openFolder returns a folder that other users can reach, which t.TempDir is not.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "parley-owner-")
	if err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// asNobody returns parley as another user runs it, from a copy of the program in a folder that this
// user can reach.
func asNobody(t *testing.T, program string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := parley(t, args...)
	if _, err := os.Stat(program); err != nil {
		from, err := os.Open(cmd.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close()
		to, err := os.OpenFile(program, os.O_CREATE|os.O_WRONLY, 0o755)
		if err == nil {
			_, err = io.Copy(to, from)
		}
		if err := errors.Join(err, to.Close(), os.Chmod(program, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Path, cmd.Dir = program, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd
}

// What root does in the data folder of another user leaves a folder that this user's server can use.
func TestRootInTheFolderOfAnother(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("to be another user needs root")
	}
	place := openFolder(t)
	dir, program, backup := filepath.Join(place, "data"), filepath.Join(place, "parley"), filepath.Join(t.TempDir(), "backup.db")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	serves := func(behind string) {
		t.Helper()
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if info, statErr := os.Lstat(path); err == nil && statErr == nil {
				if of := info.Sys().(*syscall.Stat_t); of.Uid != nobody || of.Gid != nobody {
					t.Errorf("behind %s, %s belongs to %d:%d", behind, path, of.Uid, of.Gid)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s := startLogging(t, asNobody(t, program, "serve", "--listen", "127.0.0.1:0", "--data", dir))
		s.until("listening on ")
		s.signal(syscall.SIGTERM)
		for range s.lines { // until it has ended
		}
		if err := s.end(); err != nil {
			t.Errorf("behind %s, it ends with %v", behind, err)
		}
	}
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	serves("user add")
	mustDo(t, "", "hook", "add", "lobby", "NewsHook", "--data", dir)
	serves("hook add")
	mustDo(t, "up to number", "backup", backup, "--data", dir)
	serves("backup")
	mustDo(t, "has all that the backup has", "restore", backup, "--data", dir, "--replace")
	serves("restore")
	if err := errors.Join(os.Remove(store.MarkFile(dir)), os.WriteFile(store.MarkFile(dir), nil, 0o600)); err != nil { // as an older version has left it
		t.Fatal(err)
	}
	says := func(want string, args ...string) {
		t.Helper()
		said, err := asNobody(t, program, args...).CombinedOutput()
		if err == nil || !strings.Contains(string(said), want) {
			t.Errorf("parley %s: %v, %s; want %s", args[0], err, said, want)
		}
	}
	theirs := " belongs to root (uid 0) (its mode is 0600), and this is "
	says(store.MarkFile(dir)+theirs, "serve", "--listen", "127.0.0.1:0", "--data", dir)
	if err := os.Chown(store.Database(dir), 0, 0); err != nil {
		t.Fatal(err)
	}
	says(store.Database(dir)+theirs, "serve", "--listen", "127.0.0.1:0", "--data", dir)
	says(store.Database(dir)+theirs, "check", dir)
	unreadable := filepath.Join(place, "backup.db")
	if err := os.WriteFile(unreadable, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	says(unreadable+theirs, "restore", unreadable, "--data", dir)
	says(unreadable+theirs, "check", unreadable)
}

// Of a file of the data folder that this user may not use, and of the folder, a command says which it
// is, whose, and what to do, and leaves all as it is.
func TestWhatMayNotBeUsed(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("to be another user needs root")
	}
	place := openFolder(t)
	program := filepath.Join(place, "parley")
	for _, of := range []string{"", "parley.db", "parley.db-wal", "parley.db-shm", "parley.lock", "parley.mark"} {
		dir := filepath.Join(place, "of-"+of)
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, nobody, nobody)); err != nil {
			t.Fatal(err)
		}
		userDoes(t, dir, secret, "alice has an account", "add", "alice")
		path := filepath.Join(dir, of)
		if f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); of != "" && errors.Join(err, f.Close()) != nil { // a log is there that was left
			t.Fatal(err)
		}
		if err := os.Chown(path, 0, 0); err != nil {
			t.Fatal(err)
		}
		before := filesOf(t, dir)
		for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0", "--data", dir}, {"user", "list", "--data", dir}} {
			said, err := asNobody(t, program, args...).CombinedOutput()
			want := path + " belongs to root (uid 0) (its mode is "
			if err == nil || !strings.Contains(string(said), want) || !strings.Contains(string(said), "run this as the owner, or have root give it to this user (chown)") {
				t.Errorf("parley %s: %v, %s; want %s", args[0], err, said, want)
			}
		}
		if now := filesOf(t, dir); now != before {
			t.Errorf("%q may not be used: before there was %s, now %s", of, before, now)
		}
	}
}

// filesOf lists the files of a folder that are not empty, with what they have.
func filesOf(t *testing.T, dir string) (all string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		content, readErr := os.ReadFile(filepath.Join(dir, e.Name()))
		err = errors.Join(err, readErr)
		if len(content) > 0 {
			all += fmt.Sprintf("%s %x\n", e.Name(), sha256.Sum256(content))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// That others could use the data folder is found by a check and told by the server, which closes
// what it can.
func TestAnOpenDataFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	if err := errors.Join(os.Chmod(dir, 0o777), os.Chmod(store.Database(dir), 0o644)); err != nil {
		t.Fatal(err)
	}
	status, says := does(t, "check", dir)
	for _, want := range []string{dir + " (its mode is 0777)", "close it with chmod 700", store.Database(dir) + " (its mode is 0644)", "has faults: 2"} {
		if status != exitRefused || !strings.Contains(says, want) {
			t.Errorf("check: exit status %d, %q; want %q", status, says, want)
		}
	}
	s := serveLogging(t, "--data", dir)
	s.until("others could use " + store.Database(dir))
	s.until("others can write in the data folder " + dir)
	s.until("listening on ")
	for _, of := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(store.Database(dir) + of); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("parley.db%s: %v, %v", of, info, err)
		}
	}
	s.signal(syscall.SIGTERM)
	for range s.lines { // until it has ended
	}
	if err := errors.Join(s.end(), os.Chmod(dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	mustDo(t, "is sound", "check", dir)
}
