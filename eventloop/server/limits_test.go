package server_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
)

// All that one session may say at once, in texts of any size and kind, fits into what
// may wait for somebody who reads nothing meanwhile, with room for somebody else's.
func TestWhatOneMaySayAtOnceFits(t *testing.T) {
	for name, text := range map[string]string{
		"long": strings.Repeat("x", protocol.MaxText), "long and escaped": "x" + strings.Repeat("\n", protocol.MaxText-1),
		"long and escaped for plain sessions": strings.Repeat("{", protocol.MaxText), "short": "hi", "of 511 bytes": strings.Repeat("y", 511),
	} {
		for _, extended := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, extended %t", name, extended), func(t *testing.T) {
				cfg := config()
				cfg.Flood = server.DefaultFlood()
				c := newChat(t, cfg)
				reader, guest := c.login("reader", extended), c.login("guest", true)
				reader.Stall()
				c.net.Advance(time.Minute) // all is saved up that can be
				var burst []byte
				for range 100 {
					burst = append(burst, protocol.AppendRequest(nil, protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}})...)
				}
				guest.Send(burst)
				c.net.Run()
				said := 0
				for _, r := range c.responses(guest) {
					if r.Kind == protocol.KindMessage {
						said++
					} else if r.Data.Code != protocol.RateLimited {
						t.Fatalf("%+v", r)
					}
				}
				if said < 5 || said > 10 {
					t.Errorf("%d texts were said at once", said)
				}
				guest.HangUp() // what waits is said at once
				c.net.Run()
				if n := reader.Waiting(); reader.Closed() || n < 500 || n > protocol.MaxOutbound*3/4 {
					t.Errorf("closed: %v, %d bytes wait", reader.Closed(), n)
				}
			})
		}
	}
}

// crowd logs in n people beside somebody who is returned. They are away for a reason,
// if there is one.
func (c chat) crowd(n int, extended bool, why ...string) *sim.Conn {
	for i := range n {
		conn := c.net.Dial()
		conn.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: fmt.Sprintf("person%05d", i)}, Extended: true}))
		for _, text := range why {
			conn.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "away", Content: protocol.Content{Text: text}}))
		}
	}
	c.net.Run()
	return c.login("asker", extended)
}

// A long list comes in pages, each of which a client can take, and together they have
// all names once and in order. What cannot be listed is counted.
func TestLongListsComeInPages(t *testing.T) {
	for people, verbs := range map[int][]string{1000: {"names"}, 5000: {"names", "whoelse", "whoelsesince 60"}, 20000: {"whoelse"}} {
		for _, verb := range verbs {
			c := newChat(t, config())
			asker := c.crowd(people, true)
			verb, arg, _ := strings.Cut(verb, " ")
			c.send(asker, protocol.Request{Verb: verb, Content: protocol.Content{Text: arg}, Ref: "7"})
			var names []string
			more := true
			for line := range strings.Lines(strings.Join(c.read(asker), "")) {
				r, err := protocol.DecodeResponse([]byte(line))
				if err != nil || len(line) > protocol.MaxFrame || r.Ref != "7" || !more {
					t.Fatalf("%d, %s: a page of %d bytes, ref %q, %v, after the last: %v", people, verb, len(line), r.Ref, err, !more)
				}
				names, more = append(names, r.Data.Names...), r.Data.More
				all := people
				if verb == "names" {
					all++ // who asks is one of them
				}
				if tail := fmt.Sprintf(", and %d more", all-len(names)); !more && all > len(names) != strings.HasSuffix(r.Content, tail) {
					t.Errorf("%d, %s: the last page ends with %q", people, verb, r.Content[len(r.Content)-40:])
				}
			}
			if more || !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
				t.Errorf("%d, %s: %d names, more: %v", people, verb, len(names), more)
			}
			if people < 20000 && len(names) < people || asker.Closed() {
				t.Errorf("%d, %s: only %d names, closed: %v", people, verb, len(names), asker.Closed())
			}
		}
	}
}

// An answer costs what it is big: who asks for many big ones in one go gets some, the
// others come later, and who still asks for more is told that they are too many.
func TestManyBigAnswers(t *testing.T) {
	for _, extended := range []bool{true, false} {
		cfg := config()
		cfg.Flood = server.DefaultFlood()
		c := newChat(t, cfg)
		asker := c.crowd(5000, extended)
		c.net.Advance(time.Minute)
		asker.Stall()
		asker.Send(bytes.Repeat([]byte(`{"request":"whoelse"}`+"\n"), 500))
		c.net.Run()
		if n := asker.Waiting(); asker.Closed() || n < 100<<10 || n > protocol.MaxOutbound {
			t.Errorf("extended %t: closed: %v, %d bytes wait", extended, asker.Closed(), n)
		}
	}
}

