package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
)

// mailbox is a chat on a slow disk in which bob writes to dora, who has an account
// and is not there.
func mailbox(t *testing.T, delay time.Duration) (c chat, bob *sim.Conn, dora func() *sim.Conn) {
	cfg := config()
	cfg.Rate.PerSecond = 0
	w := sim.NewWorld(cfg, delay, start)
	c = chat{t, w, w.Net}
	register := true
	dora = func() *sim.Conn {
		conn := c.net.Dial()
		c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "dora"}, Password: "blue horses", Register: register, Extended: true})
		register = false
		return conn
	}
	first := dora()
	c.net.Advance(time.Second)
	first.HangUp()
	return c, c.login("bob", true), dora
}

func (c chat) dm(conn *sim.Conn, text string) {
	c.send(conn, protocol.Request{Verb: "dm", Content: protocol.Content{Text: "dora " + text}})
}

// directs returns the direct messages among what was written.
func (c chat) directs(conn *sim.Conn) (texts []string) {
	for _, r := range c.responses(conn) {
		if r.Data.Event == protocol.EventDirect {
			texts = append(texts, r.Content)
		}
	}
	return texts
}

// What is said to somebody while the messages that have waited are read comes
// behind them.
func TestDirectsWhileThoseThatWaitedAreRead(t *testing.T) {
	c, bob, dora := mailbox(t, 50*time.Millisecond)
	c.dm(bob, "first")
	c.dm(bob, "second")
	c.net.Advance(time.Second)
	conn := dora()
	c.net.Advance(60 * time.Millisecond) // the password is checked, the disk is still read
	if got := c.directs(conn); got != nil {
		t.Fatalf("too late for this test: %v", got)
	}
	c.dm(bob, "third")
	c.net.Advance(time.Second)
	if got := fmt.Sprint(c.directs(conn)); got != "[first second third]" {
		t.Errorf("dora gets %s", got)
	}
	conn.HangUp()
	again := dora()
	c.net.Advance(time.Second)
	if got := c.directs(again); got != nil {
		t.Errorf("dora gets %v again", got)
	}
}

// A mailbox that was full takes messages again when they were read.
func TestMailboxIsEmptiedByReading(t *testing.T) {
	c, bob, dora := mailbox(t, 0)
	fill := func() {
		for i := range users.MaxDirects + 1 {
			c.dm(bob, fmt.Sprint(i))
			c.net.Advance(10 * time.Millisecond)
			got := c.responses(bob)[0]
			if full := i == users.MaxDirects; full != (got.Data.Code == protocol.NotAllowed && strings.Contains(got.Content, "wait for dora already")) {
				t.Fatalf("message %d: %+v", i, got)
			}
		}
	}
	fill()
	conn := dora()
	c.net.Advance(time.Second)
	if got := c.directs(conn); len(got) != users.MaxDirects {
		t.Errorf("dora gets %d", len(got))
	}
	conn.HangUp()
	c.net.Run()
	fill()
}

// Somebody may log in between a message to them and its being safe: they get it when
// it is.
func TestDirectThatBecomesSafeAfterTheLogin(t *testing.T) {
	c, bob, dora := mailbox(t, 200*time.Millisecond)
	c.dm(bob, "hello")
	c.Disk.Delay, c.Hasher.Delay = 10*time.Millisecond, 10*time.Millisecond
	conn := dora()
	c.net.Advance(100 * time.Millisecond)
	if got := c.codes(conn); got != "login history" {
		t.Errorf("before it is safe dora gets %q", got)
	}
	c.net.Advance(time.Second)
	if got := fmt.Sprint(c.directs(conn)); got != "[hello]" {
		t.Errorf("dora gets %s", got)
	}
}

// What has waited comes in the order of its numbers, and not once more after the
// server was killed.
func TestDirectsAreReadOnce(t *testing.T) {
	c, bob, dora := mailbox(t, 0)
	for i := range 3 {
		c.dm(bob, fmt.Sprint(i))
	}
	c.net.Advance(time.Second)
	conn := dora()
	c.net.Advance(time.Second)
	var got []string
	for _, r := range c.responses(conn) {
		if r.Data.Event == protocol.EventDirect {
			got = append(got, fmt.Sprint(r.Data.ID, ":", r.Content))
		}
	}
	if want := "[1:0 2:1 3:2]"; fmt.Sprint(got) != want {
		t.Errorf("dora gets %v, want %s", got, want)
	}
	c.Crash()
	c.net = c.World.Net
	conn = c.raw(nil, `{"request":"login","content":"dora","password":"blue horses","extended":1}`)
	c.net.Advance(time.Second)
	if got := c.codes(conn); got != "login history" {
		t.Errorf("after a crash dora gets %q", got)
	}
}

// Neither what could not be kept nor a retry of what was takes a place in the mailbox.
func TestWhatTakesNoPlaceInAMailbox(t *testing.T) {
	c, bob, dora := mailbox(t, 0)
	say := func(id string) string {
		c.send(bob, protocol.Request{Verb: "dm", Content: protocol.Content{Text: "dora hello"}, ID: id})
		c.net.Advance(10 * time.Millisecond)
		return c.codes(bob)
	}
	c.Disk.Broken = true
	for range users.MaxDirects + 1 {
		if got := say(""); got != string(protocol.Internal) {
			t.Fatalf("with a broken disk bob is told %q", got)
		}
	}
	c.Disk.Broken = false
	for range users.MaxDirects + 1 {
		if got := say("7"); got != protocol.EventStored {
			t.Fatalf("with a disk that works bob is told %q", got)
		}
	}
	conn := dora()
	c.net.Advance(time.Second)
	if got := fmt.Sprint(c.directs(conn)); got != "[hello]" {
		t.Errorf("dora gets %s", got)
	}
}
