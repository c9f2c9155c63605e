package server_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
)

// What sends much before it has logged in is sent away, in whatever pieces it comes, whether it
// is many requests, one that has no end, or blanks; who has logged in may send what they like.
func TestMuchBeforeTheLogin(t *testing.T) {
	login := `{"request":"login","content":"alice","extended":1}` + "\n"
	long := `{"request":"msg","content":"` + strings.Repeat("x", 4000) + `"}` + "\n"
	for name, tt := range map[string]struct {
		input string
		ends  bool
	}{
		"a login":                        {login, false},
		"a login, and then much":         {login + strings.Repeat(long, 10), false},
		"requests without a login":       {strings.Repeat(`{"request":"ping"}`+"\n", 1000), true},
		"a request without an end":       {`{"request":"` + strings.Repeat("x", 20<<10), true},
		"blanks":                         {strings.Repeat(" \n", 10<<10), true},
		"a login behind 15 KiB":          {strings.Repeat(" ", 15<<10) + login + strings.Repeat(long, 10), false},
		"a login behind 17 KiB":          {strings.Repeat(" ", 17<<10) + login, true},
		"logins that are refused":        {strings.Repeat(`{"request":"login","content":"no such name!"}`+"\n", 400), true},
		"a login that comes in one pass": {strings.TrimSpace(login), false},
	} {
		for _, piece := range []int{1 << 20, 1000, 77} {
			for loops := 1; loops <= 2; loops++ {
				cfg := config()
				cfg.Loops, cfg.Flood = loops, server.FloodLimits{}
				w := sim.NewWorld(cfg, 0, start)
				c := chat{t, w, w.Net}
				c.net.Dial() // has the first loop
				conn := c.net.Dial()
				for rest := []byte(tt.input); len(rest) > 0; {
					n := min(piece, len(rest))
					conn.Send(rest[:n])
					rest = rest[n:]
					if piece < 1<<20 {
						c.net.Run()
					}
				}
				c.net.Advance(2 * time.Second)
				if loops > 1 && piece == 1<<20 && strings.Contains(tt.input, long) {
					continue // sent without waiting for the answer to the login: see Effects.Enter
				}
				var all bytes.Buffer
				for _, text := range c.read(conn) {
					all.WriteString(text)
				}
				told := strings.Contains(all.String(), "Good bye: that was too much before the login.")
				if over := ended(conn); over != tt.ends || told != tt.ends {
					t.Errorf("%s, pieces of %d, %d loops: ended %v, told %v: %.300s", name, piece, loops, over, told, all.String())
				}
				if n := c.server().CountsHere().Dropped[server.DropLoginSize]; n != map[bool]uint64{true: 1}[tt.ends] {
					t.Errorf("%s: counted %d", name, n)
				}
			}
		}
	}
	if protocol.LoginSize != 16<<10 {
		t.Error("the sizes above are for 16 KiB")
	}
}
