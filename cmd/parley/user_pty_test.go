//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// openUser runs parley user in a pseudo terminal.
func openUser(t *testing.T, dir string, args ...string) *screen {
	t.Helper()
	var s *screen
	t.Cleanup(func() { // when all is read
		for _, part := range []string{secret[:8], otherSecret[:8]} {
			if strings.Contains(s.text.String(), part) {
				t.Errorf("a password is on the screen: %q", s.text.String())
			}
		}
	})
	s = openScreen(t, append([]string{"user", "--data", dir}, args...)...)
	return s
}

// A password is asked for twice, and nothing of it is shown.
func TestUserAsksForPasswords(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	const first, second = "New password for alice: ", "The same once more: "
	for _, tt := range []struct {
		name   string
		args   []string
		dialog []string // what is shown, what is typed, and so on
		status int
		says   string
	}{
		{"not the same", []string{"add", "alice"}, []string{first, secret + "\r", second, otherSecret + "\r"}, exitRefused, "not the same: nothing is changed"},
		{"against the rules", []string{"add", "alice"}, []string{first, "short\r"}, exitRefused, "too short"},
		{"Ctrl-C", []string{"add", "alice"}, []string{first, secret + "\x03"}, exitRefused, "interrupted: nothing is changed"},
		{"Ctrl-C later", []string{"add", "alice"}, []string{first, secret + "\r", second, "\x03"}, exitRefused, "interrupted: nothing is changed"},
		{"Ctrl-D", []string{"add", "alice"}, []string{first, "\x04"}, exitRefused, "interrupted: nothing is changed"},
		{"add", []string{"add", "alice"}, []string{first, secret + "\r", second, secret + "\r"}, exitDone, "alice has an account."},
		{"typed ahead and corrected", []string{"passwd", "alice"}, []string{first, otherSecret + "x\x7f\r" + otherSecret + "\r", second, ""}, exitDone, "alice has a new password."},
		{"another name", []string{"delete", "alice"}, []string{"Type the name to delete it: ", "bob\n"}, exitRefused, "another name: nothing is deleted"},
		{"delete nothing", []string{"delete", "alice"}, []string{"Type the name to delete it: ", "\x04"}, exitRefused, "another name: nothing is deleted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := openUser(t, dir, tt.args...)
			for i := 0; i < len(tt.dialog); i += 2 {
				s.shows(tt.dialog[i])
				s.types(tt.dialog[i+1])
			}
			s.shows(tt.says)
			s.ends(tt.status)
			if _, err := os.Stat(dir); (err == nil) != (tt.name == "add" || len(tt.args) > 0 && tt.args[0] != "add") {
				t.Errorf("the folder: %v", err)
			}
		})
	}
	hasPassword(t, stored(t, dir), "alice", otherSecret)

	s := openUser(t, dir, "delete", "alice")
	s.shows("Type the name to delete it: ")
	s.types("alice\n")
	s.shows("The account alice is deleted.")
	s.ends(exitDone)
	if kept := stored(t, dir); len(kept.Accounts) > 0 {
		t.Errorf("there are %v", kept.Accounts)
	}
}

// A signal that ends the program leaves the terminal with echo.
func TestUserIsEndedWhileItAsks(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		s := openUser(t, t.TempDir(), "add", "alice")
		s.shows("New password for alice: ")
		s.types(secret + "\r")
		s.shows("The same once more: ")
		if err := s.proc.Signal(sig); err != nil {
			t.Fatal(err)
		}
		s.shows("interrupted: nothing is changed")
		s.ends(exitRefused)
	}
}

func TestUserImportShowsProgress(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "credentials.txt")
	if err := os.WriteFile(file, []byte("alice "+secret+"\nbob "+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openUser(t, dir, "import", file)
	s.shows("\rPasswords hashed: 1 of 2\rPasswords hashed: 2 of 2\r\n")
	s.shows("Accounts imported: 2. Lines skipped: 0.")
	s.ends(exitDone)
}
