package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
)

// accountOfAlice is a chat in which alice has registered and has left.
func accountOfAlice(t *testing.T, cfg server.Config) chat {
	cfg.AccountsRequired = false
	c := newChat(t, cfg)
	alice := c.net.Dial()
	c.send(alice, protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: "blue horses", Register: true, Extended: true})
	c.net.Advance(time.Second)
	if got := c.responses(alice); len(got) == 0 || got[0].Data.State != protocol.StateAccount {
		t.Fatalf("%+v", got)
	}
	alice.HangUp()
	c.net.Run()
	return c
}

// Where everybody needs an account, nobody learns from an answer who has one,
// however the password is sent, nor whether somebody is logged in.
func TestLoginsDoNotTellAccountsApart(t *testing.T) {
	cfg := config()
	cfg.Clock = func() time.Time { return start }
	cfg.Logins.Failures = 0 // no blocking, so that all can be tried
	cfg.Logins.AddrFailures = 0
	for what, form := range map[string]string{
		"no password":         `{"request":"login","content":"%s"}`,
		"a key":               `{"request":"login","content":"%s","password":"wrong horse"}`,
		"a key, extended":     `{"request":"login","content":"%s","password":"wrong horse","extended":1}`,
		"behind the name":     `{"request":"login","content":"%s wrong horse"}`,
		"one word behind it":  `{"request":"login","content":"%s wrong"}`,
		"a field":             `{"request":"login","content":{"name":"%s","password":"wrong horse"}}`,
		"a key for takeover":  `{"request":"login","content":"%s","password":"wrong horse","takeover":true}`,
		"an empty key":        `{"request":"login","content":"%s","password":""}`,
		"a field and no name": `{"request":"login","content":{"password":"wrong horse"}}`,
	} {
		t.Run(what, func(t *testing.T) {
			c := accountOfAlice(t, cfg).required()
			ask := func(name string) string {
				request := form
				if strings.Contains(form, "%s") {
					request = fmt.Sprintf(form, name)
				}
				conn := c.net.Dial()
				conn.Send([]byte(request + "\n"))
				c.net.Advance(time.Second)
				got := c.responses(conn)
				if len(got) != 1 || got[0].Kind != protocol.KindError {
					t.Fatalf("%s: %+v", request, got)
				}
				return got[0].Content
			}
			known, unknown := ask("alice"), ask("zoe")
			alice := c.net.Dial()
			c.send(alice, protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: "blue horses"})
			c.net.Advance(time.Second)
			if got := c.responses(alice); len(got) == 0 || got[0].Kind != protocol.KindInfo {
				t.Fatalf("the right password: %+v", got)
			}
			if there := ask("alice"); known != unknown || there != known {
				t.Errorf("an account is told %q, another name %q, an account that is logged in %q", known, unknown, there)
			}
		})
	}
}

// required returns the same chat after its owner has made accounts required.
func (c chat) required() chat {
	c.Config.AccountsRequired = true
	c.Crash()
	c.net = c.Net
	return c
}
