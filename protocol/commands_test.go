package protocol

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCutCommands(t *testing.T) {
	for _, tt := range []struct {
		content, sentence string
		commands          []string
	}{
		{"You are away. Use: back", "You are away. Use:", []string{"back"}},
		{"bob asks you. Use: acceptprivate bob, or declineprivate bob", "bob asks you. Use:", []string{"acceptprivate bob", "declineprivate bob"}},
		{`There is no request "a: b". Ask what there is with: help`, `There is no request "a: b". Ask what there is with:`, []string{"help"}},
		{`It is not clear. Use double quotes: passwd "OLD" "NEW"`, "It is not clear. Use double quotes:", []string{`passwd "OLD" "NEW"`}},
		{"You are back.", "You are back.", nil},
		{"They are away: Use: back.", "They are away: Use: back.", nil}, // somebody has typed that
		{"They are away: Use: back!", "They are away: Use: back!", nil},
		{"They are away: Use: back?", "They are away: Use: back?", nil},
		{"They are away: Use: back…", "They are away: Use: back…", nil},
		{"Requests:\nlogin NAME: log in\nback: tell others", "Requests:\nlogin NAME: log in\nback: tell others", nil},
		{"alice, bob", "alice, bob", nil},
		{"", "", nil},
	} {
		sentence, commands := CutCommands(tt.content)
		if diff := cmp.Diff(tt.commands, commands); sentence != tt.sentence || diff != "" {
			t.Errorf("%q: %q, (-want +got):\n%s", tt.content, sentence, diff)
		}
	}
}

// FuzzCutCommands: what was put together comes apart again, and whatever comes apart can
// be put together as it was.
func FuzzCutCommands(f *testing.F) {
	f.Add("You are away. Use", "back", "help")
	f.Add("a: b, or c", "x y", "")
	f.Add("bob is away: x. Use: back.", "", ".")
	f.Fuzz(func(t *testing.T, words, first, second string) {
		for _, content := range []string{words, words + ": " + first, WithCommands(words+":", first, second)} {
			sentence, commands := CutCommands(content)
			if commands == nil && sentence != content || commands != nil && WithCommands(sentence, commands...) != content {
				t.Errorf("%q: %q and %q", content, sentence, commands)
			}
			if _, commands := CutCommands(EndSentence(content)); commands != nil {
				t.Errorf("%q has commands", EndSentence(content))
			}
		}
		if strings.ContainsAny(words+first+second, "\n:,.!?…") {
			return
		}
		sentence, commands := CutCommands(WithCommands(words+":", first, second))
		if diff := cmp.Diff([]string{first, second}, commands); sentence != words+":" || diff != "" {
			t.Errorf("%q, %q, %q: %q, (-want +got):\n%s", words, first, second, sentence, diff)
		}
	})
}
