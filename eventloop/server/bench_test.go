package server

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
)

// The figures in doc.go come from here:
// go test -run '^$' -bench . ./eventloop/server ./protocol

var benchStart = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

func benchConfig() Config {
	return Config{Loops: 1, PlainHistory: protocol.HistoryReplay, History: 100, LoginTimeout: 30 * time.Second, Timeout: users.DefaultTimeout,
		Logins: users.DefaultLockoutLimits(), PresenceLimit: 100, Clock: func() time.Time { return benchStart }, Token: counted(), Log: slog.New(slog.DiscardHandler)}
}

// counted returns what gives another token every time.
func counted() func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("%0*x", 2*protocol.TokenSize, n)
	}
}

// nowhere is Effects without any effect.
type nowhere struct{}

func (nowhere) Send(eventloop.ConnID, []byte)                      {}
func (nowhere) SendLater(eventloop.ConnID, []byte)                 {}
func (nowhere) Replay(eventloop.ConnID, []protocol.SaidFrame)      {}
func (nowhere) SendMessage(eventloop.ConnID, []protocol.SaidFrame) {}
func (nowhere) Withdraw(uint64)                                    {}
func (nowhere) Extend(eventloop.ConnID)                            {}
func (nowhere) Join(eventloop.ConnID, string, bool)                {}
func (nowhere) Leave(eventloop.ConnID, string)                     {}
func (nowhere) Deliver(Delivery)                                   {}
func (nowhere) Close(eventloop.ConnID)                             {}
func (nowhere) TellOut(eventloop.ConnID, uint64)                   {}
func (nowhere) AskFlush()                                          {}
func (nowhere) WakeAt(time.Time)                                   {}
func (nowhere) Enter(eventloop.ConnID)                             {}

// benchCore is a core in which guests user1, user2 and so on are logged in.
type benchCore struct {
	*Core
	now  time.Time
	last int // connections
	turn int
}

func newBenchCore(guests int) *benchCore {
	b := &benchCore{Core: NewCore(benchConfig(), StartInMemory("bench", benchStart), nil, nowhere{}), now: benchStart}
	b.Begin(b.now)
	for range guests {
		b.login(fmt.Sprint("user", b.last+1), true)
	}
	return b
}

// conn returns the id of the n-th connection.
func conn(n int) eventloop.ConnID { return eventloop.NewConnID(0, n, 1) }

var loopback = netip.MustParseAddrPort("127.0.0.1:4711")

// ask is a turn of the loop with one request.
func (b *benchCore) ask(id eventloop.ConnID, r protocol.Request) {
	b.Request(id, r, b.now)
	b.Flush(b.now)
}

// login logs a new connection in.
func (b *benchCore) login(name string, extended bool) eventloop.ConnID {
	b.last++
	id := conn(b.last)
	b.Opened(id, loopback, eventloop.NoTLS, b.now)
	b.ask(id, protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: extended})
	return id
}

func (b *benchCore) logout(id eventloop.ConnID) {
	b.ask(id, protocol.Request{Verb: "logout"})
	b.Closed(id, b.now)
}

// manyNames are more than are remembered of those who are gone.
func manyNames() []string {
	names := make([]string, 2*users.MaxGone)
	for i := range names {
		names[i] = fmt.Sprint("guest", i)
	}
	return names
}

func BenchmarkCore(b *testing.B) {
	text, many := strings.Repeat("x", 100), manyNames()
	for _, work := range []struct {
		name   string
		guests int
		do     func(c *benchCore)
	}{
		{"message into a room of 1000", 1000, func(c *benchCore) {
			c.ask(conn(1), protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}, Ref: "7"})
		}},
		{"direct message to somebody online", 1000, func(c *benchCore) {
			c.ask(conn(1), protocol.Request{Verb: "dm", Content: protocol.Content{Text: "user2 " + text}, Ref: "7"})
		}},
		{"ping", 1000, func(c *benchCore) { c.ask(conn(1), protocol.Request{Verb: "ping", Ref: "7"}) }},
		{"names of 1000 as before", 1000, func(c *benchCore) { c.ask(conn(1), protocol.Request{Verb: "names"}) }},
		{"names of 1000 after somebody came", 1000, func(c *benchCore) {
			c.logout(c.login("guest", true))
			c.ask(conn(1), protocol.Request{Verb: "names"})
		}},
		{"login and logout among 10", 10, func(c *benchCore) { c.logout(c.login("guest", true)) }},
		{"login and logout among 1000", 1000, func(c *benchCore) { c.logout(c.login("guest", true)) }},
		{"login and logout among 10000", 10000, func(c *benchCore) { c.logout(c.login("guest", true)) }},
		{"login and logout of ever new names", 10, func(c *benchCore) {
			c.turn++
			c.logout(c.login(many[c.turn%len(many)], true))
		}},
		{"tick with 10000 who do nothing", 10000, func(c *benchCore) { c.Tick(c.now) }},
	} {
		b.Run(work.name, func(b *testing.B) {
			c := newBenchCore(work.guests)
			b.ReportAllocs()
			for b.Loop() {
				c.now = c.now.Add(time.Microsecond)
				work.do(c)
			}
		})
	}
}

// BenchmarkHistory is the second answer to a login, with 100 messages of 100 bytes.
func BenchmarkHistory(b *testing.B) {
	for _, kind := range []struct {
		name             string
		extended, change bool
	}{
		{"extended, as before", true, false},
		{"extended, after a message", true, true},
		{"plain, as before", false, false},
		{"plain, after a message", false, true},
	} {
		b.Run(kind.name, func(b *testing.B) {
			c := newBenchCore(1)
			say := func() {
				c.ask(conn(1), protocol.Request{Verb: "msg", Content: protocol.Content{Text: strings.Repeat("x", 100)}})
			}
			for range 100 {
				say()
			}
			s := c.sessions.get(c.login("guest", kind.extended))
			b.ReportAllocs()
			for b.Loop() {
				if kind.change {
					say()
				}
				c.historyFor(s, c.now)
			}
		})
	}
}

