package server_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

const pace = 50 * time.Millisecond

// start is when simulated time begins.
var start = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

// What the owner does before anybody was ever connected counts for the first who is.
func TestWhatIsPostedBeforeTheFirstConnection(t *testing.T) {
	for loops := 1; loops <= 2; loops++ {
		cfg := config()
		cfg.Loops = loops
		w := sim.NewWorld(cfg, 0, start)
		w.Server.ProposeFromOutside(&command.AddAccount{Name: "alice", Hash: "x"})
		c := w.Net.Dial()
		c.Send([]byte(`{"request":"login","content":"alice","extended":1}`))
		w.Net.Run()
		if b, err := c.Read(); err != nil || !strings.Contains(string(b), string(protocol.PasswordRequired)) {
			t.Errorf("%d loops: the answer is %s, %v", loops, b, err)
		}
	}
}

func config() server.Config {
	return server.Config{Loops: 1, Pace: pace, PlainHistory: protocol.HistoryReplay, History: 100,
		LoginTimeout: 30 * time.Second, LoginSize: protocol.LoginSize, Logins: users.DefaultLockoutLimits(),
		Log: slog.New(slog.DiscardHandler)}
}

// chat is a simulated server and its clients.
type chat struct {
	*testing.T
	*sim.World
	net *sim.Net
}

func newChat(t *testing.T, cfg server.Config) chat {
	w := sim.NewWorld(cfg, 0, start)
	return chat{t, w, w.Net}
}

// keep puts rows onto the disk, and has the server go on from there.
func keep(w *sim.World, rows state.Rows) {
	rows.Count, rows.Time = 1, w.Net.Now()
	w.Disk.Table.Put(&rows)
	w.Crash()
}

// kept returns what is on the disk.
func (c chat) kept() state.Kept { return c.Disk.Table.Kept() }

// account returns the account of that name that is on the disk.
func (c chat) account(name string) (users.Account, bool) {
	for _, a := range c.kept().Accounts {
		if users.Fold(a.Name) == name {
			return a, true
		}
	}
	return users.Account{}, false
}

// lockout returns the row of wrong passwords of a name or an address that is on the disk.
func (c chat) lockout(key string) (users.Lockout, bool) {
	for _, b := range c.kept().Lockouts {
		if b.Key == key {
			return b, true
		}
	}
	return users.Lockout{}, false
}

// owner proposes what the server's owner asks for.
func (c chat) owner(cmd command.Command) {
	c.server().ProposeFromOutside(cmd)
	c.net.Advance(2 * c.Disk.Delay)
}

// login returns a connection on which the answers to the login were read.
func (c chat) login(name string, extended bool) *sim.Conn {
	c.Helper()
	conn := c.net.Dial()
	c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: extended})
	c.net.Advance(time.Second)
	if got := c.responses(conn); len(got) < 2 || !strings.HasPrefix(got[0].Content, "Login successful") {
		c.Fatalf("login of %s: %+v", name, got)
	}
	return conn
}

func (c chat) send(conn *sim.Conn, r protocol.Request) {
	conn.Send(protocol.AppendRequest(nil, r))
	c.net.Run()
}

func (c chat) say(conn *sim.Conn, text string) {
	c.send(conn, protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}})
}

// read returns the pieces in which the server wrote what is there now.
func (c chat) read(conn *sim.Conn) (pieces []string) {
	for {
		b, err := conn.Read()
		if b == nil || err != nil {
			return pieces
		}
		pieces = append(pieces, string(b))
	}
}

// responses returns what the server wrote, decoded.
func (c chat) responses(conn *sim.Conn) (list []protocol.Response) {
	c.Helper()
	for line := range strings.Lines(strings.Join(c.read(conn), "")) {
		r, err := protocol.DecodeResponse([]byte(line))
		if err != nil {
			c.Fatalf("%v: %s", err, line)
		}
		if r.Data == nil || r.Data.Event != protocol.EventPresence {
			list = append(list, r)
		}
	}
	return list
}

// A text that fills more than what most clients read at once comes in parts.
func TestLongTextComesToPlainSessionsInParts(t *testing.T) {
	c := newChat(t, config())
	plain, extended := c.login("plain", false), c.login("extended", true)
	text := strings.Repeat("blåbærsyltetøy ", 220)
	c.say(extended, text)
	if got := c.responses(extended); len(got) != 1 || got[0].Content != text {
		t.Errorf("the extended session got %d parts", len(got))
	}
	c.net.Advance(time.Second)
	var whole string
	pieces := c.read(plain)
	for _, p := range pieces {
		if len(p) > 4095 {
			t.Errorf("a piece of %d bytes", len(p))
		}
		r, err := protocol.DecodeResponse([]byte(p))
		if err != nil || r.Sender != "extended" || r.Kind != protocol.KindMessage {
			t.Errorf("%v: %+v", err, r)
		}
		whole += r.Content
	}
	if whole != text || len(pieces) < 2 {
		t.Errorf("%d pieces, together the text: %v", len(pieces), whole == text)
	}
}

func TestTextAboveTheLimitIsRefused(t *testing.T) {
	c := newChat(t, config())
	alice := c.login("alice", true)
	c.say(alice, strings.Repeat("x", protocol.MaxText))
	c.say(alice, strings.Repeat("x", protocol.MaxText+1))
	got := c.responses(alice)
	if len(got) != 2 || got[0].Kind != protocol.KindMessage || got[1].Data.Code != protocol.TooLarge {
		t.Errorf("got %+v", got)
	}
}