// So it is where all the others are away for reasons as long as can be: who asks is told
// of many, is not dropped for it, and pays for what was sent.
func TestEverybodyIsAway(t *testing.T) {
	why := strings.Repeat("\n", users.MaxAway-1) + "x" // in JSON the double
	for _, people := range []int{200, 5000} {
		for _, verb := range []string{"names", "whoelse", "whoelsesince"} {
			cfg := config()
			cfg.Flood = server.DefaultFlood()
			c := newChat(t, cfg)
			asker := c.crowd(people, true, why)
			seconds := map[string]string{"whoelsesince": "60"}
			request := protocol.AppendRequest(nil, protocol.Request{Verb: verb, Content: protocol.Content{Text: seconds[verb]}, Ref: "7"})
			asker.Send(request)
			c.net.Run()
			size, names, away := 0, 0, 0
			for line := range strings.Lines(strings.Join(c.read(asker), "")) {
				r, err := protocol.DecodeResponse([]byte(line))
				if err != nil || len(line) > protocol.MaxFrame {
					t.Fatalf("%s of %d: a page of %d bytes, %v", verb, people, len(line), err)
				}
				size, names, away = size+len(line), names+len(r.Data.Names), away+len(r.Data.Away)
			}
			if names < people || away < min(people, 500) || away > people || size > 2*protocol.MaxListed+8<<10 {
				t.Errorf("%s of %d: %d names, %d of them away, %d bytes", verb, people, names, away, size)
			}
			c.net.Advance(time.Minute) // all is saved up that can be
			asker.Stall()
			asker.Send(bytes.Repeat(request, 500))
			c.net.Run()
			if n := asker.Waiting(); asker.Closed() || n < 100<<10 || n > protocol.MaxOutbound {
				t.Errorf("%s of %d, 500 times: closed: %v, %d bytes wait", verb, people, asker.Closed(), n)
			}
		}
	}
}

// Who is dropped for not reading is one line of the log, with the name and the reason.
func TestDroppedIsLogged(t *testing.T) {
	var log bytes.Buffer
	cfg := config()
	cfg.Flood, cfg.Log = server.FloodLimits{}, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c := newChat(t, cfg)
	slow, talker := c.login("slow", true), c.login("talker", true)
	slow.Stall()
	for range 300 {
		c.say(talker, strings.Repeat("x", protocol.MaxText))
	}
	if !slow.Closed() {
		t.Fatal("the slow one is not dropped")
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "user=slow") || !strings.Contains(got, "does not read") {
		t.Errorf("the log says %q", got)
	}
}

// A fault in what comes back from a hash or from the disk costs one connection, as one in
// a request does; what was posted by nobody costs none.
func TestPanicInAnAnswerCostsOneConnection(t *testing.T) {
	for loops := 1; loops <= 2; loops++ {
		var log bytes.Buffer
		cfg := config()
		cfg.Loops, cfg.Log = loops, slog.New(slog.NewTextHandler(&log, nil))
		w := sim.NewWorld(cfg, 100*time.Millisecond, start)
		c := chat{t, w, w.Net}
		c.register("dora")
		carl := c.login("guest", true)
		alice := c.raw(nil, registerAlice)
		dora := c.raw(nil, `{"request":"login","content":"dora","password":"blue horses","takeover":true,"extended":1}`)
		c.server().SetToken(func() string { panic("broken") })
		c.server().Post(func() { panic("posted") })
		c.net.Advance(time.Second)
		for name, conn := range map[string]*sim.Conn{"alice": alice, "dora": dora} {
			got := c.responses(conn)
			if len(got) != 1 || !strings.HasPrefix(got[0].Content, "The server failed to answer that.") {
				t.Errorf("%d loops: %s: %+v", loops, name, got)
			}
			if !ended(conn) {
				t.Errorf("%d loops: %s is still there", loops, name)
			}
		}
		for line, times := range map[string]int{"the answer to a request failed": 2, "something that was posted failed": 1, "a request failed": 0} {
			if n := strings.Count(log.String(), `msg="`+line); n != times {
				t.Errorf("%d loops: the log says %d times: %s", loops, n, line)
			}
		}
		c.responses(carl)
		c.send(carl, protocol.Request{Verb: "names"})
		if got := c.responses(carl); len(got) != 1 {
			t.Errorf("%d loops: carl: %+v", loops, got)
		}
	}
}

// A block that was read from the disk ends when it was to end, whatever somebody sets
// the clock to.
func TestBlockFromTheDiskAndTheClock(t *testing.T) {
	c := newChat(t, config())
	wrong := protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: "wrong horse", Extended: true}
	conn := c.net.Dial()
	for range 3 {
		c.send(conn, wrong)
	}
	c.net.Advance(time.Second)
	c.Crash()
	for _, by := range []time.Duration{-time.Hour, 3 * time.Hour} {
		c.World.Net.SetClock(by)
		c.net = c.World.Net
		conn := c.net.Dial()
		c.send(conn, wrong)
		if got := c.responses(conn); len(got) != 1 || got[0].Data.Seconds != 59 {
			t.Errorf("%s: %+v", by, got)
		}
	}
}

// Who sets the clock does not have the server believe that it stood still; who stops it does.
func TestClockIsNoStandstill(t *testing.T) {
	var log bytes.Buffer
	cfg := config()
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	c := newChat(t, cfg)
	c.login("alice", true)
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		c.net.Advance(5 * time.Second)
		c.net.SetClock(by)
		c.net.Advance(5 * time.Second)
	}
	if strings.Contains(log.String(), "stood still") {
		t.Errorf("the log says: %s", &log)
	}
}
