package server

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"parley/eventloop"
	"parley/users"
	"parley/users/command"
)

// Nobody is told of a ban before it is kept, and who is banned has no say from the moment on
// in which it was decided.
func TestABanIsToldWhenItIsKept(t *testing.T) {
	c := newTestCore(t, benchConfig(), 1<<20)
	bob, carol := c.enter("bob", ""), c.enter("carol", "")
	c.settle()
	c.say(bob, "before")
	c.take(bob)
	c.take(carol)
	c.outside(&command.Sanction{Kind: users.Ban, Name: "bob"})
	c.say(bob, "behind")
	if got := c.take(bob) + c.take(carol); got != "" || c.closed[bob] {
		t.Errorf("they are told %q, closed %v", got, c.closed[bob])
	}
	c.settle()
	if got := c.take(carol); !strings.HasSuffix(got, "before, banned, bob logged out") {
		t.Errorf("carol is told %s", got)
	}
	if got := c.take(bob); !strings.HasSuffix(got, "before, logout") || !c.closed[bob] {
		t.Errorf("bob is told %s, closed %v", got, c.closed[bob])
	}
}

// An announcement reaches those, too, who are told first what they have missed.
func TestAnAnnouncementReachesWhoCatchesUp(t *testing.T) {
	cfg := benchConfig()
	cfg.Flood = FloodLimits{}
	c := newTestCore(t, cfg, 300)
	bob := c.enter("bob", "")
	for range 50 {
		c.say(bob, strings.Repeat("x", 2000))
	}
	c.settle()
	alice := c.enter("alice", `,"after":0,"log":"this log"`)
	c.commit()
	c.take(bob)
	if past := c.sessions.get(alice).catch(); past == nil || !past.rooms {
		t.Fatal("she has caught up")
	}
	c.outside(&command.Announce{Text: "hi"})
	c.commit()
	if got := c.take(alice); strings.Count(got, "announcement") != 1 {
		t.Errorf("alice is told %s", got)
	}
	c.settle()
	if got := c.take(alice) + c.take(bob); strings.Count(got, "announcement") != 1 {
		t.Errorf("then she and bob are told %s", got)
	}
}

// A connection from an address that is banned is told so at once, also while the disk fails,
// and what it asks for is not carried out. A Unix socket has no address.
func TestAConnectionFromABannedAddress(t *testing.T) {
	c := newTestCore(t, benchConfig(), 1<<20)
	for _, prefix := range []string{"192.0.2.0/24", "2001:db8::/32", "2001:db8:1:2::/64"} {
		if r := c.outside(&command.Sanction{Kind: users.Ban, Addr: prefix}); r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	c.settle()
	c.writeFail = errors.New("the disk is full")
	c.outside(&command.Announce{Text: "hi"})
	c.Flush(c.now)
	doAll(&c.writes)
	for addr, banned := range map[string]bool{
		"192.0.2.7:1": true, "192.0.3.7:1": false, "[::ffff:192.0.2.7]:1": true, "[2001:db8:ffff::1]:1": true, "[2001:db9::1]:1": false, "[::1]:1": false, "": false,
	} {
		remote, _ := netip.ParseAddrPort(addr)
		c.last++
		id := conn(c.last)
		c.Opened(id, remote, eventloop.NoTLS, c.now)
		c.ask(id, `{"request":"login","content":"user%d","extended":1}`, c.last)
		if got := c.take(id); (got == "The server's owner has banned you.") != banned || c.closed[id] != banned {
			t.Errorf("%s: told %q, closed %v", addr, got, c.closed[id])
		}
	}
}
