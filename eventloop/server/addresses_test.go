package server_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
)

// An attacker opens many connections from one address.
type attacker struct {
	chat
	addr   func(i int) netip.Addr // of the i-th connection
	opened int
	conns  []*sim.Conn // that may be open
	says   map[string]int
}

// attack opens connections, each of which sends something, and notes what is said to it.
func (a *attacker) attack(connections int) {
	for range connections {
		i := a.opened
		a.opened++
		conn := a.net.DialFrom(a.addr(i))
		name := fmt.Sprint("mallory", i)
		request := `{"request":"login","content":"` + name + `","extended":1}`
		switch i % 7 { // and 50 at once are no multiple of that
		case 1:
			request = `{"request":"login","content":"` + name + `","password":"blue horses","register":true,"extended":1}`
		case 3:
			request = `{"request":"login","content":"alice","password":"` + name + `","extended":1}`
		case 5:
			request = strings.Repeat("[", 100_000)
		}
		conn.Send([]byte(request + "\n"))
		a.conns = append(a.conns, conn)
	}
	a.net.Run()
	left := a.conns[:0]
	for i, conn := range a.conns {
		for _, piece := range a.read(conn) {
			for line := range strings.Lines(piece) {
				if r, err := protocol.DecodeResponse([]byte(line)); err == nil && r.Sender == protocol.ServerName {
					words := strings.Fields(r.Content)
					a.says[strings.Join(words[:min(3, len(words))], " ")]++
				}
			}
		}
		if i%10 == 0 { // some are given up for others
			conn.HangUp()
		}
		if !conn.Closed() {
			left = append(left, conn)
		}
	}
	a.conns = left
}

// From one address thousands of connections come, with guests, names to be registered, wrong
// passwords and garbage, while two from other addresses talk on: each of their lines
// arrives at once, others come in, and the server has no more of the attacker than is allowed.
func TestOneAddressKeepsNobodyOut(t *testing.T) {
	limits := server.DefaultAddressLimits()
	for name, addr := range map[string]func(int) netip.Addr{
		"IPv4": func(int) netip.Addr { return netip.MustParseAddr("198.51.100.9") },
		"a /64 of IPv6": func(i int) netip.Addr {
			return netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 14: byte(i >> 8), 15: byte(i)})
		},
	} {
		for loops := 1; loops <= 2; loops++ {
			t.Run(fmt.Sprintf("%s, %d loops", name, loops), func(t *testing.T) {
				cfg := config()
				cfg.Loops, cfg.Addresses = loops, limits
				w := sim.NewWorld(cfg, time.Millisecond, start)
				c := chat{t, w, w.Net}
				c.register("alice").Reset()
				bob := c.from("192.0.2.2", `{"request":"login","content":"bob","extended":1}`)
				alice := c.from("192.0.2.3", `{"request":"login","content":"alice","password":"blue horses","extended":1}`)
				a := &attacker{chat: c, addr: addr, says: map[string]int{}}
				for i := range 200 {
					a.attack(50)
					for text, who := range map[string]*sim.Conn{fmt.Sprint("tea ", i): alice, fmt.Sprint("coffee ", i): bob} {
						c.say(who, text)
						c.net.Advance(100 * time.Millisecond)
						for _, hears := range []*sim.Conn{alice, bob} {
							if got := c.responses(hears); len(got) != 1 || got[0].Content != text {
								t.Fatalf("in place of %q comes %+v", text, got)
							}
						}
					}
					if n := len(a.conns); n > limits.Connections {
						t.Fatalf("%d connections of the attacker are open", n)
					}
				}
				guest := c.from("192.0.2.4", `{"request":"login","content":"carl","extended":1}`)
				again := c.from("192.0.2.5", `{"request":"login","content":"dora","password":"blue horses","register":true,"extended":1}`)
				c.net.Advance(limits.New.Per)
				a.attack(50)
				c.responses(guest)
				c.send(guest, protocol.Request{Verb: "names"})
				c.net.Advance(time.Second)
				accounts := map[string]bool{}
				for _, account := range c.kept().Accounts {
					accounts[account.Name] = true
				}
				guests := -2 // bob and carl
				for _, there := range c.responses(guest)[0].Data.Names {
					if !accounts[there] {
						guests++
					}
				}
				if n := len(accounts) - 2; n != limits.Registrations.Most || guests < 1 || guests > limits.Guests { // alice and dora
					t.Errorf("%d accounts of the attacker are there, and %d guests", n, guests)
				}
				for _, words := range []string{"Too many connections", "Too many guests", "Too many names", "Login successful. Welcome,", "Logins are blocked"} {
					if a.says[words] == 0 {
						t.Errorf("nothing was answered with %q: %v", words, a.says)
					}
				}
				for _, conn := range append(a.conns, alice, bob, guest, again) {
					conn.Reset()
				}
				c.net.Advance(limits.New.Per)
				if connections, guests := c.server().CountedAddresses(); connections != 0 || guests != 0 {
					t.Errorf("when all are gone %d addresses have connections, and %d have guests", connections, guests)
				}
				c.from(addr(0).String(), `{"request":"login","content":"zoe","extended":1}`)
			})
		}
	}
}

// from logs in from an address, and returns the connection on which all was read.
func (c chat) from(addr, request string) *sim.Conn {
	c.Helper()
	conn := c.raw(c.net.DialFrom(netip.MustParseAddr(addr)), request)
	c.net.Advance(time.Second)
	if got := c.codes(conn); got != "login history" {
		c.Fatalf("from %s %s is answered with %s", addr, request, got)
	}
	return conn
}

// Loopback is not limited, nor is a Unix socket, unless the owner says so of loopback.
func TestWhoIsNotLimited(t *testing.T) {
	for _, tt := range []struct {
		addr     string
		loopback bool
		limited  bool
	}{{"127.0.0.1", false, false}, {"::1", false, false}, {"127.0.0.1", true, true}, {"::1", true, true}, {"", true, false}, {"192.0.2.9", false, true}} {
		cfg := config()
		cfg.Addresses = server.AddressLimits{Connections: 2, New: server.Quota{Most: 2, Per: time.Minute}, Guests: 1, Registrations: server.Quota{Most: 1, Per: time.Minute}, Loopback: tt.loopback}
		c := newChat(t, cfg)
		var addr netip.Addr
		if tt.addr != "" {
			addr = netip.MustParseAddr(tt.addr)
		}
		refused := 0
		for i := range 20 {
			conn := c.net.DialFrom(addr)
			c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: fmt.Sprint("guest", i)}, Extended: true})
			c.send(conn, protocol.Request{Verb: "register", Content: protocol.Content{Text: "blue horses"}})
			c.net.Advance(time.Millisecond)
			for _, r := range c.responses(conn) {
				if r.Kind == protocol.KindError {
					refused++
				}
			}
		}
		if tt.limited != (refused > 0) {
			t.Errorf("%+v: %d are refused", tt, refused)
		}
	}
}
