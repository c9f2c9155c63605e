package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users"
)

// Coming and going is told in a small company, and not in a crowd.
func TestPresenceIsNotToldInACrowd(t *testing.T) {
	cfg := config()
	cfg.PresenceLimit = 10
	c := newChat(t, cfg)
	first := c.login("first", true)
	var told []string
	for i := range 20 {
		c.login(fmt.Sprint("user", i), true)
		told = append(told, c.read(first)...)
	}
	if len(told) != 9 || !strings.Contains(told[8], `"name":"user8","state":"online"`) {
		t.Errorf("%d were told, the last %v", len(told), told[len(told)-1:])
	}
}

// While the disk is full nothing is acknowledged, everybody who asks for
// something is told, and all is well again as soon as there is room.
func TestDiskThatIsFull(t *testing.T) {
	c := newChat(t, config())
	alice, bob := c.login("alice", true), c.login("bob", true)
	ask := func(verb, content string) string {
		c.send(alice, protocol.Request{Verb: verb, Content: protocol.Content{Text: content}, Ref: "1"})
		c.net.Advance(time.Second)
		var answers []string
		for _, r := range c.responses(alice) {
			if r.Ref == "1" {
				answers = append(answers, r.Data.Event+" "+string(r.Data.Code))
			}
		}
		return strings.Join(answers, ", ")
	}
	heard := func() (texts []string) {
		for _, r := range c.responses(bob) {
			texts = append(texts, r.Content)
		}
		return texts
	}
	if got := ask("register", "bluehorses"); got != "registered " {
		t.Fatalf("register: %q", got)
	}
	c.Disk.Broken = true
	for _, step := range []struct{ verb, content string }{{"msg", "one"}, {"msg", "two"}, {"msg", "three"}, {"block", "bob"}, {"passwd", "bluehorses redhorses"}} {
		if got := ask(step.verb, step.content); got != "error internal" {
			t.Errorf("%s %s: %q", step.verb, step.content, got)
		}
	}
	// What is told before it is safe is the first message only: then it is known.
	if got := heard(); len(got) != 1 || got[0] != "one" {
		t.Errorf("bob hears %q", got)
	}
	if got := ask("blocked", ""); got != "blocked " || ask("whois", "alice") != "whois " {
		t.Errorf("what needs no disk: %q", got)
	}
	c.Disk.Broken = false
	if got := ask("msg", "four"); got != "accepted " {
		t.Errorf("with room again: %q", got)
	}
	if got := heard(); len(got) != 1 || got[0] != "four" {
		t.Errorf("bob hears %q", got)
	}
	carl := c.net.Dial()
	c.send(carl, protocol.Request{Verb: "login", Content: protocol.Content{Text: "carl"}, Extended: true})
	if history := c.responses(carl)[1].History; len(history) != 1 || history[0].Content != "four" {
		t.Errorf("the history is %+v", history)
	}
}

// Hashing takes long and somewhere else; too much of it is refused at once.
func TestBusyHasher(t *testing.T) {
	c := newChat(t, config())
	c.Hasher.Busy = true
	conn := c.net.Dial()
	c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: "blue horse", Extended: true})
	if got := c.responses(conn); len(got) != 1 || got[0].Data.Code != protocol.Busy {
		t.Errorf("got %+v", got)
	}
	c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Extended: true})
	if got := c.responses(conn); len(got) != 2 {
		t.Errorf("got %+v", got)
	}
	// Who was refused waits for nothing.
	for _, register := range []bool{false, true} {
		conn := c.net.Dial()
		c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}, Password: "blue horse", Register: register, Extended: true})
		conn.End()
		c.net.Run()
		if got := c.codes(conn); got != string(protocol.Busy) || !ended(conn) {
			t.Errorf("register %v: bob is told %q, and the connection has ended: %v", register, got, ended(conn))
		}
	}
}

// The owner's changes take effect at once: a deleted account ends its session, a
// block is lifted, a password is another one.
func TestChangesBesideTheServer(t *testing.T) {
	c := newChat(t, config())
	srv := c.net.Handler.(*server.Server)
	alice := c.login("alice", true)
	account := users.Account{Name: "carl", Hash: "hash of green horse"}
	login := func(password string) protocol.Response {
		conn := c.net.Dial()
		defer conn.HangUp()
		c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "Carl"}, Password: password, Extended: true})
		c.net.Run()
		return c.responses(conn)[0]
	}
	for range 3 {
		login("wrong horse")
	}
	if got := login("green horse"); got.Data.Code != protocol.BlockedLogin {
		t.Errorf("after three wrong passwords: %+v", got)
	}
	srv.Changed(server.Change{Key: "carl", Account: &account})
	c.net.Run()
	if got := login("green horse"); got.Data.State != protocol.StateAccount {
		t.Errorf("with an account: %+v", got)
	}
	c.send(alice, protocol.Request{Verb: "register", Content: protocol.Content{Text: "blue horse"}})
	c.net.Run()
	c.responses(alice)
	srv.Changed(server.Change{Key: "alice"})
	c.net.Run()
	if got := c.responses(alice); len(got) != 1 || !strings.Contains(got[0].Content, "deleted") {
		t.Errorf("alice is told %+v", got)
	}
	if _, err := alice.Read(); err == nil {
		t.Error("alice is still there")
	}
}

// Inactivity is noticed on time, also when nothing else happens.
func TestInactivityOfOneWhoIsAlone(t *testing.T) {
	cfg := config()
	cfg.LoginTimeout, cfg.Timeout = 0, 10*time.Second
	c := newChat(t, cfg)
	alice := c.login("alice", true)
	c.net.Advance(11 * time.Second)
	got := c.responses(alice)
	if len(got) != 2 || got[0].Data.Event != protocol.EventIdle || got[1].Data.Code != protocol.Timeout {
		t.Errorf("alice is told %+v", got)
	}
}
