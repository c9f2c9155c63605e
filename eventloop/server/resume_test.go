package server

import (
	"errors"
	"strings"
	"testing"

	"parley/users/command"
	"parley/users/log"
	"parley/users/tail"
)

// Who comes with the token of a session ends that one, and is not announced; who comes
// with another has to take another name.
func TestTheTokenOfAGuest(t *testing.T) {
	for name, tt := range map[string]struct{ keys, old, fresh, others string }{
		"no token":                {"", "", "name_taken", ""},
		"another token":           {`,"token":"another"`, "", "name_taken", ""},
		"its token":               {`,"token":"TOKEN"`, "logout", "login, history", ""},
		"its token, and takeover": {`,"token":"TOKEN","takeover":true`, "logout", "login, history", ""},
	} {
		c := newTestCore(t, benchConfig(), tail.Limit)
		old := c.enter("dora", "")
		token := c.token
		alice := c.enter("alice", "")
		c.settle()
		c.take(old)
		c.take(alice)
		fresh := c.enter("Dora", strings.ReplaceAll(tt.keys, "TOKEN", token))
		c.settle()
		if got := c.take(old); got != tt.old || c.closed[old] != (tt.old != "") {
			t.Errorf("%s: the older session is told %q; closed: %v", name, got, c.closed[old])
		}
		if got := c.take(fresh); got != tt.fresh {
			t.Errorf("%s: the newer one is told %q", name, got)
		}
		c.Closed(old, c.now) // after all: nobody is gone
		c.settle()
		if got := c.take(alice); got != tt.others && tt.old != "" {
			t.Errorf("%s: others hear %q", name, got)
		}
	}
}

// A password that was right lets in, ends an older session only with the token of that
// one or if it is asked for, and only as long as it is the password.
func TestTheSecondSessionOfAnAccount(t *testing.T) {
	for name, tt := range map[string]struct {
		enter      command.Enter
		back       bool // with the token
		meanwhile  command.Command
		old, fresh string
	}{
		"nothing but the password":  {command.Enter{Verified: "hash"}, false, nil, "", "logged_in_elsewhere"},
		"takeover":                  {command.Enter{Verified: "hash", Takeover: true}, false, nil, "logout", "login, history"},
		"its token":                 {command.Enter{Verified: "hash"}, true, nil, "logout", "login, history"},
		"its token and no password": {command.Enter{}, true, nil, "", "not_allowed"},
		"a password that was changed meanwhile": {command.Enter{Verified: "hash", Takeover: true}, true,
			&command.SetHash{Name: "dora", Hash: "another"}, "", "wrong_credentials"},
		"an account that was deleted meanwhile": {command.Enter{Verified: "hash", Takeover: true}, true,
			&command.DeleteAccount{Name: "dora"}, "logout", "wrong_credentials"},
	} {
		cfg := benchConfig()
		cfg.Sessions = 1
		c := newTestCore(t, cfg, tail.Limit)
		c.outside(&command.AddAccount{Name: "dora", Hash: "hash"})
		c.account("dora", call{})
		old, token := conn(c.last), c.token
		if tt.meanwhile != nil {
			c.outside(tt.meanwhile)
		}
		fresh := c.connect()
		r := call{now: c.now}
		r.Extended = true
		if tt.back {
			r.Token = token
		}
		tt.enter.Name = "dora"
		if err := c.Core.enter(c.sessions.get(fresh), r, &tt.enter); err != nil {
			t.Fatal(err)
		}
		c.settle()
		if got := c.take(old); got != tt.old {
			t.Errorf("%s: the older session is told %q", name, got)
		}
		if got := c.take(fresh); got != tt.fresh {
			t.Errorf("%s: the newer one is told %q", name, got)
		}
	}
}

// Wrong passwords and what was decided meanwhile do not let in who was checked before.
func TestALockoutMeetsALogin(t *testing.T) {
	cfg := benchConfig()
	cfg.Logins.Lenient = false // else the counts of other addresses do not concern hers
	c := newTestCore(t, cfg, tail.Limit)
	c.outside(&command.AddAccount{Name: "dora", Hash: "hash"})
	for range c.cfg.Logins.Failures {
		c.outside(&command.WrongPassword{Name: "dora"})
	}
	if got := c.account("dora", call{}); got != "blocked_login" {
		t.Errorf("dora is told %q", got)
	}
	if r := c.outside(&command.Unlock{Who: "dora"}); r.Err != nil {
		t.Fatal(r.Err)
	}
	if got := c.account("dora", call{}); got != "login, history" {
		t.Errorf("then dora is told %q", got)
	}
}

