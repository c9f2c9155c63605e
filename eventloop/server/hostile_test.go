package server_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
)

// Whatever somebody does on ten connections at once, two who behave talk on, each line is heard
// within the second, and who attacks is gone at the end.
func TestHostileConnections(t *testing.T) {
	enter := func(i int) []byte {
		return []byte(fmt.Sprintf(`{"request":"login","content":"evil%d","extended":1}`+"\n", i))
	}
	rooms := func(verb string, from int) (b []byte) {
		for i := range 500 {
			b = append(b, request(verb, fmt.Sprint("room", from+i))...)
		}
		return b
	}
	for name, attack := range map[string]struct {
		begin func(conn *sim.Conn, i int)
		step  func(conn *sim.Conn, i, second int)
	}{
		"giant frames": {step: func(conn *sim.Conn, _, _ int) {
			conn.Send([]byte(`{"request":"msg","content":"` + strings.Repeat("x", 1<<20) + `"}` + "\n"))
		}},
		"deep nesting": {step: func(conn *sim.Conn, _, _ int) {
			conn.Send([]byte(strings.Repeat(`{"a":[`, 5000) + "\n"))
		}},
		"a byte a second": {step: func(conn *sim.Conn, _, second int) {
			conn.Send([]byte(`{"request":"login","content":"slowloris, which never comes to its end"}`)[second%70:][:1])
		}},
		"says nothing": {step: func(*sim.Conn, int, int) {}},
		"reads nothing": {
			begin: func(conn *sim.Conn, i int) { conn.Send(enter(i)); conn.Stall() },
			step: func(conn *sim.Conn, _, _ int) {
				conn.Send(slices.Concat(request("help", ""), request("whoelse", ""), request("history", "")))
			},
		},
		"makes, joins and leaves rooms": {
			begin: func(conn *sim.Conn, i int) { conn.Send(enter(i)) },
			step: func(conn *sim.Conn, i, second int) {
				conn.Send(slices.Concat(rooms("create", 500*second), rooms("join", 500*second), rooms("leave", 500*second)))
			},
		},
		"invites": {
			begin: func(conn *sim.Conn, i int) { conn.Send(enter(i)) },
			step: func(conn *sim.Conn, i, _ int) {
				conn.Send(bytes.Repeat(slices.Concat(request("startprivate", "ann"), request("stopprivate", "ann"), request("invite", "ann lobby")), 100))
			},
		},
		"relays": {
			begin: func(conn *sim.Conn, i int) { conn.Send(enter(i)) },
			step: func(conn *sim.Conn, i, _ int) {
				conn.Send(bytes.Repeat(request("relay", "ann 1 0 "+strings.Repeat("aGk=", 100)), 200))
			},
		},
	} {
		for loops := 1; loops <= 2; loops++ {
			cfg := config()
			cfg.Loops, cfg.Flood, cfg.RelayRate = loops, server.DefaultFlood(), 256<<10
			w := sim.NewWorld(cfg, time.Millisecond, start)
			c := chat{t, w, w.Net}
			ann, bob := c.login("ann", true), c.login("bob", true)
			var evil []*sim.Conn
			for i := range 10 {
				conn := c.net.Dial()
				if attack.begin != nil {
					attack.begin(conn, i)
				}
				evil = append(evil, conn)
			}
			c.net.Advance(time.Second)
			for second := range 40 {
				for i, conn := range evil {
					if !conn.Closed() {
						attack.step(conn, i, second)
					}
				}
				from, to := ann, bob
				if second%2 == 1 {
					from, to = bob, ann
				}
				c.heard(to)
				text := fmt.Sprint("line ", second)
				from.Send(request("msg", text))
				c.net.Advance(time.Second)
				if texts, _ := c.heard(to); !slices.Contains(texts, text) {
					t.Fatalf("%s, %d loops: %q is not heard but %v", name, loops, text, texts)
				}
			}
			for i, conn := range evil {
				if c.read(conn); !ended(conn) {
					t.Errorf("%s, %d loops: connection %d is still there", name, loops, i)
					break
				}
			}
		}
	}
}
