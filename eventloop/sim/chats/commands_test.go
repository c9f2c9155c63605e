package chats

import (
	"strings"
	"testing"

	"parley/eventloop/client/command"
)

// leftOut are the commands that nobody types here, and why.
var leftOut = map[string]string{
	"compose":  "it opens an editor",
	"forget":   "whose account is deleted is another person, of whom nothing is known here",
	"lockdown": "guests who lose their connection would be kept out for good",
	"login":    "all are logged in from the beginning, and come back by themselves",
	"logout":   "who is logged out is told nothing more",
	"quit":     "it ends the client",
}

// TestCommands makes sure that people type all commands that there are, but for those of
// which is said why not.
func TestCommands(t *testing.T) {
	typed := map[string]bool{"create": true, "dm": true, "reply": true, "msg": true} // by says and live
	for _, lines := range kinds {
		for _, line := range lines {
			word, _, _ := strings.Cut(strings.TrimPrefix(line, "/"), " ")
			typed[word] = true
		}
	}
	for _, c := range command.NewTable().List() {
		switch why := leftOut[c.Name]; {
		case typed[c.Name] && why != "":
			t.Errorf("/%s is typed, and left out: %s", c.Name, why)
		case !typed[c.Name] && why == "":
			t.Errorf("nobody types /%s", c.Name)
		}
	}
}
