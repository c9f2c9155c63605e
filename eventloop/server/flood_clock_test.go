package server_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
)

// setClocks are how somebody may set the clock: 0 is not at all.
var setClocks = []time.Duration{0, time.Hour, -time.Hour, 25 * time.Hour, -25 * time.Hour}

// A clockTrace is what was heard, step by step, while somebody set the clock again and again.
type clockTrace struct {
	chat
	by  time.Duration
	all []string
}

// after lets time pass, of which half is before somebody sets the clock, and notes what a client has heard.
func (c *clockTrace) after(d time.Duration, conn *sim.Conn) {
	c.net.Advance(d / 2)
	c.net.SetClock(c.by)
	c.net.Advance(d - d/2)
	texts, errors := c.heard(conn)
	c.all = append(c.all, fmt.Sprintf("%s: %s %v", d, strings.Join(texts, " "), errors))
}

// sameWhateverTheClock has something happen once for each of setClocks, and compares all with the first,
// which is returned.
func sameWhateverTheClock(t *testing.T, cfg server.Config, happen func(*clockTrace)) []string {
	t.Helper()
	var want []string
	for _, by := range setClocks {
		c := &clockTrace{chat: newChat(t, cfg), by: by}
		happen(c)
		if by == 0 {
			want = c.all
		} else if !slices.Equal(c.all, want) {
			t.Errorf("set by %s:\n%s\nnot set:\n%s", by, strings.Join(c.all, "\n"), strings.Join(want, "\n"))
		}
	}
	return want
}

// Who says too much waits, and is refused, for as long as it takes, however somebody sets the clock
// meanwhile; and what they may say at once is no more for it.
func TestFloodAndTheClock(t *testing.T) {
	cfg := config()
	cfg.Flood = server.DefaultFlood()
	got := sameWhateverTheClock(t, cfg, func(c *clockTrace) {
		talker := c.login("talker", true)
		for _, paste := range []int{12, 100, 60} { // some wait, some are refused, and more go on regardless
			c.paste(talker, 0, paste)
			c.after(0, talker)
			for range 5 {
				c.after(600*time.Millisecond, talker)
			}
			c.after(10*time.Second, talker)
			c.after(30*time.Second, talker)
		}
	})
	for i, want := range map[int]string{0: "0s: 0 1 2 3 4 5 6 7 8 9 map[]", 1: "600ms: 10 map[]", 2: "600ms: 11 map[]", 3: "600ms:  map[]"} {
		if got[i] != want {
			t.Errorf("step %d is %q, not %q", i, got[i], want)
		}
	}
	if !strings.Contains(strings.Join(got, "\n"), "rate_limited") {
		t.Errorf("nothing is refused: %q", got)
	}
}

// So it is with what programs ask for by themselves, with invitations, and with what comes from one
// address.
func TestLimitsAndTheClock(t *testing.T) {
	cfg := config()
	cfg.Flood = server.DefaultFlood()
	cfg.Addresses = server.AddressLimits{New: server.Quota{Most: 5, Per: 10 * time.Second}, Registrations: server.Quota{Most: 2, Per: 2 * time.Minute}, Loopback: true}
	for what, happen := range map[string]func(*clockTrace){
		"programs": func(c *clockTrace) {
			alice := c.login("alice", true)
			for range 10 {
				alice.Send(bytes.Repeat(request("ping", ""), 200))
				c.after(time.Second, alice)
			}
		},
		"invitations": func(c *clockTrace) {
			c.login("bob", true)
			alice := c.login("alice", true)
			for range 40 {
				alice.Send(slices.Concat(request("startprivate", "bob SHA256:"+strings.Repeat("A", 43)+" relay"), request("stopprivate", "bob")))
				c.after(time.Second, alice)
			}
		},
		"addresses": func(c *clockTrace) {
			for i := range 40 {
				conn := c.net.DialFrom(netip.MustParseAddr("192.0.2.7"))
				conn.Send(fmt.Appendf(nil, `{"request":"login","content":"guest%d","extended":1}`+"\n", i))
				c.after(time.Second, conn)
				conn.HangUp()
			}
		},
		"registrations": func(c *clockTrace) {
			for i := range 40 {
				conn := c.net.DialFrom(netip.MustParseAddr("192.0.2.7"))
				conn.Send(fmt.Appendf(nil, `{"request":"login","content":"guest%d","password":"blue horses","register":true,"extended":1}`+"\n", i))
				c.after(5*time.Second, conn)
				conn.HangUp()
			}
		},
	} {
		got := sameWhateverTheClock(t, cfg, happen)
		refused := func(step string) bool {
			return strings.Contains(step, "rate_limited") || strings.HasSuffix(step, "map[:1]")
		}
		first := slices.IndexFunc(got, refused)
		if first < 0 || slices.IndexFunc(got[first:], func(step string) bool { return !refused(step) }) < 0 {
			t.Errorf("%s: nothing is refused, or all: %q", what, got)
		}
	}
}

// A slow room is as slow as it was made, however somebody sets the clock.
func TestSlowAndTheClock(t *testing.T) {
	got := sameWhateverTheClock(t, config(), func(c *clockTrace) {
		alice, carol := c.login("alice", true), c.login("carol", true)
		alice.Send(slices.Concat(request("create", "den"), request("slow", "den 60")))
		c.after(0, alice)
		carol.Send(request("join", "den"))
		for range 5 {
			carol.Send(request("msg", "hello"))
			c.after(25*time.Second, carol)
		}
	})
	said := 0
	for _, step := range got {
		said += strings.Count(step, "hello")
	}
	if said != 2 { // at 0 s and at 75 s
		t.Errorf("it is said %d times: %q", said, got)
	}
}
