package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/eventloop/sim"
	"parley/protocol"
)

// TestRandomChats has people come, talk, leave and vanish at random, with
// requests cut anywhere, and holds the server to this: everybody who is logged
// in hears everything exactly once and in one order, nobody else hears
// anything, a name belongs to one session, and names tells who is there.
func TestRandomChats(t *testing.T) {
	for _, loops := range []int{1, 3} {
		t.Run(fmt.Sprint(loops, " loops"), func(t *testing.T) {
			srv := func() *sim.Net {
				return sim.NewWorld(config(t, loops), time.Millisecond, start).Net
			}
			rapid.Check(t, func(t *rapid.T) { (&randomChat{net: srv(), people: map[string]*person{}}).run(t) })
		})
	}
}

// randomChat is the model: who is there and what each must have heard.
type randomChat struct {
	net    *sim.Net
	people map[string]*person // logged in, by name
	said   int
	all    []string // that was said, oldest first
}

type person struct {
	conn    *sim.Conn
	scanner *protocol.Scanner
	want    []string // messages that it must hear and has not
	past    int      // of them, in front, those that were said before the login
	leaves  bool     // what is left of the past is not told any more
	rest    []byte
}

func (c *randomChat) run(t *rapid.T) {
	name := rapid.SampledFrom([]string{"ann", "bob", "carl", "dora", "eve"})
	pick := func(t *rapid.T) (string, *person) {
		n := name.Draw(t, "name")
		if c.people[n] == nil {
			t.Skip("not there")
		}
		return n, c.people[n]
	}
	t.Repeat(map[string]func(*rapid.T){
		"login": func(t *rapid.T) { c.login(t, name.Draw(t, "name"), rapid.Bool().Draw(t, "extended")) },
		"say": func(t *rapid.T) { // one thing or several, and ask something in between, all in one piece
			n, p := pick(t)
			var requests []protocol.Request
			for range rapid.IntRange(1, 3).Draw(t, "texts") {
				c.said++
				text := fmt.Sprint(c.said)
				requests = append(requests, protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}}, protocol.Request{Verb: "names"})
				c.all = append(c.all, n+": "+text)
				for _, other := range c.people {
					other.want = append(other.want, n+": "+text)
				}
			}
			c.request(t, p, requests...)
			for range len(requests) / 2 {
				c.hear(t, n, p, "")
			}
		},
		"logout": func(t *rapid.T) {
			n, p := pick(t)
			p.leaves = true
			c.request(t, p, protocol.Request{Verb: "logout"})
			c.hear(t, n, p, "Logout successful")
			delete(c.people, n)
		},
		"vanish": func(t *rapid.T) {
			n, p := pick(t)
			if rapid.Bool().Draw(t, "reset") {
				p.conn.Reset()
			} else {
				p.conn.HangUp()
			}
			c.net.Advance(10 * time.Millisecond) // what was asked for is answered first
			delete(c.people, n)
		},
		"names": func(t *rapid.T) {
			n, p := pick(t)
			c.request(t, p, protocol.Request{Verb: "names"})
			answer := c.hear(t, n, p, "")
			if got := len(strings.Split(answer, ", ")); got != len(c.people) || !strings.Contains(answer, n) {
				t.Fatalf("names tells %q, there are %d", answer, len(c.people))
			}
		},
		"wait": func(t *rapid.T) {
			c.net.Advance(time.Duration(rapid.IntRange(1, 200).Draw(t, "ms")) * time.Millisecond)
		},
		"": func(t *rapid.T) {
			if rapid.IntRange(0, 3).Draw(t, "listen") == 0 {
				c.net.Advance(3 * time.Second) // longer than the past takes
				for n, p := range c.people {
					c.hear(t, n, p, "nothing")
				}
			}
		},
	})
}

// login logs in on a new connection; if the name is taken that must be said.
func (c *randomChat) login(t *rapid.T, name string, extended bool) {
	p := &person{conn: c.net.Dial(), scanner: protocol.NewScanner(protocol.MaxServedFrame)}
	c.request(t, p, protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: extended})
	if c.people[name] != nil {
		c.hear(t, name, p, "The name "+name+" is taken")
		p.conn.HangUp()
		c.net.Run()
		return
	}
	welcome := c.hear(t, name, p, "Login successful")
	if !extended { // what was said before comes as if it was said now
		_, past, _ := strings.Cut(welcome, "connected: ")
		n := strings.Count(past, "One earlier")
		_, _ = fmt.Sscanf(past[strings.IndexByte(past, '.')+1:], " The newest %d", &n)
		_, _ = fmt.Sscanf(past[strings.IndexByte(past, '.')+1:], " %d", &n)
		p.want, p.past = append(p.want, c.all[len(c.all)-n:]...), n
	}
	c.people[name] = p
}

// request sends requests in two pieces.
func (c *randomChat) request(t *rapid.T, p *person, requests ...protocol.Request) {
	var b []byte
	for _, r := range requests {
		b = protocol.AppendRequest(b, r)
	}
	cut := rapid.IntRange(0, len(b)).Draw(t, "cut")
	p.conn.Send(b[:cut])
	if rapid.Bool().Draw(t, "pause") {
		c.net.Run()
	}
	p.conn.Send(b[cut:])
	c.net.Run()
}

// isPresence reports whether words tell who came or went.
func isPresence(words string) bool {
	return strings.HasSuffix(words, " logged in") || strings.HasSuffix(words, " logged out") || strings.HasSuffix(words, " lost the connection")
}

// hear reads until the server's own words begin with until, which it returns,
// and checks that the messages before are the next ones that must be heard. For
// "nothing" it reads all there is and checks that nothing is missing.
func (c *randomChat) hear(t *rapid.T, name string, p *person, until string) string {
	for end := c.net.Now().Add(time.Minute); ; {
		frame, n, err := p.scanner.Scan(p.rest)
		p.rest = p.rest[n:]
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if frame == nil {
			b, err := p.conn.Read()
			switch {
			case b != nil:
				p.rest = b
			case until == "nothing" && len(p.want) == 0:
				return ""
			case err != nil || until == "nothing" || !c.net.Now().Before(end):
				t.Fatalf("%s: %v; not heard: %v, %q", name, err, p.want, until)
			default:
				c.net.Advance(10 * time.Millisecond)
			}
			continue
		}
		r, err := protocol.DecodeResponse(frame)
		switch {
		case err != nil:
			t.Fatalf("%s: %v: %s", name, err, frame)
		case r.Kind == protocol.KindMessage:
			got := r.Sender + ": " + r.Content
			if p.leaves && p.past > 0 && p.want[0] != got {
				p.want, p.past = p.want[p.past:], 0
			}
			if len(p.want) == 0 || p.want[0] != got {
				t.Fatalf("%s heard %q, next is %v", name, got, p.want)
			}
			p.want, p.past = p.want[1:], max(p.past-1, 0)
		case r.Kind == protocol.KindHistory || isPresence(r.Content):
		case until == "nothing" || !strings.HasPrefix(r.Content, until):
			t.Fatalf("%s was told %q, not %q", name, r.Content, until)
		default:
			return r.Content
		}
	}
}
