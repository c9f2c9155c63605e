package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// slowChat is a chat whose hashes and disk take their time.
func slowChat(t *testing.T, delay time.Duration) chat {
	w := sim.NewWorld(config(), delay, start)
	return chat{t, w, w.Net}
}

// raw sends a request as it is, and returns the connection.
func (c chat) raw(conn *sim.Conn, request string) *sim.Conn {
	if conn == nil {
		conn = c.net.Dial()
	}
	conn.Send([]byte(request + "\n"))
	c.net.Run()
	return conn
}

// codes returns the kinds of what a connection is told: codes of errors, events of
// all else.
func (c chat) codes(conn *sim.Conn) string {
	var list []string
	for _, r := range c.responses(conn) {
		what := r.Data.Event
		if r.Kind == protocol.KindError {
			what = string(r.Data.Code)
		}
		list = append(list, what)
	}
	return strings.Join(list, " ")
}

const registerAlice = `{"request":"login","content":"Alice","password":"blue horse","register":true,"extended":1}`

// Nobody has a name because they have asked for it: who is first when it is decided gets
// it, and what a guest has blocked who came meanwhile is not the account's.
func TestANameIsNotHeldWhileItsPasswordIsHashed(t *testing.T) {
	c := slowChat(t, time.Second)
	bob := c.login("bob", true)
	alice, second := c.raw(nil, registerAlice), c.raw(nil, registerAlice)
	guest := c.raw(nil, `{"request":"login","content":"alice","extended":1}`)
	c.raw(guest, `{"request":"block","content":"bob"}`)
	if got := c.codes(guest); got != "login history blocked" {
		t.Errorf("a guest who wants the name meanwhile is told %q", got)
	}
	c.net.Advance(5 * time.Second)
	for _, conn := range []*sim.Conn{alice, second} {
		if got := c.codes(conn); got != "name_taken" {
			t.Errorf("who wants to register it is told %q", got)
		}
	}
	c.raw(guest, `{"request":"logout"}`)
	alice, second = c.raw(nil, registerAlice), c.raw(nil, registerAlice)
	c.net.Advance(5 * time.Second)
	if got := c.codes(alice); got != "login history" {
		t.Errorf("who registers it then is told %q", got)
	}
	if got := c.codes(second); got != "not_allowed" {
		t.Errorf("who has asked at the same time is told %q", got)
	}
	c.say(bob, "hi")
	c.net.Advance(5 * time.Second)
	if got := c.codes(alice); got != "message" || len(c.kept().Blocks) != 0 {
		t.Errorf("alice hears %q; on the disk are %v", got, c.kept().Blocks)
	}
}

// fullOfAccounts is a chat with a slow disk and one account less than there can be.
func fullOfAccounts(t *testing.T) chat {
	c := slowChat(t, time.Second)
	var rows state.Rows
	for i := range users.MaxAccounts - 1 {
		rows.Accounts = append(rows.Accounts, state.AccountRow{Account: users.Account{Name: fmt.Sprint("user", i)}})
	}
	keep(c.World, rows)
	c.net = c.Net
	return c
}

// Of two who want the last place the second is refused.
func TestTheLastAccount(t *testing.T) {
	c := fullOfAccounts(t)
	carol := c.login("carol", true)
	alice := c.raw(nil, registerAlice)
	bob := c.raw(nil, strings.Replace(registerAlice, "Alice", "Bob", 1))
	c.raw(carol, `{"request":"register","content":"blue horse"}`)
	c.net.Advance(5 * time.Second)
	if got := c.codes(alice); got != "login history" {
		t.Errorf("the first is told %q", got)
	}
	for _, conn := range []*sim.Conn{bob, carol} {
		got := c.responses(conn)
		if len(got) == 0 || got[0].Data.Code != protocol.NotAllowed || !strings.Contains(got[0].Content, "too many accounts") {
			t.Errorf("who comes after the last is told %+v", got)
		}
	}
	if _, has := c.account("alice"); len(c.kept().Accounts) != users.MaxAccounts || !has {
		t.Errorf("%d accounts are on the disk, want %d and Alice's among them", len(c.kept().Accounts), users.MaxAccounts)
	}
}

