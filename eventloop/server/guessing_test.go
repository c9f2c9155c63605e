package server_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/eventloop/sim"
	"parley/protocol"
)

// loginFrom gives a password for alice from an address, and returns what is answered and how
// long that took. The client hangs up.
func (c chat) loginFrom(addr netip.Addr, password string) (answer string, took time.Duration) {
	conn := c.net.DialFrom(addr)
	conn.Send([]byte(`{"request":"login","content":"alice","password":"` + password + `","extended":1}` + "\n"))
	c.net.Run()
	for began := c.net.Now(); ; {
		if b, _ := conn.Read(); b != nil {
			conn.HangUp()
			c.net.Run()
			return string(b), c.net.Now().Sub(began)
		}
		if c.net.Now().Sub(began) > time.Minute {
			c.Fatal("no answer")
		}
		c.net.Advance(10 * time.Millisecond)
	}
}

// Somebody has many addresses, of IPv4 and IPv6, and guesses from all of them at a password for
// hours. Two who talk go on, and she whose account it is gets in at home as quickly as ever.
// The guesses that are looked at are few.
func TestGuessingFromManyAddresses(t *testing.T) {
	const hash = 50 * time.Millisecond
	c := slowChat(t, hash)
	home := netip.MustParseAddr("203.0.113.7")
	conn := c.net.DialFrom(home)
	conn.Send([]byte(`{"request":"login","content":"alice","password":"blue horses","register":true,"extended":1}` + "\n"))
	c.net.Advance(time.Second)
	conn.HangUp()
	bob, carl := c.login("bob", false), c.login("carl", false)
	c.read(carl)
	addrs := func(i int) netip.Addr {
		if i%2 == 0 {
			return netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
		}
		return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, 0, byte(i >> 8), byte(i), 15: byte(i)})
	}
	looked := 0
	const hours = 3
	for i := range hours * 360 {
		for j := range 2 {
			answer, took := c.loginFrom(addrs(2*i+j), "red horses")
			switch {
			case took >= hash:
				looked++
			case !strings.Contains(answer, "blocked_login"):
				t.Fatalf("a guess is answered after %v with %s", took, answer)
			}
		}
		if i%36 == 0 {
			if answer, took := c.loginFrom(home, "blue horses"); !strings.Contains(answer, "Login successful") || took > 2*hash {
				t.Fatalf("at home alice is told after %v: %s", took, answer)
			}
			c.say(bob, "still here")
			c.net.Advance(100 * time.Millisecond)
			if heard := strings.Join(c.read(carl), ""); !strings.Contains(heard, "still here") {
				t.Fatalf("in place of what bob has said carl hears %q", heard)
			}
		}
		c.net.Advance(10 * time.Second)
	}
	if most := c.Config.Logins.NameFailures*(hours+1) + c.Config.Logins.NameReserve; looked > most || looked < most-5 {
		t.Errorf("%d guesses were looked at in %d hours, want %d", looked, hours, most)
	}
	if kept := c.kept(); len(kept.Accounts) != 1 || bytes.Contains([]byte(kept.Accounts[0].Known), []byte("203.0")) {
		t.Errorf("what is kept of alice: %+v", kept.Accounts)
	}
}

// Somebody guesses without pause, from one address and from thirty; she whose account it is comes
// from addresses that the server has never seen, and gets in at the first try from each.
func TestTheOwnerOnAJourney(t *testing.T) {
	for _, many := range []int{1, 30} {
		c := slowChat(t, 50*time.Millisecond)
		conn := c.net.DialFrom(netip.MustParseAddr("203.0.113.7"))
		conn.Send([]byte(`{"request":"login","content":"alice","password":"blue horses","register":true,"extended":1}` + "\n"))
		c.net.Advance(time.Second)
		conn.HangUp()
		blocked := 0
		for i := range 600 {
			answer, _ := c.loginFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i % many)}), "red horses")
			if strings.Contains(answer, "blocked_login") {
				blocked++
			}
			if i%150 == 149 {
				inn := netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, byte(i / 150), 15: 1})
				if answer, _ := c.loginFrom(inn, "blue horses"); !strings.Contains(answer, "Login successful") {
					t.Fatalf("%d guessers: after %d guesses alice is told: %s", many, i+1, answer)
				}
			}
			c.net.Advance(time.Second)
		}
		if blocked < 400 {
			t.Errorf("%d guessers: of 600 guesses %d were blocked", many, blocked)
		}
	}
}

