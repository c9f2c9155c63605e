package server

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/eventloop"
	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
	"parley/users/tail"
)

// told compares what a connection has been sent since the last time.
func (c *testCore) told(id int, want string) {
	c.Helper()
	if got := c.take(conn(id)); got != want {
		c.Errorf("connection %d is told\n%s\nwant\n%s", id, got, want)
	}
}

// Nobody is told what was done to a room before it is safe, and then all are in order.
func TestRoomsAreToldWhenTheyAreSafe(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	alice, bob, carl := c.enter("alice", ""), c.enter("bob", ""), c.enter("carl", "")
	c.settle()
	for _, id := range []eventloop.ConnID{alice, bob, carl} {
		c.take(id)
	}
	c.ask(alice, `{"request":"create","content":"den"}`)
	c.ask(bob, `{"request":"join","content":"den"}`)
	c.ask(carl, `{"request":"names"}`)
	c.told(3, "names")
	c.ask(carl, `{"request":"names","content":"den"}`)
	c.ask(carl, `{"request":"rooms"}`)
	c.ask(bob, `{"request":"names","content":"den"}`)
	c.ask(bob, `{"request":"ping"}`)
	c.ask(alice, `{"request":"topic","content":"dens"}`)
	c.ask(alice, `{"request":"msg","content":"hi"}`)
	c.ask(bob, `{"request":"leave"}`)
	c.ask(alice, `{"request":"msg","content":"alone"}`)
	c.told(1, "")
	c.told(2, "")
	c.told(3, "")
	c.commit()
	c.told(3, "names, rooms")
	c.told(1, "created, bob joined den, topic, 1 hi, bob left den, 2 alone")
	c.told(2, "joined, names, pong, topic, 1 hi, left")
	c.ask(alice, `{"request":"leave"}`)
	c.commit()
	c.told(1, "left")
	if n := len(c.tail.NewestAfter("den", 0, 10)); n != 0 {
		t.Errorf("of a room that has ended %d messages are in memory", n)
	}
}

// A wrong key counts as no wrong password, and who is gone before it is known is told
// nothing.
func TestWhoIsGoneBeforeTheKeyIsChecked(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	alice, bob := c.enter("alice", ""), c.enter("bob", "")
	c.settle()
	hasher := &laterHasher{}
	c.hasher = asyncHasher{hasher, c.Core}
	c.ask(alice, `{"request":"create","content":"den key blue"}`)
	hasher.answer(true)
	c.settle()
	c.take(alice)
	c.take(bob)
	c.ask(bob, `{"request":"join","content":"den red"}`)
	c.ask(bob, `{"request":"msg","content":"meanwhile"}`)
	c.settle()
	c.told(2, "")
	hasher.answer(false)
	c.settle()
	c.told(2, "wrong_key, 1 meanwhile")
	c.told(1, "1 meanwhile")
	c.ask(bob, `{"request":"join","content":"den blue"}`)
	c.Closed(bob, c.now)
	hasher.answer(true)
	c.settle()
	c.told(1, "")
	if names := c.state.NamesIn("den"); len(names) != 1 || c.state.Locked("bob", "", c.now) > 0 {
		t.Errorf("in the room are %q", names)
	}
}

// laterHasher answers when it is told to.
type laterHasher struct{ waiting []func(ok bool) }

func (h *laterHasher) Verify(_, _, _ string, done func(ok, rehash bool)) bool {
	h.waiting = append(h.waiting, func(ok bool) { done(ok, false) })
	return true
}

func (h *laterHasher) Hash(_, _ string, done func(hash string)) bool {
	h.waiting = append(h.waiting, func(bool) { done("hash") })
	return true
}

func (h *laterHasher) answer(ok bool) {
	waiting := h.waiting
	h.waiting = nil
	for _, done := range waiting {
		done(ok)
	}
}

// What is asked while something is counted waits, and what cannot be read is said.
func TestUnreadWaitsForTheDisk(t *testing.T) {
	c := newTestCore(t, benchConfig(), 1000)
	c.outside(&command.AddAccount{Name: "dora", Hash: "hash"})
	c.account("dora", call{})
	dora, alice := conn(c.last), c.enter("alice", "")
	c.settle()
	for range 30 {
		c.say(alice, "hi dora, this is a text of some length")
	}
	c.settle()
	c.take(dora)
	c.ask(dora, `{"request":"unread"}`)
	c.ask(dora, `{"request":"rooms"}`)
	c.commit()
	c.told(1, "")
	c.settle()
	c.told(1, "unread, rooms")
	c.readFail = errors.New("no disk")
	c.ask(dora, `{"request":"unread"}`)
	c.ask(dora, `{"request":"rooms"}`)
	c.settle()
	c.told(1, string(protocol.Internal)+", rooms")
	c.ask(dora, `{"request":"unread"}`)
	c.Closed(dora, c.now)
	c.settle()
	c.told(1, "")
}

// Of more rooms than an answer lists it is told how many there are.
func TestMoreRoomsThanAreListed(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	var owner eventloop.ConnID
	for i := range maxRoomsListed + 2 {
		if i%state.MaxMade == 0 {
			owner = c.enter(fmt.Sprint("user", i), "")
		}
		c.ask(owner, `{"request":"create","content":"room-%04d"}`, i)
	}
	bob := c.connect()
	c.ask(bob, `{"request":"login","content":"bob"}`)
	c.settle()
	c.take(bob)
	c.ask(bob, `{"request":"rooms"}`)
	c.settle()
	got := c.take(bob)
	if n := strings.Count(got, "room-"); n != maxRoomsListed || !strings.HasSuffix(got, "\nand 2 more") {
		t.Errorf("%d rooms are listed, and the end is %q", n, got[max(0, len(got)-80):])
	}
}
