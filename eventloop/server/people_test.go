package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/protocol"
	"parley/users/command"
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

// While the disk is full nothing is acknowledged or told, who asks for something is told
// that it cannot be kept, and what was decided before is told as soon as there is room.
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
	heard := func() string {
		var texts []string
		for _, r := range c.responses(bob) {
			texts = append(texts, r.Content)
		}
		return strings.Join(texts, ", ")
	}
	if got := ask("register", "bluehorses"); got != "registered " {
		t.Fatalf("register: %q", got)
	}
	c.Disk.Broken, c.Hasher.From = true, ""
	if got := ask("msg", "one"); got != "" {
		t.Errorf("before it is known: %q", got)
	}
	for _, step := range []struct{ verb, content string }{{"msg", "two"}, {"dm", "bob two"}, {"block", "bob"}, {"passwd", "bluehorses redhorses"}} {
		if got := ask(step.verb, step.content); got != "error internal" {
			t.Errorf("%s %s: %q", step.verb, step.content, got)
		}
	}
	for _, verb := range []string{"ping", "names", "help"} {
		if got := ask(verb, ""); !strings.HasSuffix(got, " ") || strings.Contains(got, ",") {
			t.Errorf("%s, which needs no disk: %q", verb, got)
		}
	}
	carl := c.raw(nil, `{"request":"login","content":"carl","extended":1}`)
	if got := c.codes(carl); got != "internal" {
		t.Errorf("carl, who comes now, is told %q", got)
	}
	c.raw(nil, `{"request":"login","content":"alice","password":"bluehorses","extended":1}`)
	if c.Hasher.From != "" {
		t.Error("a password is hashed in vain")
	}
	if got := heard(); got != "" {
		t.Errorf("bob hears %q", got)
	}
	c.Disk.Broken = false
	c.net.Advance(time.Second)
	if got := c.codes(alice); got != "message accepted" {
		t.Errorf("with room again: %q", got)
	}
	if got := ask("msg", "four"); got != "accepted " {
		t.Errorf("then: %q", got)
	}
	if got := heard(); got != "one, four" {
		t.Errorf("bob hears %q", got)
	}
	c.send(carl, protocol.Request{Verb: "login", Content: protocol.Content{Text: "carl"}, Extended: true})
	if history := c.responses(carl)[1].History; len(history) != 2 || history[0].Content != "one" || history[1].Content != "four" {
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

// What the owner does takes effect at once: a lockout ends, an account can be used, a
// deleted one ends its session.
func TestWhatTheOwnerDoes(t *testing.T) {
	c := newChat(t, config())
	alice := c.login("alice", true)
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
	c.owner(&command.AddAccount{Name: "carl", Hash: "hash of green horse"})
	if got := login("green horse"); got.Data.Code != protocol.BlockedLogin {
		t.Errorf("after three wrong passwords: %+v", got)
	}
	c.owner(&command.Unlock{Who: "carl"})
	if got := login("green horse"); got.Data.State != protocol.StateAccount {
		t.Errorf("with an account: %+v", got)
	}
	c.send(alice, protocol.Request{Verb: "register", Content: protocol.Content{Text: "blue horse"}})
	c.net.Run()
	c.responses(alice)
	c.owner(&command.DeleteAccount{Name: "alice"})
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