// stillDriver and nullSocket have a server run without a network.
type stillDriver struct{ now time.Time }

func (d *stillDriver) Ring()            {}
func (d *stillDriver) WakeAt(time.Time) {}
func (d *stillDriver) Now() time.Time   { return d.now }

type nullSocket struct{}

func (nullSocket) Write(b []byte) int { return len(b) }
func (nullSocket) CloseWrite()        {}
func (nullSocket) Close()             {}

// BenchmarkPath is all that a server does from the bytes of one request to the
// bytes of its answers, without the network.
func BenchmarkPath(b *testing.B) {
	text := strings.Repeat("x", 100)
	for _, work := range []struct{ name, frame string }{
		{"direct message", `{"request":"dm","content":{"name":"user2","text":"` + text + `"},"ref":"7"}`},
		{"message into a room of 1000", `{"request":"msg","content":"` + text + `","ref":"7"}`},
		{"ping", `{"request":"ping","content":null,"ref":"7"}`},
	} {
		b.Run(work.name, func(b *testing.B) {
			s := New(benchConfig(), StartInMemory("bench", benchStart), nil)
			d := &stillDriver{benchStart}
			l := eventloop.NewLoop(0, s, d, 1<<20, eventloop.NewMemory(0))
			l.Start()
			var first *eventloop.Conn
			for i := range 1000 {
				c := l.Open(nullSocket{}, loopback)
				if i == 0 {
					first = c
				}
				l.Receive(c, fmt.Appendf(nil, `{"request":"login","content":"user%d","extended":1}`+"\n", i+1))
			}
			l.Turn()
			frame := []byte(work.frame + "\n")
			b.ReportAllocs()
			for b.Loop() {
				d.now = d.now.Add(time.Microsecond)
				l.Receive(first, frame)
				l.Turn()
			}
		})
	}
	b.Run("login and logout", func(b *testing.B) {
		s := New(benchConfig(), StartInMemory("bench", benchStart), nil)
		d := &stillDriver{benchStart}
		l := eventloop.NewLoop(0, s, d, 1<<20, eventloop.NewMemory(0))
		l.Start()
		b.ReportAllocs()
		for b.Loop() {
			d.now = d.now.Add(time.Microsecond)
			c := l.Open(nullSocket{}, loopback)
			l.Receive(c, []byte(`{"request":"login","content":"guest","extended":1}`+"\n"))
			l.Turn()
			l.Receive(c, []byte(`{"request":"logout","content":null}`+"\n"))
			l.Turn()
			l.Closed(c, nil)
		}
	})
}

// BenchmarkBlocked is a message into a room of 5,000 of whom so many have blocked its
// sender, all in sessions of one kind. Each write that is left out saves 5 us of a real
// socket, which is not in it.
func BenchmarkBlocked(b *testing.B) {
	for _, kind := range []struct {
		name, login string
	}{
		{"extended", `{"request":"login","content":"user%d","extended":1}` + "\n"},
		{"plain", `{"request":"login","content":"user%d"}` + "\n"},
	} {
		for _, blockers := range []int{0, 40, 4000} {
			b.Run(fmt.Sprintf("%s, by %d", kind.name, blockers), func(b *testing.B) {
				cfg := benchConfig()
				cfg.PresenceLimit = 0
				s := New(cfg, StartInMemory("bench", benchStart), nil)
				d := &stillDriver{benchStart}
				l := eventloop.NewLoop(0, s, d, 1<<20, eventloop.NewMemory(0))
				l.Start()
				var first *eventloop.Conn
				for i := range 5000 {
					c := l.Open(nullSocket{}, loopback)
					l.Receive(c, fmt.Appendf(nil, kind.login, i+1))
					if i == 0 {
						first = c
					} else if i <= blockers {
						l.Receive(c, []byte(`{"request":"block","content":"user1"}`+"\n"))
					}
				}
				l.Turn()
				frame := []byte(`{"request":"msg","content":"` + strings.Repeat("x", 100) + `"}` + "\n")
				b.ReportAllocs()
				for b.Loop() {
					d.now = d.now.Add(time.Microsecond)
					l.Receive(first, frame)
					l.Turn()
				}
			})
		}
	}
}

// BenchmarkManyBigAnswers is for how long a loop is busy with 500 whoelse that one of
// 5,000 has sent in one go, after saving up all that it may: nobody else is answered
// meanwhile.
func BenchmarkManyBigAnswers(b *testing.B) {
	cfg := benchConfig()
	cfg.Flood = DefaultFlood()
	s := New(cfg, StartInMemory("bench", benchStart), nil)
	d := &stillDriver{benchStart}
	l := eventloop.NewLoop(0, s, d, protocol.MaxOutbound, eventloop.NewMemory(0))
	l.Start()
	var first *eventloop.Conn
	for i := range 5000 {
		c := l.Open(nullSocket{}, loopback)
		if i == 0 {
			first = c
		}
		l.Receive(c, fmt.Appendf(nil, `{"request":"login","content":"user%d","extended":1}`+"\n", i+1))
	}
	l.Turn()
	frames := []byte(strings.Repeat(`{"request":"whoelse","content":null}`+"\n", 500))
	b.ReportAllocs()
	for b.Loop() {
		d.now = d.now.Add(10 * time.Second)
		l.Receive(first, frames)
		l.Turn()
	}
}
