package server_test

import (
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/users/command"
)

// enemies is a chat in which alice and bob have accounts and have blocked each other.
func enemies(t *testing.T) (c chat, alice, bob *sim.Conn) {
	c = slowChat(t, time.Millisecond)
	alice, bob = c.register("alice"), c.register("bob")
	c.raw(alice, `{"request":"block","content":"bob"}`)
	c.raw(bob, `{"request":"block","content":"alice"}`)
	c.net.Advance(time.Second)
	if got := c.codes(alice) + c.codes(bob); got != "blockedblocked" || len(c.kept().Blocks) != 2 {
		t.Fatalf("alice and bob are told %q; on the disk are %v", got, c.kept().Blocks)
	}
	return c, alice, bob
}

// friends checks that bob, somebody else of that name, and alice hear each other, and
// that it would be so after another start.
func (c chat) friends(alice, bob *sim.Conn) {
	c.Helper()
	c.net.Advance(time.Second)
	c.responses(alice)
	c.responses(bob)
	c.say(alice, "hello")
	c.say(bob, "hello")
	c.net.Advance(time.Second)
	if a, b := c.codes(alice), c.codes(bob); a != "message message" || b != "message message" {
		c.Errorf("alice is told %q, bob %q", a, b)
	}
	if len(c.kept().Blocks) != 0 {
		c.Errorf("on the disk are %v", c.kept().Blocks)
	}
}

// Blocks by and of a deleted account are gone, in the server as on the disk.
func TestBlocksOfADeletedAccount(t *testing.T) {
	c, alice, _ := enemies(t)
	c.owner(&command.DeleteAccount{Name: "bob"})
	c.friends(alice, c.login("bob", true))
}

// An account that was deleted and made anew is another one.
func TestAnAccountThatWasMadeAnew(t *testing.T) {
	c, alice, bob := enemies(t)
	c.owner(&command.DeleteAccount{Name: "bob"})
	c.owner(&command.AddAccount{Name: "bob", Hash: "hash of red horses"})
	if got := c.codes(bob); got != "logout" || !ended(bob) {
		t.Errorf("the bob of before is told %q", got)
	}
	c.friends(alice, c.raw(nil, `{"request":"login","content":"bob","password":"red horses","extended":1}`))
}

// A password that the owner has changed leaves the blocks as they are.
func TestBlocksAfterTheOwnerHasSetAPassword(t *testing.T) {
	c, alice, bob := enemies(t)
	c.owner(&command.SetHash{Name: "bob", Hash: "hash of red horses"})
	c.say(alice, "hello")
	if got := c.codes(bob); got != "" || ended(bob) {
		t.Errorf("bob is told %q", got)
	}
}
