package server

import (
	"fmt"
	"testing"
	"time"

	"parley/protocol"
	"parley/users/command"
	"parley/users/tail"
)

// What a guest has left for an account is there when the guest is not known any more.
func TestWhatAGuestHasLeftStays(t *testing.T) {
	for _, lost := range []bool{false, true} {
		c := newTestCore(t, benchConfig(), tail.Limit)
		c.outside(&command.AddAccount{Name: "dora", Hash: "hash"})
		guest := c.enter("guest", "")
		c.ask(guest, `{"request":"dm","content":"dora hello"}`)
		c.settle()
		if lost {
			c.Closed(guest, c.now)
			c.now = c.now.Add(DefaultGuestGrace + time.Second)
			c.Tick(c.now)
		} else {
			c.ask(guest, `{"request":"logout"}`)
		}
		c.settle()
		if got := c.account("dora", call{}); got != "login, history, 1 hello" {
			t.Errorf("lost: %v: dora is told %s", lost, got)
		}
	}
}

// account logs an account in whose hash is "hash", as a request asks for, and returns
// what it is told.
func (c *testCore) account(name string, r call) string {
	c.Helper()
	id := c.connect()
	r.now, r.Extended = c.now, true
	if err := c.Core.enter(c.sessions.get(id), r, &command.Enter{Name: name, Verified: "hash", Takeover: true}); err != nil {
		c.Fatal(err)
	}
	c.settle()
	return c.take(id)
}

// What was said to a guest who has an account now is the account's, however it was made.
func TestWhatWasSaidToAGuestIsTheAccounts(t *testing.T) {
	for name, register := range map[string]func(c *testCore, guest *session, token string){
		"by the guest": func(c *testCore, guest *session, token string) {
			_ = c.propose(guest, &call{now: c.now}, "dora", &command.Register{By: guest.by(), Hash: "hash"}, nil)
		},
		"with a login": func(c *testCore, guest *session, token string) {
			id := c.connect()
			r := call{now: c.now}
			r.Extended, r.Token = true, token
			if err := c.Core.enter(c.sessions.get(id), r, &command.Enter{Name: "dora", Hash: "hash"}); err != nil {
				c.Fatal(err)
			}
		},
		"with a login after the connection was lost": func(c *testCore, guest *session, token string) {
			c.Closed(guest.id, c.now)
			id := c.connect()
			r := call{now: c.now}
			r.Extended, r.Token = true, token
			if err := c.Core.enter(c.sessions.get(id), r, &command.Enter{Name: "dora", Hash: "hash"}); err != nil {
				c.Fatal(err)
			}
		},
	} {
		c := newTestCore(t, benchConfig(), tail.Limit)
		alice := c.enter("alice", "")
		guest := c.enter("dora", "")
		token := c.token
		c.ask(alice, `{"request":"dm","content":"dora hello"}`)
		c.settle()
		register(c, c.sessions.get(guest), token)
		c.settle()
		if got := c.account("dora", call{}); got != "login, history, 1 hello" {
			t.Errorf("%s: dora is told %s", name, got)
		}
	}
}

// What was said to and by an account that is deleted is gone.
func TestWhatWasSaidToADeletedAccountIsGone(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	c.outside(&command.AddAccount{Name: "dora", Hash: "hash"})
	alice := c.enter("alice", "")
	c.ask(alice, `{"request":"dm","content":"dora hello"}`)
	c.outside(&command.DeleteAccount{Name: "dora"})
	c.outside(&command.AddAccount{Name: "dora", Hash: "hash"})
	c.settle()
	for r, want := range map[*protocol.Request]string{{}: "login, history", {Log: "this log", HasAfter: true}: "login follows, resumed 1"} {
		if got := c.account("dora", call{Request: *r}); got != want {
			t.Errorf("dora is told %s, want %s", got, want)
		}
	}
}

// A guest is the same one however often they come back with the token of their session.
func TestAGuestWhoComesBackAgainAndAgain(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	alice := c.enter("alice", "")
	guest := c.enter("dora", "")
	for i := range 3 {
		c.ask(alice, `{"request":"dm","content":"dora %d"}`, i)
		c.settle()
		c.Closed(guest, c.now)
		token := c.token
		guest = c.enter("dora", fmt.Sprintf(`,"token":"%s"`, token))
		c.settle()
		want := "login, history"
		for n := range i + 1 {
			want += fmt.Sprintf(", %d %d", n+1, n)
		}
		if got := c.take(guest); got != want {
			t.Errorf("dora is told %s, want %s", got, want)
		}
	}
}
