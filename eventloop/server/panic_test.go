package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
)

// A fault in a request costs the connection that has asked, whenever and on whatever loop it is
// carried out: at once, after it had to wait, or because its session ends. It is told so, it is
// counted, and the stack is in the log. The others talk on.
func TestPanicInARequestCostsOneConnection(t *testing.T) {
	broken := `{"request":"topic","content":"tea"}`
	waits := strings.Repeat(`{"request":"msg","content":"x"}`, 11) + broken
	for name, ask := range map[string]func(c chat, conn *sim.Conn){
		"at once":           func(c chat, conn *sim.Conn) { conn.Send([]byte(broken)) },
		"later":             func(c chat, conn *sim.Conn) { conn.Send([]byte(waits)) },
		"at the logout":     func(c chat, conn *sim.Conn) { conn.Send([]byte(waits + `{"request":"logout"}`)) },
		"at the end":        func(c chat, conn *sim.Conn) { conn.Send([]byte(waits)); conn.HangUp() },
		"when it was reset": func(c chat, conn *sim.Conn) { conn.Send([]byte(waits)); c.net.Run(); conn.Reset() },
	} {
		for loops := 1; loops <= 3; loops++ {
			var log bytes.Buffer
			cfg := config()
			cfg.Loops, cfg.Log, cfg.Flood = loops, slog.New(slog.NewTextHandler(&log, nil)), server.DefaultFlood()
			w := sim.NewWorld(cfg, time.Millisecond, start)
			c := chat{t, w, w.Net}
			bob, alice, carl := c.login("bob", true), c.login("alice", true), c.login("carl", true)
			c.net.Advance(time.Second)
			c.server().SetRequest("topic", func() { panic("planted") })
			ask(c, alice)
			c.net.Advance(10 * time.Second)
			if name != "when it was reset" && name != "at the end" {
				got := c.responses(alice)
				if last := got[len(got)-1]; last.Data.Code != protocol.Internal || !strings.HasPrefix(last.Content, "The server failed to answer that.") {
					t.Errorf("%s, %d loops: alice is told %+v", name, loops, last)
				}
				if !ended(alice) {
					t.Errorf("%s, %d loops: alice is still there", name, loops)
				}
			}
			c.responses(bob)
			c.say(carl, "hello")
			c.net.Advance(time.Second)
			if texts, _ := c.heard(bob); len(texts) != 1 || texts[0] != "hello" {
				t.Errorf("%s, %d loops: bob hears %v", name, loops, texts)
			}
			c.net.Advance(time.Second)
			if again := c.login("Alice", true); again.Closed() {
				t.Errorf("%s, %d loops: alice's name is not free", name, loops)
			}
			if n := c.server().CountsHere(); n.Panics != 1 || n.Dropped[server.DropFault] > 1 || n.Extended != 3 {
				t.Errorf("%s, %d loops: %d panics, %d dropped, %d are there", name, loops, n.Panics, n.Dropped[server.DropFault], n.Extended)
			}
			if got := log.String(); strings.Count(got, "panic=planted") != 1 || !strings.Contains(got, "panic_test.go") {
				t.Errorf("%s, %d loops: the log says %s", name, loops, got)
			}
		}
	}
}

// brokenLog fails when it is to say a message.
type brokenLog struct {
	slog.Handler
	message string
}

func (l brokenLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == l.message {
		panic("planted")
	}
	return l.Handler.Handle(ctx, r)
}

// So does a fault in anything else that is done with what a connection has sent.
func TestPanicInInputCostsOneConnection(t *testing.T) {
	for loops := 1; loops <= 3; loops++ {
		cfg := config()
		cfg.Loops = loops
		cfg.Log = slog.New(brokenLog{slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug}), "malformed"})
		w := sim.NewWorld(cfg, time.Millisecond, start)
		c := chat{t, w, w.Net}
		bob, alice := c.login("bob", true), c.login("alice", true)
		c.net.Advance(time.Second)
		c.responses(alice)
		alice.Send([]byte("nonsense\n"))
		c.net.Advance(time.Second)
		if got := c.codes(alice); got != string(protocol.Internal) || !ended(alice) {
			t.Errorf("%d loops: alice is told %q, ended: %v", loops, got, ended(alice))
		}
		c.responses(bob)
		c.send(bob, protocol.Request{Verb: "names"})
		c.net.Advance(time.Second)
		if got := c.codes(bob); got != protocol.EventNames {
			t.Errorf("%d loops: bob is told %q", loops, got)
		}
		if n := c.server().CountsHere(); n.Panics != 1 {
			t.Errorf("%d loops: %d panics", loops, n.Panics)
		}
	}
}