// Who has ended their side waits for the answer, and has the name until then. Whose
// connection is lost gets nothing.
func TestAGuestWhoRegistersAndLeaves(t *testing.T) {
	for _, lost := range []bool{false, true} {
		c := slowChat(t, time.Second)
		alice := c.login("alice", true)
		c.raw(alice, `{"request":"register","content":"blue horse"}`)
		meanwhile, afterwards := "name_taken", "password_required"
		if alice.HangUp(); lost {
			alice.Reset()
			meanwhile, afterwards = "login history", "login history"
		}
		c.net.Run()
		guest := c.raw(nil, `{"request":"login","content":"alice","extended":1}`)
		if got := c.codes(guest); got != meanwhile {
			t.Errorf("lost: %v: a guest who wants the name meanwhile is told %q", lost, got)
		}
		guest.Reset()
		c.net.Advance(5 * time.Second)
		if got := c.codes(c.raw(nil, `{"request":"login","content":"alice","extended":1}`)); got != afterwards {
			t.Errorf("lost: %v: afterwards a guest is told %q", lost, got)
		}
		if _, has := c.account("alice"); has == lost {
			t.Errorf("lost: %v: on the disk are %v", lost, c.kept().Accounts)
		}
	}
}

// Who cannot be registered now, because there is too much to do or nothing can be kept,
// may have the name as a guest.
func TestARegistrationThatIsRefusedLeavesTheNameFree(t *testing.T) {
	const register = `{"request":"login","content":"dora","password":"blue horse","register":true,"extended":1}`
	c := slowChat(t, time.Second)
	c.Hasher.Busy = true
	if got := c.codes(c.raw(nil, register)); got != "busy" {
		t.Errorf("with a busy hasher dora is told %q", got)
	}
	c.Hasher.Busy, c.Disk.Broken = false, true
	c.say(c.login("guest", true), "hello")
	c.net.Advance(2 * time.Second)
	if got := c.codes(c.raw(nil, register)); got != "internal" {
		t.Errorf("with a disk that has failed dora is told %q", got)
	}
	c.Disk.Broken = false
	c.net.Advance(5 * time.Second)
	if got := c.codes(c.raw(nil, `{"request":"login","content":"dora","extended":1}`)); got != "login history" {
		t.Errorf("after both dora is told %q", got)
	}
}

// A guest whose name the owner gives to an account loses it, and is told: whoever
// writes to the name means the account.
func TestAGuestLosesANameThatBecomesAnAccount(t *testing.T) {
	c := newChat(t, config())
	bob, carol := c.login("bob", true), c.login("carol", true)
	plain := c.login("carla", false)
	c.raw(carol, `{"request":"block","content":"bob"}`)
	c.responses(carol)
	c.owner(&command.AddAccount{Name: "Carol", Hash: "hash of green horse"})
	c.owner(&command.AddAccount{Name: "carla", Hash: "hash of green horse"})
	told := c.responses(carol)
	if len(told) != 1 || told[0].Data.Event != protocol.EventLogout || told[0].Data.Code != protocol.PasswordRequired ||
		told[0].Content != "Good bye: the name Carol belongs to an account now. Log in with its password, or with another name." || !ended(carol) {
		t.Errorf("the guest is told %+v", told)
	}
	c.net.Advance(time.Second)
	if got := c.responses(plain); len(got) != 1 || !strings.HasPrefix(got[0].Content, "Good bye: the name carla") || !ended(plain) {
		t.Errorf("the plain guest is told %+v", got)
	}
	c.responses(bob)
	c.raw(bob, `{"request":"names"}`)
	c.raw(bob, `{"request":"dm","content":"carol psst"}`)
	c.net.Advance(time.Second)
	if got := c.responses(bob); len(got) != 2 || got[0].Content != "bob" || got[1].Data.Event != protocol.EventStored {
		t.Errorf("bob is told %+v", got)
	}
	carol = c.raw(nil, `{"request":"login","content":"carol","password":"green horse","extended":1}`)
	c.net.Advance(time.Second)
	if got := c.codes(carol); got != "login history direct" {
		t.Errorf("the account is told %q", got)
	}
	// Another password changes nothing for who is logged in with the old one.
	c.owner(&command.SetHash{Name: "carol", Hash: "hash of red horse"})
	if got := c.responses(carol); len(got) != 0 || ended(carol) {
		t.Errorf("with another password the account is told %+v", got)
	}
}

