package users_test

import (
	"strings"
	"testing"

	"parley/users"
)

func TestPhrase(t *testing.T) {
	for _, tt := range []struct{ happened, want string }{
		{"alice+", "alice logged in"},
		{"alice+ bob+", "alice and bob logged in"},
		{"alice+ bob+ carl+", "alice, bob and carl logged in"},
		{"alice+ dora- bob+ carl!", "alice and bob logged in; dora logged out; carl lost the connection"},
		{"alice+ bob+ ALICE-", "bob logged in; ALICE logged out"},
		{"bob- bob+", "bob logged in"},
		{"a+ b+ c+ d+ e+ f+", "a, b, c, d, e and f logged in"},
		{"a+ b+ c+ d+ e+ f+ g+", "a, b, c, d, e and 2 others logged in"},
	} {
		var all []users.Announcement
		for _, word := range strings.Fields(tt.happened) {
			last := len(word) - 1
			change := map[byte]users.Change{'+': users.LoggedIn, '-': users.LoggedOut, '!': users.LostConnection}[word[last]]
			all = append(all, users.Announcement{Name: word[:last], Change: change})
		}
		if got := users.Phrase(all); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.happened, got, tt.want)
		}
	}
}