// More addresses guess than tries are left to those that have not: they and she whose account it is
// are told when to try again, and do. A password that was not looked at is told as such, and costs
// nothing. She gets in before all of them have guessed, or right behind the last one.
func TestTheOwnerDrawsLots(t *testing.T) {
	const hash = 50 * time.Millisecond
	c := slowChat(t, hash)
	conn := c.net.DialFrom(netip.MustParseAddr("203.0.113.7"))
	conn.Send([]byte(`{"request":"login","content":"alice","password":"blue horses","register":true,"extended":1}` + "\n"))
	c.net.Advance(time.Second)
	conn.HangUp()
	type waiting struct {
		addr netip.Addr
		at   time.Time
	}
	const many, owner = 100, 100
	var next []waiting
	for i := range many + 1 {
		next = append(next, waiting{netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), c.net.Now()})
	}
	next[owner].at = c.net.Now().Add(time.Minute)
	over := c.net.Now().Add((many - 85) * time.Minute)
	looked := 0
	for {
		i := 0
		for j := range next {
			if next[j].at.Before(next[i].at) {
				i = j
			}
		}
		c.net.Advance(max(next[i].at.Sub(c.net.Now()), 0))
		if c.net.Now().After(over) {
			t.Fatalf("she is not in when %d have guessed", looked)
		}
		password := "red horses"
		if i == owner {
			password = "blue horses"
		}
		answer, took := c.loginFrom(next[i].addr, password)
		if strings.Contains(answer, "Login successful") {
			break
		}
		wait := c.answered(answer)
		if checked := wait.State != protocol.StateUnchecked; checked != (took >= hash) {
			t.Fatalf("after %v it is said: %s", took, answer)
		} else if checked {
			looked++
			wait.Seconds = int(over.Sub(start) / time.Second) // does not come again
		}
		next[i].at = c.net.Now().Add(time.Duration(wait.Seconds) * time.Second)
	}
	if looked < 89 || looked > many {
		t.Errorf("%d guesses were looked at before she was in", looked)
	}
}

// answered returns the data of an answer.
func (c chat) answered(answer string) protocol.Data {
	r, err := protocol.DecodeResponse([]byte(answer))
	if err != nil || r.Data == nil {
		c.Fatalf("%s: %v", answer, err)
	}
	return *r.Data
}

// Many guess at once when there is room for fewer: to all that come too late a right password is
// answered as a wrong one is, and so is what is sent next.
func TestARacedPasswordTellsNothing(t *testing.T) {
	for what, race := range map[string]func(c chat, password string) []string{
		"tries of all at a name": func(c chat, password string) []string {
			for i := range c.Config.Logins.NameFailures + c.Config.Logins.NameReserve - 1 {
				c.loginFrom(tenth(100+i), "red horses")
			}
			c.net.Advance(2 * time.Minute)
			return append(c.race(tenth, 8, 6, password), c.race(tenth, 8, 6, password)...)
		},
		"tries of an address": func(c chat, password string) []string {
			here := func(int) netip.Addr { return tenth(0) }
			for i := range c.Config.Logins.AddrFailures - 4 {
				conn := c.net.DialFrom(tenth(0))
				conn.Send(fmt.Appendf(nil, `{"request":"login","content":"bob%d","password":"red horses","extended":1}`+"\n", i))
				c.net.Advance(time.Second)
				conn.HangUp()
			}
			return append(c.race(here, 4, 3, password), c.race(here, 4, 3, password)...)
		},
	} {
		var answers [2][]string
		for i, password := range []string{"blue horses", "red horses"} {
			c := slowChat(t, 50*time.Millisecond)
			conn := c.net.DialFrom(netip.MustParseAddr("203.0.113.7"))
			conn.Send([]byte(`{"request":"login","content":"alice","password":"blue horses","register":true,"extended":1}` + "\n"))
			c.net.Advance(time.Second)
			conn.HangUp()
			answers[i] = race(c, password)
		}
		if diff := cmp.Diff(answers[1], answers[0]); diff != "" {
			t.Errorf("%s: one of them is the right one (+):\n%s", what, diff)
		}
	}
}

// tenth returns the i-th address of a network.
func tenth(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}) }

// race has many give a password for alice at once, wrong ones but for one of them, and returns what
// is answered.
func (c chat) race(from func(i int) netip.Addr, many, one int, password string) (answers []string) {
	conns := make([]*sim.Conn, many)
	for i := range conns {
		conns[i] = c.net.DialFrom(from(i))
		given := "red horses"
		if i == one {
			given = password
		}
		conns[i].Send([]byte(`{"request":"login","content":"alice","password":"` + given + `","extended":1}` + "\n"))
	}
	c.net.Advance(5 * time.Second)
	for _, conn := range conns {
		b, _ := conn.Read()
		d := c.answered(string(b))
		answers = append(answers, fmt.Sprint(d.Code, " ", d.State, " ", d.Seconds))
		conn.HangUp()
	}
	c.net.Run()
	return answers
}