func TestHistoryOfExtendedSessions(t *testing.T) {
	c := newChat(t, config())
	alice := c.login("alice", true)
	for i := range 150 {
		c.say(alice, fmt.Sprint("message ", i))
	}
	for round := range 2 { // the second is from the cache
		conn := c.net.Dial()
		c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: fmt.Sprint("bob", round)}, Extended: true})
		history := c.responses(conn)[1].History
		if len(history) != 100 || history[0].Content != "message 50" || history[0].Data.ID != 51 || history[99].Data.ID != 150 {
			t.Errorf("round %d: %d messages, the first %+v", round, len(history), history[0])
		}
	}
	c.net.Advance(time.Minute)
	conn := c.net.Dial()
	c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob2"}, Extended: true})
	if got := c.responses(conn)[1].Time; !got.Equal(c.net.Now().Truncate(time.Second)) {
		t.Errorf("a history of %v is told at %v", got, c.net.Now())
	}
	c.say(alice, "after")
	conn = c.net.Dial()
	c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "carl"}, Extended: true})
	if history := c.responses(conn)[1].History; history[99].Content != "after" {
		t.Errorf("the newest is %+v", history[99])
	}
}

// A long history comes to extended sessions in several responses, and at once. Of
// one that is too long the newest is told, and that it is.
func TestLongHistoryOfExtendedSessions(t *testing.T) {
	cfg := config()
	cfg.History, cfg.Flood = 1000, server.FloodLimits{}
	c := newChat(t, cfg)
	alice := c.login("alice", true)
	say := func(text string) (told []protocol.Response, welcome string) {
		for i := range 1000 {
			c.say(alice, fmt.Sprint(i, text))
		}
		conn := c.net.Dial()
		c.send(conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}, Extended: true})
		got := c.responses(conn)
		for _, r := range got[1:] {
			if r.Kind != protocol.KindHistory {
				t.Fatalf("in place of a history came %+v", r)
			}
			told = append(told, r.History...)
		}
		conn.HangUp()
		c.net.Run()
		return told, got[0].Content
	}
	told, welcome := say(strings.Repeat(" and more", 10))
	if len(told) != 1000 || told[0].Data.ID != 1 || told[999].Data.ID != 1000 || !strings.HasSuffix(welcome, "Users connected: 2.") {
		t.Errorf("%d messages, after %q", len(told), welcome)
	}
	told, welcome = say(strings.Repeat("x", 4000))
	if n := len(told); n < 100 || n > 200 || told[n-1].Data.ID != 2000 || told[0].Data.ID != uint64(2001-n) ||
		!strings.HasSuffix(welcome, fmt.Sprintf(" The newest %d earlier messages follow; those before them are left out.", n)) {
		t.Errorf("%d messages, after %q", n, welcome)
	}
}

// At the end everybody is told, without the usual pauses, and all connections
// are closed.
func TestStop(t *testing.T) {
	for _, loops := range []int{1, 3} {
		cfg := config()
		cfg.Loops = loops
		c := newChat(t, cfg)
		plain, extended, visitor := c.login("plain", false), c.login("extended", true), c.net.Dial()
		for i := range 4 {
			c.say(extended, fmt.Sprint(i))
		}
		c.net.Stop()
		c.net.Advance(100 * time.Millisecond)
		for name, conn := range map[string]*sim.Conn{"plain": plain, "extended": extended, "visitor": visitor} {
			got := c.responses(conn)
			if len(got) == 0 || !strings.Contains(got[len(got)-1].Content, "shutting down") {
				t.Errorf("%d loops: %s was told %+v", loops, name, got)
			}
			if _, err := conn.Read(); err == nil {
				t.Errorf("%d loops: the connection of %s is open", loops, name)
			}
		}
	}
}

func TestNamesOfManyUsers(t *testing.T) {
	cfg := config()
	cfg.LoginTimeout = 0
	c := newChat(t, cfg)
	var last *sim.Conn
	for i := range 500 {
		last = c.login(fmt.Sprintf("averylongname%d", i), i%2 == 0)
	}
	c.send(last, protocol.Request{Verb: "names"})
	c.net.Advance(time.Second)
	var all string
	for _, r := range c.responses(last) {
		all += r.Content
	}
	if got := len(strings.Split(all, ", ")); got != 500 {
		t.Errorf("%d names", got)
	}
}

// A fault of the server's own costs one connection and says so.
func TestPanicCostsOneConnection(t *testing.T) {
	c := newChat(t, config())
	alice, bob := c.login("alice", true), c.login("bob", true)
	c.responses(alice)
	c.responses(bob)
	c.server().SetToken(func() string { panic("broken") })
	c.send(alice, protocol.Request{Verb: "startprivate", Content: protocol.Content{Text: "bob " + fingerprint}})
	if got := c.responses(alice); len(got) != 1 || got[0].Data.Code != protocol.Internal {
		t.Errorf("alice: %+v", got)
	}
	if _, err := alice.Read(); err == nil {
		t.Error("the connection is open")
	}
	c.send(bob, protocol.Request{Verb: "names"})
	if got := c.responses(bob); len(got) != 1 || got[0].Content != "bob" {
		t.Errorf("bob: %+v", got)
	}
}

// What cannot be read is answered once per read, not once per line: one mistake
// in a request that is spread over lines must not count as many.
func TestMalformedLinesOfOneReadAreOneMistake(t *testing.T) {
	c := newChat(t, config())
	alice := c.login("alice", true)
	alice.Send([]byte("{\n\"request\": oops!,\n\"content\": null,\n\"ref\": 1\n}\n{\"request\":\"names\"}\nwhat\nis\n{\"request\":5}"))
	c.net.Run()
	var got []string
	for _, r := range c.responses(alice) {
		got = append(got, string(r.Data.Event+" "+string(r.Data.Code)))
	}
	if want := "[error bad_json names  error bad_json error bad_request]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
