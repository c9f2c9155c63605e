package server_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users"
)

// What can change while a server runs holds at once, for who is there and who comes.
func TestReconfigure(t *testing.T) {
	refused := func(c countStage, name, password string) string {
		conn := c.enter(name, password)
		got := c.responses(conn)
		if len(got) == 0 {
			return "no answer"
		}
		return got[0].Content
	}
	var seen []string
	for field, tt := range map[string]struct {
		set  func(cfg *server.Config)
		sees func(c countStage) string // something that is different then
	}{
		"MaxResume":    {func(cfg *server.Config) { cfg.MaxResume = 1 }, resumed},
		"Sessions":     {func(cfg *server.Config) { cfg.Sessions = 1 }, func(c countStage) string { c.enter("dora", "blue horses"); return refused(c, "dora", "blue horses") }},
		"GuestGrace":   {func(cfg *server.Config) { cfg.GuestGrace = time.Second }, guestComesBack},
		"KeepDays":     {func(cfg *server.Config) { cfg.KeepDays = 1 }, pruned},
		"KeepMessages": {func(cfg *server.Config) { cfg.KeepMessages = 2 }, pruned},
		"EditFor":      {func(cfg *server.Config) { cfg.EditFor = time.Second }, edited},
		"PlainHistory": {func(cfg *server.Config) { cfg.PlainHistory = protocol.HistoryText }, historyOf(false)},
		"History":      {func(cfg *server.Config) { cfg.History = 1 }, historyOf(true)},
		"MaxText":      {func(cfg *server.Config) { cfg.MaxText = 4 }, func(c countStage) string { return c.answer(c.alice, `{"request":"msg","content":"hello"}`) }},
		"MaxFrame":     {func(cfg *server.Config) { cfg.MaxFrame = 34 }, func(c countStage) string { return c.answer(c.alice, `{"request":"ping","content":"hello"}`) }},
		"Malformed":    {func(cfg *server.Config) { cfg.Malformed = 1 }, func(c countStage) string { return c.answer(c.alice, `{"request":1}`) }},
		"Deferred": {func(cfg *server.Config) { cfg.Deferred = 1 }, func(c countStage) string {
			return c.answer(c.alice, `{"request":"register","content":"green horses"}{"request":"ping"}{"request":"ping"}`)
		}},
		"Flood": {func(cfg *server.Config) { cfg.Flood = server.FloodLimits{PerSecond: 0.01, Burst: 1} }, func(c countStage) string {
			c.answer(c.alice, `{"request":"msg","content":"one"}`)
			return c.answer(c.alice, `{"request":"msg","content":"two"}`)
		}},
		"Lookalikes":         {func(cfg *server.Config) { cfg.Lookalikes = users.RefuseLookalikes }, func(c countStage) string { return refused(c, "a1ice", "") }},
		"Reserved":           {func(cfg *server.Config) { cfg.Reserved = []string{"boss"} }, func(c countStage) string { return refused(c, "boss", "") }},
		"AccountsRequired":   {func(cfg *server.Config) { cfg.AccountsRequired = true }, func(c countStage) string { return refused(c, "eve", "") }},
		"RegistrationClosed": {func(cfg *server.Config) { cfg.RegistrationClosed = true }, func(c countStage) string { return c.answer(c.alice, `{"request":"register","content":"green horses"}`) }},
		"Logins":             {func(cfg *server.Config) { cfg.Logins.Failures = 1 }, func(c countStage) string { return refused(c, "dora", "red horses") }},
		"PlainPresence":      {func(cfg *server.Config) { cfg.PlainPresence, cfg.PresenceLimit = true, 500 }, presenceFor(false)},
		"PresenceLimit":      {func(cfg *server.Config) { cfg.PresenceLimit = 500 }, presenceFor(true)},
		"PasswordsNeedTLS":   {func(cfg *server.Config) { cfg.PasswordsNeedTLS = true }, func(c countStage) string { return refused(c, "dora", "blue horses") }},
		"Addresses.Guests": {func(cfg *server.Config) { cfg.Addresses.Guests = 1 }, func(c countStage) string {
			c.enter("eve", "")
			return refused(c, "zoe", "")
		}},
		"Addresses.Registrations": {func(cfg *server.Config) { cfg.Addresses.Registrations = server.Quota{Most: 1, Per: time.Hour} }, func(c countStage) string {
			c.answer(c.alice, `{"request":"register","content":"green horses"}`)
			return c.answer(c.bob, `{"request":"register","content":"green horses"}`)
		}},
		"Addresses.Connections": {func(cfg *server.Config) { cfg.Addresses.Connections = 1 }, admits},
		"Addresses.New":         {func(cfg *server.Config) { cfg.Addresses.New = server.Quota{Most: 1, Per: time.Hour} }, admits},
	} {
		seen = append(seen, field)
		t.Run(field, func(t *testing.T) {
			see := func(change bool) string {
				c := newCountStage(t, 1)
				for _, text := range []string{"one", "two", "three"} {
					c.say(c.alice, text)
				}
				c.net.Advance(10 * time.Second)
				c.responses(c.alice)
				c.responses(c.bob)
				c.read(c.pat)
				if change {
					cfg := c.Config
					tt.set(&cfg)
					c.server().Reconfigure(cfg)
					c.net.Run()
				}
				return tt.sees(c)
			}
			if was, is := see(false), see(true); was == is {
				t.Errorf("with and without the change it is %q", is)
			}
		})
	}
	for _, field := range server.Changeable() {
		if !slices.Contains(seen, field) {
			t.Errorf("nobody looks what becomes of %s", field)
		}
	}
}

