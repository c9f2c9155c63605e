package client

import (
	"slices"
	"strings"
	"testing"

	"parley/eventloop/client/command"
	"parley/protocol"
)

func TestAsTyped(t *testing.T) {
	table := command.NewTable()
	for content, want := range map[string]string{
		"You are away. Use: back":                                                     "You are away. Use: /back",
		"That is you. Use: dm NAME TEXT":                                              "That is you. Use: /dm NAME TEXT",
		"bob asks you. Use: acceptprivate bob, or declineprivate bob":                 "bob asks you. Use: /accept bob, or /decline bob",
		"Your name is not registered. Use: register PASSWORD":                         "Your name is not registered. Use: /register",
		`There is no request "x". Ask what there is with: help`:                       `There is no request "x". Ask what there is with: /help`,
		`It is not clear. Use double quotes: passwd "OLD" "NEW"`:                      "It is not clear. Use double quotes: /passwd",
		"Use: relay NAME SESSION CREDIT [DATA]":                                       "Use: relay NAME SESSION CREDIT [DATA]", // no person types that
		"You have a private session with back already. End it with: stopprivate back": "You have a private session with back already. End it with: /stopprivate back",
		"bob is away: Use: back.":                                                     "bob is away: Use: back.",
		"Use: Back":                                                                   "Use: Back",
		"Use: back, or juggle":                                                        "Use: back, or juggle",
		"You are back.":                                                               "You are back.",
		"":                                                                            "",
	} {
		if got := asTyped(table, content); got != want {
			t.Errorf("%q: %q, want %q", content, got, want)
		}
	}
}

// FuzzAsTyped: whatever a server says, only the commands at its end change, and they
// become commands of this client.
func FuzzAsTyped(f *testing.F) {
	table := command.NewTable()
	f.Add("You are away. Use: back")
	f.Add("bob asks you. Use: acceptprivate bob, or declineprivate bob")
	f.Add("bob is away: x. Use: back.")
	f.Fuzz(func(t *testing.T, content string) {
		got := asTyped(table, content)
		if got == content {
			return
		}
		sentence, verbs := protocol.CutCommands(content)
		rest, ok := strings.CutPrefix(got, sentence+" ")
		typed := strings.Split(rest, ", or ")
		if !ok || len(typed) != len(verbs) {
			t.Fatalf("%q: %q", content, got)
		}
		for _, c := range typed {
			word, _, _ := strings.Cut(c, " ")
			if name, ok := strings.CutPrefix(word, "/"); !ok || table.Lookup(name) == nil {
				t.Errorf("%q: %q is not typed here", content, c)
			}
		}
	})
}

// The names in an answer are those that it lists, whatever they are.
func TestListNames(t *testing.T) {
	for _, tt := range []struct {
		content, names string
		away           protocol.Absences
		want           string
	}{
		{"alice, bob", "alice bob", nil, "Connected (2): alice, bob"},
		{"back", "back", nil, "Connected (1): back"},
		{"alice, bob", "alice bob", protocol.Absences{"bob": "", "carl": "not listed"}, "Connected (2): alice, bob (away)"},
		{"aIice, bob", "aIice bob", protocol.Absences{"aIice": ""}, "Connected (2): aIice (not alice) (away), bob"},
		{"2 of 2: 2", "2", protocol.Absences{"2": "asleep"}, "2 of 2: 2 (away: asleep)"},
		{"2 of 2: 5, and 5 more", "5", nil, "2 of 2: 5, and 5 more"},
		{"Blocked by whom? bob", "bob", protocol.Absences{"bob": ""}, "Blocked by whom? bob"},
		{"alice, bobby", "alice bob", nil, "alice, bobby"},
	} {
		r := protocol.Response{Content: tt.content, Data: &protocol.Data{Event: protocol.EventNames, Names: strings.Fields(tt.names), Away: tt.away, Likes: protocol.Likes{"aIice": "alice"}}}
		before := slices.Clone(r.Data.Names)
		if got := listNames(r); got != tt.want || !slices.Equal(before, r.Data.Names) {
			t.Errorf("%q: %q, want %q", tt.content, got, tt.want)
		}
	}
}

func TestAwayWords(t *testing.T) {
	for why, want := range map[string]string{
		"":                      "away",
		"\x1b[31m\u200b":        "away",
		"at lunch":              "away: at lunch",
		" på ferie\ttil mandag": "away: på ferie til mandag",
		"until 14:00":           `away: "until 14:00"`,
		"x), carl (away":        `away: "x), carl (away"`,
		`"`:                     `away: "'"`,
		"back.":                 `away: "back."`,
		strings.Repeat("a", 41): `away: "` + strings.Repeat("a", 37) + `..."`,
	} {
		if got := awayWords(why); got != want {
			t.Errorf("%q: %q, want %q", why, got, want)
		}
	}
}
