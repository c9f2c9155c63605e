package users_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"parley/users"
	"pgregory.net/rapid"
)

func TestCheckPassword(t *testing.T) {
	for _, test := range []struct {
		name, password string
		want           error
	}{
		{"alice", "", users.ErrPasswordShort},
		{"alice", "7 bytes", users.ErrPasswordShort},
		{"alice", "8 bytes!", nil},
		{"alice", "ääää", nil}, // 8 bytes
		{"alice", strings.Repeat("x", 255) + "y", nil},
		{"alice", strings.Repeat("x", 256) + "y", users.ErrPasswordLong},
		{"alexandros", "alexandros", users.ErrPasswordIsName},
		{"Alexandros", "aLEXANDROS", users.ErrPasswordIsName},
		{"alexandros", "alexandros1", nil},
		{"alice", "password", users.ErrPasswordCommon},
		{"alice", "PassWord123", users.ErrPasswordCommon},
		{"alice", "12345678", users.ErrPasswordCommon},
		{"alice", "zzzzzzzz", users.ErrPasswordCommon},
		{"alice", "correct horse battery staple", users.ErrPasswordCommon},
		{"alice", "password\n12345678", nil}, // two of them are not one of them
		{"password", "password", users.ErrPasswordIsName},
	} {
		if err := users.CheckPassword(test.name, test.password); !errors.Is(err, test.want) {
			t.Errorf("%s: %q: got %v, want %v", test.name, test.password, err, test.want)
		}
	}
}

// TestTheCommonestPasswords holds the list to the form that it is searched in.
func TestTheCommonestPasswords(t *testing.T) {
	b, err := os.ReadFile("common_passwords.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	if len(lines) < 200 || !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Errorf("%d lines, sorted: %v", len(lines), slices.IsSorted(lines))
	}
	for _, line := range lines {
		if line != strings.ToLower(line) || len(line) < users.MinPassword || line != strings.TrimSpace(line) {
			t.Errorf("%q is never found", line)
		}
		if err := users.CheckPassword("alice", strings.ToUpper(line)); !errors.Is(err, users.ErrPasswordCommon) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// TestAPasswordIsTakenWithinTheBounds: only its length, the name and the list count.
func TestAPasswordIsTakenWithinTheBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		password := rapid.String().Draw(t, "password")
		err := users.CheckPassword("alice", password)
		fits := len(password) >= users.MinPassword && len(password) <= users.MaxPassword
		if fits != (err == nil || errors.Is(err, users.ErrPasswordCommon)) {
			t.Fatalf("%q, %d bytes: %v", password, len(password), err)
		}
	})
}