// So does a fault in what one is sent, on whatever loop it is written, at once or when a pause is over.
func TestPanicInWhatIsSentCostsOneConnection(t *testing.T) {
	for name, fail := range map[string]func(s *server.Server){
		"at once":       func(s *server.Server) { s.SendBroken("alice") },
		"after a pause": func(s *server.Server) { s.SendBroken("alice", "{}\n") },
		"to all":        func(s *server.Server) { s.SayBroken() },
	} {
		for loops := 1; loops <= 3; loops++ {
			var log bytes.Buffer
			cfg := config()
			cfg.Loops, cfg.Pace, cfg.Log = loops, 50*time.Millisecond, slog.New(slog.NewTextHandler(&log, nil))
			w := sim.NewWorld(cfg, time.Millisecond, start)
			c := chat{t, w, w.Net}
			bob, dora := c.login("bob", true), c.login("dora", false)
			alice := c.net.Dial()
			alice.Send([]byte(`{"request":"login","content":"alice"}`))
			c.net.Advance(time.Second)
			carl := c.login("carl", false)
			fail(c.server())
			c.net.Advance(2 * time.Second)
			if c.read(alice); !ended(alice) {
				t.Errorf("%s, %d loops: alice is still there", name, loops)
			}
			c.responses(bob)
			c.responses(dora)
			c.say(carl, "hello")
			c.net.Advance(time.Second)
			for who, conn := range map[string]*sim.Conn{"bob": bob, "dora": dora} {
				if texts, _ := c.heard(conn); len(texts) != 1 || texts[0] != "hello" {
					t.Errorf("%s, %d loops: %s hears %v", name, loops, who, texts)
				}
			}
			if again := c.login("Alice", true); again.Closed() {
				t.Errorf("%s, %d loops: alice's name is not free", name, loops)
			}
			if n := c.server().CountsHere(); n.Panics != 1 || n.Dropped[server.DropFault] != 1 {
				t.Errorf("%s, %d loops: %d panics, %d dropped", name, loops, n.Panics, n.Dropped[server.DropFault])
			}
			if got := log.String(); !strings.Contains(got, "slice bounds out of range") || !strings.Contains(got, "(*link).write") {
				t.Errorf("%s, %d loops: the log says %s", name, loops, got)
			}
		}
	}
}

// A fault in what is due costs nothing but that, and it is looked again.
func TestPanicInWhatIsDue(t *testing.T) {
	cfg := config()
	cfg.Timeout = time.Minute
	c := newChat(t, cfg)
	alice := c.login("alice", true)
	c.server().BreakTicks(true)
	c.net.Advance(10 * time.Second)
	if n := c.server().CountsHere().Panics; n < 5 || n > 20 {
		t.Errorf("%d panics in 10 s", n)
	}
	c.server().BreakTicks(false)
	c.net.Advance(2 * time.Minute)
	if got := c.codes(alice); !strings.HasSuffix(got, "logout") || !ended(alice) {
		t.Error("who does nothing is not logged out")
	}
}

// A fault while a command is told leaves half of it behind: the process ends, and nothing goes on.
func TestPanicInACommandEndsTheProcess(t *testing.T) {
	var fatal []error
	cfg := config()
	cfg.Fatal = func(err error) { fatal = append(fatal, err); panic("the process has ended") }
	c := newChat(t, cfg)
	alice := c.login("alice", true)
	c.server().BreakTail()
	defer func() {
		if p := recover(); p != "the process has ended" || len(fatal) == 0 || !strings.Contains(fatal[0].Error(), "Message") {
			t.Errorf("%v, %v", p, fatal)
		}
	}()
	c.say(alice, "hello")
	t.Error("the server goes on")
}