// What the owner does reaches who is here, once it is safe.
func TestWhatComesFromOutsideIsHeld(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	guest, alice := c.enter("dora", ""), c.enter("alice", "")
	c.ask(guest, `{"request":"block","content":"alice"}`)
	c.settle()
	c.take(guest)
	c.take(alice)
	c.outside(&command.AddAccount{Name: "Dora", Hash: "hash"})
	if got := c.take(guest) + c.take(alice); got != "" || c.closed[guest] {
		t.Errorf("before it is safe is told %q; closed: %v", got, c.closed[guest])
	}
	if c.state.Blocks().Has("dora", "alice") {
		t.Error("the guest's block is the account's")
	}
	c.commit()
	if got := c.take(guest); got != "logout" || !c.closed[guest] {
		t.Errorf("the guest is told %q; closed: %v", got, c.closed[guest])
	}
	if got := c.take(alice); got != "" { // the guest had blocked her
		t.Errorf("alice is told %q", got)
	}
	c.say(alice, "hello")
	c.ask(guest, `{"request":"ping"}`) // is not there any more
	c.commit()
	if got := c.take(guest); got != "" {
		t.Errorf("the guest hears %q", got)
	}
	c.account("dora", call{})
	c.ask(conn(c.last), `{"request":"block","content":"alice"}`)
	c.settle()
	if r := c.outside(&command.DeleteAccount{Name: "dora"}); r.Err != nil || c.state.Blocks().Has("dora", "alice") {
		t.Errorf("%v; the block is there: %v", r.Err, c.state.Blocks().Has("dora", "alice"))
	}
	c.settle()
	if got := c.take(conn(c.last)); got != "blocked, logout" && got != "logout" {
		t.Errorf("the account is told %q", got)
	}
	if len(c.table.Kept().Blocks)+len(c.table.Kept().Accounts) != 0 {
		t.Errorf("kept are %+v", c.table.Kept())
	}
}

// All of a turn is handed over at once, and nothing while something is under way.
func TestATurnIsHandedOverOnce(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	alice := c.enter("alice", "")
	c.settle()
	for _, text := range []string{"a", "b", "c"} {
		c.say(alice, text)
	}
	c.Flush(c.now)
	c.say(alice, "d")
	c.Flush(c.now)
	if len(c.writes) != 1 {
		t.Fatalf("%d batches are under way", len(c.writes))
	}
	c.take(alice)
	doAll(&c.writes)
	if got := c.take(alice); got != "1 a, 2 b, 3 c" {
		t.Errorf("alice hears %q", got)
	}
	c.Flush(c.now)
	doAll(&c.writes)
	if got := c.take(alice); got != "4 d" {
		t.Errorf("then alice hears %q", got)
	}
}

// What somebody has brought about for one person comes behind what was said before.
func TestAnInvitationComesBehindWhatWasSaid(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	alice, bob := c.enter("alice", ""), c.enter("bob", "")
	c.settle()
	c.take(bob)
	c.say(alice, "a")
	c.ask(alice, `{"request":"startprivate","content":"bob SHA256:%s"}`, strings.Repeat("A", 43))
	c.settle()
	if got := c.take(bob); got != "1 a, invitation" {
		t.Errorf("bob hears %q", got)
	}
}

// While nothing can be kept, what needs it is refused, and what does not is answered at
// once; who leaves is gone.
func TestWhileNothingCanBeKept(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	alice, bob := c.enter("alice", ""), c.enter("bob", "")
	c.settle()
	c.take(alice)
	c.take(bob)
	c.say(alice, "a")
	c.Flush(c.now)
	c.writeFail = errors.New("the disk is full")
	doAll(&c.writes)
	c.writeFail = nil
	for _, tt := range []struct{ request, want string }{
		{`{"request":"ping"}`, "pong"}, {`{"request":"names"}`, "names"}, {`{"request":"whois","content":"bob"}`, "whois"}, {`{"request":"help"}`, "help"},
		{`{"request":"msg","content":"b"}`, "internal"}, {`{"request":"dm","content":"bob b"}`, "internal"}, {`{"request":"block","content":"bob"}`, "internal"},
		{`{"request":"away"}`, "internal"}, {`{"request":"blocked"}`, ""}, {`{"request":"nonsense"}`, "unknown_request"},
	} {
		c.ask(alice, "%s", tt.request)
		if got := c.take(alice); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.request, got, tt.want)
		}
	}
	carl := c.enter("carl", "")
	if got := c.take(carl); got != "internal" {
		t.Errorf("who comes is told %q", got)
	}
	c.ask(bob, `{"request":"logout"}`)
	if got := c.take(bob); got != "logout" || !c.closed[bob] || c.state.Len() != 1 {
		t.Errorf("who leaves is told %q; closed: %v; %d are there", got, c.closed[bob], c.state.Len())
	}
	c.now = c.now.Add(log.RetryAfter)
	c.Tick(c.now)
	c.settle()
	if got := c.take(alice); got != "1 a, blocked, bob logged out" {
		t.Errorf("when it was kept alice is told %q", got)
	}
}