// What was said when longer texts were allowed, and is sent again since its answer was lost, is
// answered as it was: it is said, once.
func TestLongTextSentAgain(t *testing.T) {
	const long, to = `{"request":"msg","content":"hello","id":"m1"}`, `{"request":"dm","content":{"name":"bob","text":"hello"},"id":"d1"}`
	c := newCountStage(t, 1)
	c.answer(c.alice, long)
	c.answer(c.alice, to)
	cfg := c.Config
	cfg.MaxText = 4
	c.server().Reconfigure(cfg)
	c.net.Run()
	c.responses(c.alice)
	for _, tt := range []struct{ frame, says string }{
		{long, "Your message was accepted."}, {to, "Your message was delivered to bob."}, {strings.Replace(long, "m1", "m2", 1), "at most 4 bytes, yours has 5"}, {strings.Replace(to, "d1", "d2", 1), "at most 4 bytes, yours has 5"},
	} {
		if got := c.answer(c.alice, tt.frame); !strings.Contains(got, tt.says) {
			t.Errorf("%s is answered with %q, which lacks %q", tt.frame, got, tt.says)
		}
		c.responses(c.alice)
	}
}

// Who is refused because of a limit of their address is told the one that holds now.
func TestReconfiguredLimitsAreNamed(t *testing.T) {
	for limit, tt := range map[string]struct {
		set  func(l *server.AddressLimits, n int)
		says string
	}{
		"connections": {func(l *server.AddressLimits, n int) { l.Connections = n }, "it may have 1."},
		"new":         {func(l *server.AddressLimits, n int) { l.New = server.Quota{Most: n, Per: time.Hour} }, "it may open 1 in 60 minutes."},
	} {
		c := newCountStage(t, 1)
		for _, n := range []int{2, 1} {
			cfg := c.Config
			tt.set(&cfg.Addresses, n)
			c.server().Reconfigure(cfg)
		}
		if got := admits(c); !strings.Contains(got, tt.says) {
			t.Errorf("%s: who is refused is told %q, which lacks %q", limit, got, tt.says)
		}
	}
}

// guestComesBack says how much a guest is told who comes back after five minutes, and has not
// seen a direct message yet.
func guestComesBack(c countStage) string {
	conn := c.raw(nil, `{"request":"login","content":"eve","extended":1}`)
	c.net.Advance(time.Second)
	token := c.responses(conn)[0].Data.Token
	c.ask(c.alice, "dm", "eve", "hello")
	conn.HangUp()
	c.net.Advance(5 * time.Minute)
	conn = c.raw(nil, `{"request":"login","content":"eve","extended":1,"token":"`+token+`"}`)
	c.net.Advance(time.Second)
	return fmt.Sprint(len(c.responses(conn)))
}

// pruned says what is kept no more after two days.
func pruned(c countStage) string {
	c.net.Advance(48 * time.Hour)
	return fmt.Sprint(c.kept().Pruned)
}

// answer sends a frame and returns the content of the first answer.
func (c countStage) answer(conn interface {
	Send([]byte)
	Read() ([]byte, error)
}, frame string) string {
	c.Helper()
	conn.Send([]byte(frame))
	c.net.Advance(time.Second)
	b, _ := conn.Read()
	line, _, _ := strings.Cut(string(b), "\n")
	r, err := protocol.DecodeResponse([]byte(line + "\n"))
	if err != nil {
		return line
	}
	return r.Content
}

// resumed says whether somebody is told what was missed.
func resumed(c countStage) string {
	conn := c.raw(nil, `{"request":"login","content":"eve","extended":1,"log":"simulated","after":0}`)
	c.net.Advance(time.Second)
	return c.responses(conn)[0].Data.Resume
}

// edited says what becomes of an edit of something that was said 10 s ago.
func edited(c countStage) string {
	return c.answer(c.alice, `{"request":"edit","content":{"id":3,"text":"four"}}`)
}

// historyOf says which history somebody is told who comes.
func historyOf(extended bool) func(c countStage) string {
	return func(c countStage) string {
		conn := c.net.Dial()
		c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "eve"}, Extended: extended})
		c.net.Advance(10 * time.Second)
		return strings.Join(c.read(conn), "")
	}
}

// presenceFor says what who is there is told of who comes.
func presenceFor(extended bool) func(c countStage) string {
	return func(c countStage) string {
		conn := c.pat
		if extended {
			conn = c.bob
		}
		c.login("eve", true)
		c.net.Advance(time.Second)
		return strings.Join(c.read(conn), "")
	}
}

// admits says who is let in of two from one address.
func admits(c countStage) string {
	from := netip.MustParseAddrPort("198.51.100.7:1234")
	c.server().Admit(from)
	return string(c.server().Admit(from))
}
