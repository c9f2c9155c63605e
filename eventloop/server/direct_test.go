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
	cfg.Flood.PerSecond = 0
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

// seen has dora say that she has seen all up to a number.
func (c chat) seen(conn *sim.Conn, number int) {
	c.send(conn, protocol.Request{Verb: "seen", Content: protocol.Content{Text: fmt.Sprint(number)}})
	c.net.Advance(100 * time.Millisecond)
}

// What is said to somebody who is logging in comes behind what has waited, and all of it
// comes again until it was seen.
func TestDirectsComeUntilTheyWereSeen(t *testing.T) {
	c, bob, dora := mailbox(t, 50*time.Millisecond)
	c.dm(bob, "first")
	c.dm(bob, "second")
	c.net.Advance(time.Second)
	conn := dora()
	c.net.Advance(40 * time.Millisecond) // the password is still being checked
	c.dm(bob, "third")
	c.net.Advance(20 * time.Millisecond)
	c.dm(bob, "fourth")
	for _, step := range []struct {
		seen int // then
		want string
	}{{0, "[first second third fourth]"}, {2, "[first second third fourth]"}, {4, "[third fourth]"}, {0, "[]"}} {
		c.net.Advance(time.Second)
		if got := fmt.Sprint(c.directs(conn)); got != step.want {
			t.Errorf("dora gets %s, want %s", got, step.want)
		}
		c.seen(conn, step.seen)
		conn.HangUp()
		conn = dora()
	}
}

// leave has a sender leave messages for dora until one is refused, and returns how
// many were not, and the answer.
func (c chat) leave(conn *sim.Conn) (n int, refusal string) {
	c.Helper()
	for n = range users.MaxDirects + 1 {
		c.dm(conn, fmt.Sprint(n))
		c.net.Advance(10 * time.Millisecond)
		if got := c.responses(conn)[0]; got.Kind == protocol.KindError {
			if got.Data.Code != protocol.NotAllowed {
				c.Errorf("message %d: %+v", n, got)
			}
			return n, got.Content
		}
	}
	c.Fatal("there is no end of it")
	return n, ""
}

// A guest who leaves as much as there is room for, and comes back under other names,
// does not keep out somebody with an account.
func TestOneGuestDoesNotFillAMailbox(t *testing.T) {
	c, bob, dora := mailbox(t, 0)
	for _, step := range []struct {
		conn    *sim.Conn
		n       int
		refusal string
	}{
		{bob, users.MaxDirectsFrom, "50 messages of yours wait for dora already, which is as many as one may leave. Try again when they have been here."},
		{c.login("bob2", true), users.MaxDirectsOfGuests - users.MaxDirectsFrom, "50 messages of yours wait"},
		{c.login("bob3", true), 0, "100 messages of guests wait for dora already, which is as many as guests may leave. Try again when they have been here, or register your name."},
		{c.register("friend"), users.MaxDirectsFrom, "50 messages of yours wait"},
		{c.register("friend2"), users.MaxDirectsFrom, "200 messages wait for dora already"},
		{c.register("friend3"), 0, "200 messages wait for dora already, which is as many as can be kept. Try again when they have been here."},
	} {
		if n, refusal := c.leave(step.conn); n != step.n || !strings.HasPrefix(refusal, step.refusal) {
			t.Errorf("%d are kept, want %d; then %q, want %q", n, step.n, refusal, step.refusal)
		}
	}
	conn := dora()
	c.net.Advance(time.Second)
	if got := c.directs(conn); len(got) != users.MaxDirects {
		t.Errorf("dora gets %d", len(got))
	}
}

// register returns the connection of somebody who has made an account.
func (c chat) register(name string) *sim.Conn {
	c.Helper()
	conn := c.net.Dial()
	c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Password: "blue horses", Register: true, Extended: true})
	c.net.Advance(time.Second)
	if got := c.responses(conn); len(got) == 0 || got[0].Data.State != protocol.StateAccount {
		c.Fatalf("%s cannot register: %+v", name, got)
	}
	return conn
}

