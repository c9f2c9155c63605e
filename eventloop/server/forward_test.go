package server

import (
	"errors"
	"slices"
	"testing"
	"time"

	"parley/users/command"
	"parley/users/state"
	"parley/users/tail"
)

// Whoever sends what is said in rooms with outgoing hooks is told of each thing that they may
// send, when it is kept and not before, of no other room, and of nothing said to one person.
func TestForward(t *testing.T) {
	var told forwarder
	cfg := benchConfig()
	cfg.Forward = &told
	c := newTestCore(t, cfg, tail.Limit)
	alice, bob := c.enter("alice", `,"extended":1`), c.enter("bob", `,"extended":1`)
	c.ask(alice, `{"request":"create","content":"Den"}`)
	c.settle()
	if told.log != c.log.Name() {
		t.Errorf("it sends what is of the log %q", told.log)
	}
	expect := func(what string, want ...string) {
		t.Helper()
		if len(told.of) != 0 {
			t.Errorf("%s: before it is kept it is told of %q", what, told.of)
		}
		c.settle()
		if !slices.Equal(told.of, want) {
			t.Errorf("%s: it is told of %q, want %q", what, told.of, want)
		}
		told.of = nil
	}
	hook := func(name, room string) {
		c.outside(&command.AddOutgoingHook{Name: name, Room: room, URL: "http://localhost/", Secret: "s"})
	}
	c.say(alice, "hello")
	expect("a room without a hook")
	hook("aHook", state.Lobby)
	expect("a hook", "")
	c.ask(alice, `{"request":"msg","content":{"text":"in the lobby","room":"lobby"}}`)
	expect("a message", state.Lobby)
	number := c.state.Last()
	c.ask(alice, `{"request":"msg","content":{"text":"in the den","room":"Den"}}`)
	expect("a message in another room")
	c.ask(alice, `{"request":"dm","content":{"to":"bob","text":"psst"}}`)
	expect("a direct message")
	c.ask(alice, `{"request":"edit","content":{"id":%d,"text":"edited"}}`, number)
	expect("an edit", state.Lobby)
	c.ask(bob, `{"request":"react","content":{"id":%d,"word":"+1"}}`, number)
	expect("a reaction", state.Lobby)
	c.ask(alice, `{"request":"remove","content":{"id":%d}}`, number)
	expect("a removal", state.Lobby)
	c.outside(&command.AddHook{Name: "inHook", Room: state.Lobby, Token: "k"})
	expect("an incoming hook", "")
	c.outside(&command.HookMessage{Token: "k", Text: "by a program"})
	expect("a message of a program", state.Lobby)
	hook("denHook", "den")
	expect("another hook", "")
	c.writeFail = errors.New("the disk is full")
	c.ask(alice, `{"request":"msg","content":{"text":"while the disk fails","room":"Den"}}`)
	c.Flush(c.now)
	if doAll(&c.writes); len(told.of) > 0 {
		t.Errorf("what is not kept is told of: %q", told.of)
	}
	c.writeFail = nil
	c.now = c.now.Add(time.Second)
	c.Tick(c.now)
	c.outside(&command.StopHook{Name: "aHook", Number: hookOf(c, "aHook").Number})
	c.settle()
	told.of = nil
	c.ask(alice, `{"request":"msg","content":{"text":"nobody sends that","room":"lobby"}}`)
	expect("a message behind the end of the hook")
	c.ask(bob, `{"request":"create","content":"Attic"}`)
	c.ask(bob, `{"request":"leave","content":"Attic"}`)
	expect("the end of a room without a hook")
	c.ask(alice, `{"request":"leave","content":"Den"}`)
	expect("the end of the room", "")
}

func hookOf(c *testCore, name string) state.Hook {
	h, _ := c.state.Hook(name)
	return h
}

// A forwarder notes what it is told.
type forwarder struct {
	log string   // under whose name it is to send
	of  []string // rooms
}

func (f *forwarder) Send(log string)  { f.log = log }
func (f *forwarder) Wake(room string) { f.of = append(f.of, room) }
func (f *forwarder) End(done func())  { f.log = ""; done() }
