package users_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/users"
	"pgregory.net/rapid"
)

func TestAnAddressIsBlockedWhateverTheNames(t *testing.T) {
	limits := strict()
	g := users.NewLockouts(limits, nil)
	for i := range 19 {
		fail(g, 1, fmt.Sprint("user", i), here, start.Add(time.Duration(i)*time.Second))
	}
	// The first one counts no more, then one more is not too many.
	now := start.Add(limits.AddrWindow)
	if wait := fail(g, 1, "alice", here, now); wait != 0 {
		t.Errorf("19 failures in the window: blocked for %v", wait)
	}
	g.Succeeded("bob", here, now) // changes nothing for the address
	if wait := fail(g, 1, "carol", here, now); wait != time.Hour {
		t.Errorf("20 failures in the window: blocked for %v, want 1h", wait)
	}
	for _, test := range []struct {
		addr string
		at   time.Duration
		want time.Duration
	}{
		{here, 0, time.Hour},
		{users.AddrKey(netip.MustParseAddr("::ffff:192.0.2.1")), 0, time.Hour},
		{here, time.Hour - 1, 1},
		{here, time.Hour, 0},
		{there, 0, 0},
		{nowhere, 0, 0},
	} {
		if wait, _ := g.Check("eve", test.addr, now.Add(test.at)); wait != test.want {
			t.Errorf("%q after %v: wait %v, want %v", test.addr, test.at, wait, test.want)
		}
	}
	if len(g.Unblock("192.0.2.1")) == 0 {
		t.Error("an address cannot be unblocked")
	}
	if _, blocked := g.Check("eve", here, now); blocked {
		t.Error("an address was unblocked and is blocked")
	}
}

// A failure plays no part any more at the end of the window.
func TestAnAddressIsForgotten(t *testing.T) {
	limits := strict()
	g := users.NewLockouts(limits, nil)
	fail(g, 1, "alice", here, start)
	if changed := g.Sweep(start.Add(limits.AddrWindow - 1)); len(changed) != 0 {
		t.Errorf("in the window is removed %v", changed)
	}
	if got := fmt.Sprint(keysOf(g.Sweep(start.Add(limits.AddrWindow)))); got != "[addr:192.0.2.1]" {
		t.Errorf("at its end is removed %s", got)
	}
}

func TestWhatIsOneAddress(t *testing.T) {
	for _, test := range []struct{ remote, other, key string }{
		{"192.0.2.1:1000", "192.0.2.1:2000", "addr:192.0.2.1"},
		{"127.0.0.1:1000", "[::ffff:127.0.0.1]:1", "addr:127.0.0.1"},
		{"[::1]:1000", "[::1]:2000", "addr:::/64"},
		{"[2001:db8:1:2::1]:1", "[2001:db8:1:2:ffff::9]:1", "addr:2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:1", "[fe80::2%eth1]:1", "addr:fe80::/64"},
		{"192.0.2.1", "192.0.2.1:1", "addr:192.0.2.1"},
		{"", "@", ""},
		{"/run/parley.sock", "pipe", ""},
	} {
		if !users.ValidAddrKey(users.AddrKey(users.RemoteAddr(test.remote))) {
			t.Errorf("%s: its key is said to be none", test.remote)
		}
		g := users.NewLockouts(strict(), nil)
		failNames(g, 10, users.AddrKey(users.RemoteAddr(test.remote)), start)
		wait := failNames(g, 10, users.AddrKey(users.RemoteAddr(test.other)), start)
		if (wait == time.Hour) != (test.key != "") {
			t.Errorf("%s and %s: wait %v", test.remote, test.other, wait)
		}
		keys := slices.DeleteFunc(keysOf(g.Export()), func(key string) bool { return strings.HasPrefix(key, "name") })
		if got := fmt.Sprint(keys); test.key == "" && got != "[]" || test.key != "" && got != "["+test.key+"]" {
			t.Errorf("%s: keys %v, want %s", test.remote, keys, test.key)
		}
	}
}

func TestWhatIsNoKeyOfAnAddress(t *testing.T) {
	for _, key := range []string{"addr:", "192.0.2.1", "alice", "addr:alice", "addr:192.0.2.1:80", "addr:192.0.2.0/24", "addr:192.0.2.01",
		"addr:::1", "addr:2001:db8::1/64", "addr:2001:db8::/48", "addr:fe80::%eth0/64", "addr:::ffff:192.0.2.1", "addr:192.0.2.1 "} {
		if users.ValidAddrKey(key) {
			t.Errorf("%q is said to be one", key)
		}
	}
}

func keysOf(blocks []users.Lockout) []string {
	keys := make([]string, len(blocks))
	for i, b := range blocks {
		keys[i] = b.Key
	}
	return keys
}

// TestAnAddressAgreesWithALog counts failures in a log of all of them.
func TestAnAddressAgreesWithALog(t *testing.T) {
	limits := strict()
	limits.AddrFailures = 4
	rapid.Check(t, func(t *rapid.T) {
		g := users.NewLockouts(limits, nil)
		var log []time.Time
		var until time.Time
		now := start
		for i, pause := range rapid.SliceOf(rapid.IntRange(0, 400)).Draw(t, "pauses in seconds") {
			now = now.Add(time.Duration(pause) * time.Second)
			if _, blocked := g.Check("alice", here, now); blocked != until.After(now) {
				t.Fatalf("after %v: blocked %v, want %v", now.Sub(start), blocked, until.After(now))
			}
			if !until.After(now) {
				log = append(slices.DeleteFunc(log, func(at time.Time) bool { return now.Sub(at) >= limits.AddrWindow }), now)
				if len(log) == limits.AddrFailures {
					log, until = nil, now.Add(limits.AddrBlock)
				}
			}
			if wait, _, _ := g.Failed(fmt.Sprint("user", i), here, now); wait != max(until.Sub(now), 0) {
				t.Fatalf("after %v: wait %v, want %v", now.Sub(start), wait, until.Sub(now))
			}
		}
	})
}
