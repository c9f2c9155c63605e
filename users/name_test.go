package users_test

import (
	"strings"
	"testing"

	"parley/users"
)

func TestValidNamesAreLettersAndDigits(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "Z9": true, "alice": true, "007": true, strings.Repeat("x", 32): true,
		"": false, strings.Repeat("x", 33): false, "a b": false, "a\n": false, "~a": false,
		"é": false, "\xff": false, "a\x00": false, "addr:1": false, "@": false, "[": false, "`": false, "{": false, "/": false, ":": false,
	} {
		if got := users.ValidName(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}
