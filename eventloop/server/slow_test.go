package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
)

// A client that does not read is closed, and its name is free.
func TestSlowClientIsClosed(t *testing.T) {
	cfg := config()
	cfg.Flood = server.FloodLimits{}
	c := newChat(t, cfg)
	slow, alice := c.login("slow", true), c.login("alice", true)
	slow.Stall()
	for range 1000 {
		c.say(alice, strings.Repeat("x", 4000))
		c.read(alice)
	}
	c.send(alice, protocol.Request{Verb: "names"})
	if got := c.responses(alice); len(got) != 1 || got[0].Content != "alice" {
		t.Errorf("names: %+v", got)
	}
}

// Who resumes and does not read has a page waiting, not all there is. It is no matter to
// others.
func TestWhoResumesAndDoesNotReadHasAPageWaiting(t *testing.T) {
	for loops := 1; loops <= 2; loops++ {
		cfg := config()
		cfg.Flood, cfg.Loops = server.FloodLimits{}, loops
		c := newChat(t, cfg)
		alice := c.login("alice", true)
		for i := range 200 {
			c.say(alice, fmt.Sprint(i, strings.Repeat("x", 1000)))
		}
		c.responses(alice)
		slow, bob := c.net.Dial(), c.net.Dial()
		slow.Stall()
		const resume = `{"request":"login","content":"%s","extended":1,"log":"simulated","after":0}`
		c.raw(slow, fmt.Sprintf(resume, "slow"))
		c.raw(bob, fmt.Sprintf(resume, "bob"))
		c.net.Advance(20 * time.Millisecond)
		if n := slow.Waiting(); n < 16<<10 || n > 20<<10 {
			t.Errorf("%d bytes wait for who does not read", n)
		}
		got := c.responses(bob)
		if last := got[len(got)-1]; len(got) != 202 || last.Data.Event != protocol.EventResumed || last.Data.ID != 200 {
			t.Errorf("bob is told %d times, the last %+v", len(got), last)
		}
		c.net.Advance(5 * time.Second)
		if n := slow.Waiting(); n < 16<<10 || n > 20<<10 {
			t.Errorf("later %d bytes wait", n)
		}
	}
}
