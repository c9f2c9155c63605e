package names

import (
	"strings"
	"testing"
)

func TestIsServer(t *testing.T) {
	for sender, want := range map[string]bool{"": true, "server": true, "[Server]": true, "ChatServer": true, " ": true, "bob": false, "servers": false} {
		if IsServer(sender) != want {
			t.Errorf("%q is a server: %v", sender, !want)
		}
	}
}

func TestIn(t *testing.T) {
	for content, want := range map[string]string{
		"alice, bob": "alice|bob", "alice\nbob\n": "alice|bob", "alice bob": "alice|bob", "['alice', 'bob']": "alice|bob",
		"Users online: alice, bob.": "alice|bob.", "": "",
	} {
		if got := strings.Join(In(content), "|"); got != want {
			t.Errorf("%q has the names %q", content, got)
		}
	}
}

func TestLists(t *testing.T) {
	for content, want := range map[string]bool{
		"alice, bob": true, "bob; carl": true, "bob\ncarl": true, "Users: bob, carl": true, "only Alice": true,
		"bob": false, "bob has come": false, "bob has come, carl": false, "malice is here": false, "": false,
	} {
		if Lists(content, "alice") != want {
			t.Errorf("%q lists names: %v", content, !want)
		}
	}
}
