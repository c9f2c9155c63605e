package server_test

import (
	"fmt"
	"testing"
	"time"

	"parley/users"
)

// guess gives a wrong password for alice, who has nobody's account, and hangs up.
func (c chat) guess() {
	conn := c.raw(nil, `{"request":"login","content":"alice","password":"wrong","extended":1}`)
	c.net.Advance(time.Second)
	conn.HangUp()
	c.net.Run()
}

// What is over is taken off the disk when its time has come, although nobody is there.
func TestLoginBlocksThatAreOverAreRemoved(t *testing.T) {
	c := slowChat(t, time.Millisecond)
	for range c.Config.Logins.Failures {
		c.guess()
	}
	if len(c.Disk.LoginBlocks) != 2 {
		t.Fatalf("on the disk are %v, want a name and an address", c.Disk.LoginBlocks)
	}
	c.net.Advance(c.Config.Logins.Quiet)
	if len(c.Disk.LoginBlocks) == 0 {
		t.Error("nothing is left before the time is over")
	}
	for range 5 { // steps that do not hide that somebody has to wake up
		c.net.Advance(time.Minute)
	}
	if len(c.Disk.LoginBlocks) != 0 {
		t.Errorf("on the disk are %v", c.Disk.LoginBlocks)
	}
}

// What was over before the server was started is removed then.
func TestLoginBlocksThatWereOverBeforeTheStart(t *testing.T) {
	c := slowChat(t, time.Millisecond)
	c.guess()
	kept := c.Disk.LoginBlocks["alice"]
	c.Disk.LoginBlocks["old"] = users.LoginBlock{Key: "old", Failures: 1, First: start.Add(-48 * time.Hour), Last: start.Add(-48 * time.Hour)}
	c.Disk.LoginBlocks["addr:203.0.113.1"] = users.LoginBlock{Key: "addr:203.0.113.1", Failures: 1, First: start.Add(-48 * time.Hour), Last: start.Add(-48 * time.Hour)}
	c.Crash()
	c.Net.Dial()
	c.Net.Advance(time.Second)
	if _, has := c.Disk.LoginBlocks["alice"]; !has || len(c.Disk.LoginBlocks) != 2 {
		t.Errorf("on the disk are %v, want %v and the address", c.Disk.LoginBlocks, kept)
	}
}

// The disk keeps no more than is remembered.
func TestLoginBlocksAreBounded(t *testing.T) {
	cfg := config()
	cfg.Logins.Names, cfg.Logins.Addrs = 10, 10
	c := newChat(t, cfg)
	for i := range 100 {
		for _, key := range []string{fmt.Sprint("name", i), fmt.Sprint("addr:192.0.2.", i)} {
			c.Disk.LoginBlocks[key] = users.LoginBlock{Key: key, Failures: 1, First: start, Last: start.Add(time.Duration(i))}
		}
	}
	c.Crash()
	c.Net.Dial()
	c.Net.Advance(time.Second)
	if n := len(c.Disk.LoginBlocks); n != 20 {
		t.Errorf("on the disk are %d, want 20", n)
	}
}
