package server_test

import (
	"fmt"
	"testing"
	"time"

	"parley/users"
	"parley/users/state"
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
	if len(c.kept().Lockouts) != 3 {
		t.Fatalf("on the disk are %v, want a name, an address, and both together", c.kept().Lockouts)
	}
	c.net.Advance(c.Config.Logins.NameMemory)
	if len(c.kept().Lockouts) == 0 {
		t.Error("nothing is left before the time is over")
	}
	for range 5 { // steps that do not hide that somebody has to wake up
		c.net.Advance(time.Minute)
	}
	if len(c.kept().Lockouts) != 0 {
		t.Errorf("on the disk are %v", c.kept().Lockouts)
	}
}

// What was over before the server was started is removed then.
func TestLoginBlocksThatWereOverBeforeTheStart(t *testing.T) {
	c := slowChat(t, time.Millisecond)
	c.guess()
	kept, _ := c.lockout("alice")
	var rows state.Rows
	for _, key := range []string{"old", "addr:203.0.113.1", "old/addr:203.0.113.1"} {
		rows.Lockouts = append(rows.Lockouts, users.Lockout{Key: key, Failures: 1, Until: start.Add(-49 * time.Hour), First: start.Add(-48 * time.Hour), Last: start.Add(-48 * time.Hour)})
	}
	keep(c.World, rows)
	c.Net.Dial()
	c.Net.Advance(time.Second)
	if _, has := c.lockout("alice"); !has || len(c.kept().Lockouts) != 3 {
		t.Errorf("on the disk are %v, want %v, the address, and both", c.kept().Lockouts, kept)
	}
}

// The disk keeps no more than is remembered.
func TestLoginBlocksAreBounded(t *testing.T) {
	cfg := config()
	cfg.Logins.Names, cfg.Logins.Addrs = 10, 10
	c := newChat(t, cfg)
	var rows state.Rows
	for i := range 100 {
		for _, key := range []string{fmt.Sprint("name", i), fmt.Sprint("addr:192.0.2.", i), fmt.Sprint("name/addr:192.0.2.", i)} {
			rows.Lockouts = append(rows.Lockouts, users.Lockout{Key: key, Failures: 1, Until: start.Add(-time.Second), First: start, Last: start.Add(time.Duration(i))})
		}
	}
	keep(c.World, rows)
	c.Net.Dial()
	c.Net.Advance(time.Second)
	if n := len(c.kept().Lockouts); n != 30 {
		t.Errorf("on the disk are %d, want 30", n)
	}
}