// The limits hold after a crash, too.
func TestAMailboxIsFullAfterACrash(t *testing.T) {
	c, _, _ := mailbox(t, 0)
	c.leave(c.register("friend"))
	c.Crash()
	c.net = c.Net
	friend := c.raw(nil, `{"request":"login","content":"friend","password":"blue horses","extended":1}`)
	if got := c.codes(friend); got != "login history" {
		t.Fatalf("after the crash a friend is told %q", got)
	}
	if n, _ := c.leave(friend); n != 0 {
		t.Errorf("%d more are kept", n)
	}
}

// A mailbox that was full takes messages again when they were read.
func TestMailboxIsEmptiedByReading(t *testing.T) {
	c, bob, dora := mailbox(t, 0)
	for range 2 {
		if n, _ := c.leave(bob); n != users.MaxDirectsFrom {
			t.Fatalf("%d are kept", n)
		}
		conn := dora()
		c.net.Advance(time.Second)
		if got := c.directs(conn); len(got) != users.MaxDirectsFrom {
			t.Errorf("dora gets %d", len(got))
		}
		c.seen(conn, 1000)
		conn.HangUp()
		c.net.Run()
	}
}

// Who logs in between a message to them and its being safe is let in and gets it when it
// is.
func TestDirectThatBecomesSafeAfterTheLogin(t *testing.T) {
	c, bob, dora := mailbox(t, 200*time.Millisecond)
	c.dm(bob, "hello")
	c.Disk.Delay, c.Hasher.Delay = 10*time.Millisecond, 10*time.Millisecond
	conn := dora()
	c.net.Advance(100 * time.Millisecond)
	if got := c.codes(conn); got != "" {
		t.Errorf("before it is safe dora gets %q", got)
	}
	c.net.Advance(time.Second)
	if got := c.codes(conn); got != "login history direct" {
		t.Errorf("dora gets %s", got)
	}
}

// What has waited comes in the order of its numbers, and not once more after it was seen
// and the server was killed.
func TestDirectsThatWereSeenBeforeACrash(t *testing.T) {
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
	c.seen(conn, 3)
	c.Crash()
	c.net = c.World.Net
	conn = c.raw(nil, `{"request":"login","content":"dora","password":"blue horses","extended":1}`)
	c.net.Advance(time.Second)
	if got := c.codes(conn); got != "login history" {
		t.Errorf("after a crash dora gets %q", got)
	}
}

// Neither what was refused nor a retry of what was not takes a place in the mailbox.
func TestWhatTakesNoPlaceInAMailbox(t *testing.T) {
	c, bob, dora := mailbox(t, 0)
	say := func(id string) string {
		c.send(bob, protocol.Request{Verb: "dm", Content: protocol.Content{Text: "dora hello"}, ID: id})
		c.net.Advance(10 * time.Millisecond)
		return c.codes(bob)
	}
	c.Disk.Broken = true
	if got := say("7"); got != "" {
		t.Fatalf("before it is known that the disk is broken bob is told %q", got)
	}
	for range users.MaxDirects + 1 {
		if got := say(""); got != string(protocol.Internal) {
			t.Fatalf("with a broken disk bob is told %q", got)
		}
	}
	c.Disk.Broken = false
	c.net.Advance(time.Second)
	if got := c.codes(bob); got != protocol.EventStored {
		t.Fatalf("when it works again bob is told %q", got)
	}
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

// What others have left is told in as many turns as a connection that reads needs: who
// has left much for somebody takes nothing from what others have, nor closes the connection.
func TestAMailboxFullOfLongTextsDoesNotCloseAConnection(t *testing.T) {
	c, bob, dora := mailbox(t, time.Millisecond)
	long := strings.Repeat(`"`, protocol.MaxText) // twice as long on the wire
	for _, from := range []*sim.Conn{bob, c.login("bill", true), c.register("anna"), c.register("fred")} {
		for range users.MaxDirectsFrom {
			c.dm(from, long)
		}
		c.net.Advance(time.Second)
	}
	if whole := users.MaxDirects * 2 * protocol.MaxText; whole < protocol.MaxOutbound {
		t.Fatalf("%d bytes are less than may wait", whole)
	}
	reads := dora()
	c.net.Advance(time.Second)
	if got := len(c.directs(reads)); got != users.MaxDirects || reads.Closed() {
		t.Errorf("dora gets %d messages of %d; closed: %v", got, users.MaxDirects, reads.Closed())
	}
}
