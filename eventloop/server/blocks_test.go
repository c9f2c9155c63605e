package server_test

import (
	"maps"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/users"
)

// enemies is a chat in which alice and bob have accounts and have blocked each other.
func enemies(t *testing.T) (c chat, alice, bob *sim.Conn) {
	c = slowChat(t, time.Millisecond)
	alice, bob = c.register("alice"), c.register("bob")
	c.raw(alice, `{"request":"block","content":"bob"}`)
	c.raw(bob, `{"request":"block","content":"alice"}`)
	c.net.Advance(time.Second)
	if got := c.codes(alice) + c.codes(bob); got != "blockedblocked" || len(c.Disk.Blocks) != 2 {
		t.Fatalf("alice and bob are told %q; on the disk are %v", got, c.Disk.Blocks)
	}
	return c, alice, bob
}

// deleteBob does what the store does when the owner deletes bob's account.
func (c chat) deleteBob() {
	delete(c.Disk.Accounts, "bob")
	maps.DeleteFunc(c.Disk.Blocks, func(b users.Block, _ bool) bool { return b.Blocker == "bob" || b.Blocked == "bob" })
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
	if a, b := c.codes(alice), c.codes(bob); a != "message message" || b != "message message" {
		c.Errorf("alice is told %q, bob %q", a, b)
	}
	if len(c.Disk.Blocks) != 0 {
		c.Errorf("on the disk are %v", c.Disk.Blocks)
	}
}

// Blocks by and of a deleted account are gone, in the server as on the disk.
func TestBlocksOfADeletedAccount(t *testing.T) {
	c, alice, _ := enemies(t)
	c.deleteBob()
	c.owner(server.Change{Key: "bob"})
	c.friends(alice, c.login("bob", true))
}

// Who blocks an account that is deleted already, before the server knows, has blocked
// nobody afterwards, in the server as on the disk.
func TestABlockThatMeetsADeletion(t *testing.T) {
	c, alice, _ := enemies(t)
	c.raw(alice, `{"request":"unblock","content":"bob"}`)
	c.net.Advance(time.Second)
	c.deleteBob()
	c.raw(alice, `{"request":"block","content":"bob"}`)
	c.net.Advance(time.Second)
	if len(c.Disk.Blocks) != 1 {
		t.Fatalf("on the disk are %v", c.Disk.Blocks)
	}
	c.owner(server.Change{Key: "bob"})
	c.friends(alice, c.login("bob", true))
}

// An account that was deleted and made anew before the server looked is another one.
func TestAnAccountThatWasMadeAnew(t *testing.T) {
	c, alice, bob := enemies(t)
	c.deleteBob()
	c.owner(server.Change{Key: "bob", Account: &users.Account{Name: "bob", Hash: "hash of red horses", Registered: c.net.Now()}})
	if got := c.codes(bob); got != "logout" || !ended(bob) {
		t.Errorf("the bob of before is told %q", got)
	}
	c.friends(alice, c.raw(nil, `{"request":"login","content":"bob","password":"red horses","extended":1}`))
}

// A password that the owner has changed leaves the blocks as they are.
func TestBlocksAfterTheOwnerHasSetAPassword(t *testing.T) {
	c, alice, bob := enemies(t)
	account := c.Disk.Accounts["bob"]
	account.Registered, account.Hash = account.Registered.Round(0), "hash of red horses" // as it is read
	c.owner(server.Change{Key: "bob", Account: &account})
	c.say(alice, "hello")
	if got := c.codes(bob); got != "" || ended(bob) {
		t.Errorf("bob is told %q", got)
	}
}