// A wrong password counts though its sender has hung up.
func TestWrongPasswordsOfWhoHasHungUp(t *testing.T) {
	c := slowChat(t, time.Second)
	alice := c.raw(nil, registerAlice)
	c.net.Advance(5 * time.Second)
	c.responses(alice)
	guess := func(name string) {
		c.raw(nil, fmt.Sprintf(`{"request":"login","content":"%s","password":"wrong horse","extended":1}`, name)).HangUp()
		c.net.Run()
	}
	login := func(name, password string) string {
		conn := c.raw(nil, fmt.Sprintf(`{"request":"login","content":"%s","password":"%s","extended":1}`, name, password))
		c.net.Advance(5 * time.Second)
		return c.codes(conn)
	}
	for range 3 {
		guess("alice")
	}
	if c.Hasher.From != "addr:"+sim.Host {
		t.Errorf("a hash is asked for by %q", c.Hasher.From)
	}
	c.net.Advance(5 * time.Second)
	if got := login("alice", "blue horse"); got != "blocked_login" {
		t.Errorf("after three guesses a login of alice is told %q", got)
	}
	for i := range 17 {
		guess(fmt.Sprint("name", i))
	}
	c.net.Advance(5 * time.Second)
	if got := login("another", "wrong horse"); got != "blocked_login" {
		t.Errorf("after twenty a login from the address is told %q", got)
	}
	// So does a wrong old one.
	c = slowChat(t, time.Second)
	alice = c.raw(nil, registerAlice)
	c.net.Advance(5 * time.Second)
	for range 3 {
		c.raw(alice, `{"request":"passwd","content":{"old":"wrong horse","new":"grey horses"}}`)
		alice.HangUp()
		c.net.Advance(5 * time.Second)
		alice = c.raw(nil, `{"request":"login","content":"alice","password":"blue horse","extended":1}`)
		c.net.Advance(5 * time.Second)
	}
	if b, ok := c.lockout("addr:" + sim.Host); !ok || b.Failures != 3 {
		t.Errorf("after three wrong old ones is kept %+v", c.kept().Lockouts)
	}
}

// So many requests wait while a session is busy; one more is refused at once.
func TestRequestsThatWait(t *testing.T) {
	c := slowChat(t, time.Second)
	alice := c.login("alice", true)
	c.raw(alice, `{"request":"register","content":"blue horse"}`)
	for range protocol.MaxDeferred + 1 {
		c.raw(alice, `{"request":"ping"}`)
	}
	if got := c.codes(alice); got != string(protocol.Busy) {
		t.Errorf("while she is busy alice is told %q", got)
	}
	c.net.Advance(5 * time.Second)
	if got, want := c.codes(alice), "registered"+strings.Repeat(" pong", protocol.MaxDeferred); got != want {
		t.Errorf("then alice is told %q", got)
	}
}

// Wrong passwords that play no part any more are not kept for ever.
func TestLoginBlocksAreSwept(t *testing.T) {
	cfg := config()
	cfg.LoginTimeout, cfg.Logins.Lenient = 0, false
	c := newChat(t, cfg)
	c.login("bob", true)
	c.raw(nil, `{"request":"login","content":"alice","password":"wrong horse","extended":1}`)
	c.net.Advance(cfg.Logins.Quiet - time.Minute)
	if _, ok := c.lockout("alice"); !ok {
		t.Errorf("too early for alice: %v", c.kept().Lockouts)
	}
	c.net.Advance(3 * time.Minute)
	if left := c.kept().Lockouts; len(left) != 0 {
		t.Errorf("on the disk are %v", left)
	}
}

// When an account was here the last time is kept when the server ends.
func TestLastSeenAtTheEnd(t *testing.T) {
	c := newChat(t, config())
	c.raw(nil, registerAlice)
	c.net.Advance(time.Hour)
	now := c.net.Now()
	c.net.Stop()
	c.net.Advance(time.Second)
	if got, _ := c.account("alice"); got.LastSeen.Before(now) {
		t.Errorf("she was seen at %v, want %v", got.LastSeen, now)
	}
}
