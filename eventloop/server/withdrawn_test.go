package server_test

import (
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

// Of a message that is removed nothing is told any more to who still waits for it, whatever it
// waits in: answers to it, lists, what was found. What else is in there stays.
func TestNothingIsToldOfWhatWasRemovedMeanwhile(t *testing.T) {
	const login = `{"request":"login","content":{"name":"bob","password":"correct horse battery"}}`
	for name, tt := range map[string]struct {
		form  protocol.HistoryForm
		alice string // what she sends, for which bob then waits
		bob   string // what he sends, likewise
		want  string // he is told
	}{
		"an answer to it":        {alice: `{"request":"msg","content":{"text":"yes","re":2}}`, want: "(re 2) yes"},
		"a direct answer to it":  {alice: `{"request":"dm","content":{"name":"bob","text":"yes","re":2}}`, want: "(re 2) (to you alone) yes"},
		"its other text":         {alice: `{"request":"edit","content":{"id":2,"text":"other secret"}}`, want: "removed message 2"},
		"a reaction to it":       {alice: `{"request":"react","content":{"id":2,"word":"secret"}}`, want: "removed message 2"},
		"a reaction to a direct": {alice: `{"request":"react","content":{"id":3,"word":"secret"}}`, want: "removed the direct message 3"},
		"a page of the past":     {bob: `{"request":"history","content":"10"}`, want: "(1) kept"},
		"what was found":         {bob: `{"request":"search","content":"secret"}`, want: "alice, 2026-11-21 09:30: (removed)"},
		"an export":              {bob: `{"request":"export"}`, want: `\"kind\":\"account\"`},
		"a past of strings":      {form: protocol.HistoryStrings, bob: login, want: `\"content\":\"(removed)\"`},
		"a past of objects":      {form: protocol.HistoryObjects, bob: login, want: `"content":"(removed)"`},
		"a past of one text":     {form: protocol.HistoryText, bob: login, want: "alice: (removed)"},
		"a past of messages":     {form: protocol.HistoryReplay, bob: login, want: `"content":"kept"`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config()
			if tt.form != "" {
				cfg.PlainHistory = tt.form
			}
			c := newChat(t, cfg)
			alice, bob := c.login("alice", true), c.login("bob", false)
			c.send(bob, protocol.Request{Verb: "register", Content: protocol.Content{Text: "correct horse battery"}})
			c.net.Advance(3 * time.Second)
			c.say(alice, "kept")
			c.say(alice, "the secret")
			c.send(alice, protocol.Request{Verb: "dm", Content: protocol.Content{Text: "bob a secret, too"}})
			c.net.Advance(3 * time.Second)
			if tt.bob == login {
				bob.HangUp()
				bob = c.net.Dial()
			}
			c.read(bob)
			c.raw(bob, `{"request":"help"}`) // goes out at once; what comes behind it waits
			if tt.alice != "" {
				c.raw(alice, tt.alice)
			} else {
				c.raw(bob, tt.bob)
			}
			c.net.Advance(c.Disk.Delay)
			if before := strings.Join(c.read(bob), ""); strings.Contains(before, "secret") || strings.Contains(before, "Login") {
				t.Fatalf("it does not wait: %s", before)
			}
			c.raw(alice, `{"request":"remove","content":"2"}`)
			c.raw(alice, `{"request":"remove","content":"3"}`)
			c.net.Advance(3 * time.Second)
			told := strings.Join(c.read(bob), "")
			if strings.Contains(told, "secret") || !strings.Contains(strings.ReplaceAll(told, `\\"`, `\"`), tt.want) {
				t.Errorf("bob is told, and not %q: %s", tt.want, told)
			}
		})
	}
}
