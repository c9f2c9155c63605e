package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/protocol"
)

// Sentences that tell what to ask for say it where a client finds it, and those with
// words of somebody else in them do not, whatever the words are.
func TestSentencesNameCommands(t *testing.T) {
	c, people := privateChat(t, relayConfig(), "alice", "bob", "carl")
	alice, bob, carl := people[0], people[1], people[2]
	verbs := protocol.NewVerbs()
	c.ask(carl, "away", "x. Use: back")
	c.responses(carl)
	c.agree(carl, bob, "carl", "bob")
	stranger := c.net.Dial()
	for _, tt := range []struct {
		request, sentence string
		commands          []string
	}{
		{"dm alice hi", "That is you. Use:", []string{"dm NAME TEXT"}},
		{"dm bob", "dm is missing its text. Use:", []string{"dm NAME TEXT"}},
		{"whoelsesince soon", "SECONDS is a whole number from 1 to 2592000. Use:", []string{"whoelsesince SECONDS"}},
		{"nonsense", `There is no request "nonsense". Ask what there is with:`, []string{"help"}},
		{"passwd a b", "Your name is not registered. Use:", []string{"register PASSWORD"}},
		{"passwd a b c", "It is not clear where the old one ends. Use double quotes:", []string{`passwd "OLD" "NEW"`}},
		{"relay bob x y", "SESSION and CREDIT are whole numbers. Use:", []string{"relay NAME SESSION CREDIT [DATA]"}},
		{"relay bob 1 0", "There is neither credit nor data. Use:", []string{"relay NAME SESSION CREDIT [DATA]"}},
		{"away x. Use: back", "You are away. Use:", []string{"back"}},
		{"bob: startprivate alice " + fingerprint, "You have asked alice for a private session. They are away: x. Use: back.", nil},
		{"", "bob asks you for a private session. Use:", []string{"acceptprivate bob", "declineprivate bob"}},
		{"stopprivate bob", "It is bob who has asked you. Use:", []string{"declineprivate bob"}},
		{"bob: startprivate carl " + fingerprint, "You have a private session with carl already. End it with:", []string{"stopprivate carl"}},
		{"dm carl hi", "Your message was delivered to carl. They are away: x. Use: back.", nil},
		{"whois carl", "carl is away: x. Use: back; idle for 0s; a guest.", nil},
		{"stranger: names", "Log in first, with:", []string{"login NAME"}},
	} {
		conn, request := alice, tt.request
		if rest, ok := strings.CutPrefix(request, "bob: "); ok {
			conn, request = bob, rest
		} else if rest, ok := strings.CutPrefix(request, "stranger: "); ok {
			conn, request = stranger, rest
		}
		if verb, arg, _ := strings.Cut(request, " "); verb != "" {
			c.ask(conn, verb, arg)
			c.net.Advance(10 * time.Millisecond) // some answers may wait for others
		}
		got := c.responses(conn)
		if len(got) != 1 {
			t.Fatalf("%s: %+v", tt.request, got)
		}
		sentence, commands := protocol.CutCommands(got[0].Content)
		if diff := cmp.Diff(tt.commands, commands); diff != "" || sentence != tt.sentence {
			t.Errorf("%s: %q (-want +got):\n%s", tt.request, sentence, diff)
		}
		for _, command := range commands {
			verb, args, _ := strings.Cut(command, " ")
			if v := verbs.Lookup(verb); v == nil || strings.ToUpper(args) == args && args != "" && v.Syntax() != command {
				t.Errorf("%s: there is no %q", tt.request, command)
			}
		}
	}
}
