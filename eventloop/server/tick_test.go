package server

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
	"parley/protocol"
)

// standing returns a core whose times are a minute, in which alice has just logged in and pinged,
// and a connection that has not logged in.
func standing(t *testing.T) (c *testCore, alice, mute eventloop.ConnID, run func(time.Duration)) {
	cfg := benchConfig()
	cfg.Timeout, cfg.LoginTimeout, cfg.Log = time.Minute, time.Minute, slog.New(slog.DiscardHandler)
	c = newTestCore(t, cfg, 1<<20)
	alice, mute = c.enter("alice", ""), c.connect()
	c.settle()
	c.ask(alice, `{"request":"ping"}`)
	run = func(d time.Duration) { // as long as the server runs, it looks once a second
		for ; d > 0; d -= time.Second {
			c.now = c.now.Add(time.Second)
			c.Tick(c.now)
		}
	}
	return c, alice, mute, run
}

// What a server did not see because it was stopped counts for nobody: not as time in which one
// does nothing, nor as time for a login, nor as silence.
func TestStandstill(t *testing.T) {
	c, alice, mute, run := standing(t)
	run(25 * time.Second)
	c.now = c.now.Add(time.Hour)
	c.Tick(c.now)
	c.take(alice)
	run(25 * time.Second)
	if got := c.take(alice); c.closed[alice] || c.closed[mute] || !strings.Contains(got, "idle") {
		t.Errorf("after 50 s and an hour in which it stood still, alice is told %q; closed: %v, %v", got, c.closed[alice], c.closed[mute])
	}
	run(15 * time.Second)
	if got := c.take(alice); !c.closed[alice] || !c.closed[mute] {
		t.Errorf("a minute and some seconds in which it ran are not over for all: alice is told %q; closed: %v, %v", got, c.closed[alice], c.closed[mute])
	}
}

// What was done after a standstill and before it was noticed gains nothing by it.
func TestStandstillNoticedLate(t *testing.T) {
	c, alice, _, run := standing(t)
	run(time.Second)
	c.now = c.now.Add(time.Hour)
	late := c.connect()
	c.ask(alice, `{"request":"ping"}`)
	run(70 * time.Second)
	if !c.closed[late] || !c.closed[alice] {
		t.Errorf("a minute and some seconds are not over for who came (closed: %v) and who did something (%v) after it", c.closed[late], c.closed[alice])
	}
}

// A client that pings and hangs while the server stands still is not lost for that.
func TestStandstillOfSilence(t *testing.T) {
	cfg := benchConfig()
	cfg.Log = slog.New(slog.DiscardHandler)
	c := newTestCore(t, cfg, 1<<20)
	alice := c.enter("alice", "")
	c.settle()
	c.ask(alice, `{"request":"ping"}`)
	c.now = c.now.Add(protocol.DeadAfter + 2*time.Second)
	c.Tick(c.now)
	if c.closed[alice] {
		t.Error("its client is said to be silent")
	}
}
