package chats

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"pgregory.net/rapid"

	"parley/eventloop/client/timeline"
	"parley/eventloop/sim"
	"parley/protocol"
)

// A plainUser is a person with one of the many clients of the standard: it knows four
// requests and nothing of an extension, sends a name and no token, ends its requests in
// newlines or not, glues several together, or does not read. Whoever loses the connection
// begins anew, under a name with another number behind it.
type plainUser struct {
	*chats
	name    string // of the next login, or of the present one
	first   string // without a number
	conn    *sim.Conn
	up      []byte // is on its way
	entered bool   // is logged in
	tried   time.Time
	base    uint64 // the newest number when the client was logged in
	scanner *protocol.Scanner
	input   []byte   // has come, and is no whole response yet
	heard   []string // keys of what was said, in this connection
	written []written
	habit   habit
	lasts   int
}

// A habit is how a client writes and reads.
type habit struct {
	newline bool // behind each request
	stalled bool // it does not read
	slow    bool // it has not, for some time of this connection
}

// written is a response when it left the server.
type written struct {
	at  time.Time
	key string // "": nobody has said that
}

func newPlainUser(c *chats, name string, newline bool) *plainUser {
	return &plainUser{chats: c, first: name, name: name, habit: habit{newline: newline}}
}

// connects makes a connection if there is none, and logs in on it.
func (u *plainUser) connects() {
	if u.conn != nil && !u.conn.Closed() || u.down || u.now.Sub(u.tried) < 2*time.Second {
		return
	}
	u.lasts++
	u.hurried[u.name] = true
	u.name = fmt.Sprint(u.first, u.lasts)
	u.disturbed(u.name)
	conn := u.world.Net.Dial()
	u.conn, u.tried, u.up, u.input, u.heard, u.written = conn, u.now, nil, nil, nil, nil
	u.entered, u.habit.stalled, u.habit.slow, u.scanner = false, false, false, protocol.NewScanner(protocol.MaxServedFrame)
	outgoing, rest := protocol.NewScanner(protocol.MaxServedFrame), []byte(nil)
	conn.Wrote = func(b []byte) {
		for rest = append(rest, b...); ; {
			frame, n, _ := outgoing.Scan(rest)
			if rest = rest[n:]; frame == nil {
				return
			}
			u.written = append(u.written, written{u.world.Net.Now(), lastKey(string(frame))})
		}
	}
	u.note("%s connects", u.name)
	u.asks("login", u.name)
}

// asks has requests on their way.
func (u *plainUser) asks(verb string, contents ...string) {
	for _, content := range contents {
		frame, _ := json.Marshal(map[string]string{"request": verb, "content": content})
		if u.up = append(u.up, frame...); u.habit.newline {
			u.up = append(u.up, '\n')
		}
	}
}

// says has the person say a number of lines, that leave together.
func (u *plainUser) says(n int) {
	for range n {
		text := fmt.Sprintf("plain %d", u.serial)
		u.serial++
		u.lines[text] = timeline.Conversation{Place: timeline.Lobby}
		u.asks("msg", text)
	}
	u.met["said by a plain client"] += n
	u.note("%s says %d lines, the last one is plain %d", u.name, n, u.serial-1)
}

// sends has some bytes arrive at the server.
func (u *plainUser) sends(most int) {
	n := min(most, len(u.up))
	b := u.up[:n]
	u.up = u.up[n:]
	if n > 0 {
		u.conn.Send(b)
		u.world.Net.Run()
	}
}

// hears reads what has come.
func (u *plainUser) hears() {
	for u.conn != nil && !u.habit.stalled {
		b, err := u.conn.Read()
		if err == io.EOF {
			u.ends("the server closes it")
			return
		}
		if b == nil {
			return
		}
		for u.input = append(u.input, b...); ; {
			frame, n, bad := u.scanner.Scan(u.input)
			if bad != nil {
				u.fail("%s gets what is no response: %v", u.name, bad)
			}
			if u.input = u.input[n:]; frame == nil {
				break
			}
			u.response(frame)
		}
	}
}

// response handles one response.
func (u *plainUser) response(frame []byte) {
	r, bad := protocol.DecodeResponse(frame)
	if bad != nil || r.Data != nil || r.Ref != "" {
		u.fail("%s gets %s, which is not of the standard", u.name, frame)
	}
	u.note("%s hears %s %s: %q", u.name, r.Kind, r.Sender, r.Content)
	switch key := lastKey(r.Content); {
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "Login successful"):
		u.entered, u.base = true, u.newest
	case r.Kind == protocol.KindError && !u.entered:
		u.conn.HangUp()
		u.ends("its name is refused")
	case r.Kind == protocol.KindMessage && key != "":
		u.met["heard by a plain client"]++
		u.heard = append(u.heard, key)
	}
}

// lastKey returns the key of a text that may have a quote of another one in front of it.
func lastKey(text string) string {
	all := unique.FindAllString(text, -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// GoString is how a run that fails names the person.
func (u *plainUser) GoString() string { return u.first }

// ends notes that the connection is over.
func (u *plainUser) ends(why string) {
	u.note("the connection of %s is over: %s", u.name, why)
	u.world.Net.Run()
	u.hurried[u.name] = true
	u.conn, u.entered, u.up = nil, false, nil
}

// has reports whether a line was heard in this connection.
func (u *plainUser) has(key string) bool {
	for _, k := range u.heard {
		if k == key {
			return true
		}
	}
	return false
}

// plainActions are what people with other clients do.
func (c *chats) plainActions(actions map[string]func(*rapid.T)) {
	anybody := func(r *rapid.T) *plainUser {
		u := rapid.SampledFrom(c.plain).Draw(r, "who")
		if u.conn == nil || !u.entered {
			r.Skip("is not logged in")
		}
		return u
	}
	actions["plain line"] = func(r *rapid.T) { anybody(r).says(1) }
	actions["plain lines"] = func(r *rapid.T) { anybody(r).says(rapid.SampledFrom(c.do.glued).Draw(r, "lines")) }
	actions["plain request"] = func(r *rapid.T) {
		anybody(r).asks(rapid.SampledFrom([]string{"names", "help", "nonsense", "login"}).Draw(r, "request"), "")
	}
	actions["plain logout"] = func(r *rapid.T) {
		u := anybody(r)
		u.note("%s logs out", u.name)
		u.asks("logout", "")
		c.hurried[u.name] = true
	}
	actions["plain sends"] = func(r *rapid.T) { anybody(r).sends(rapid.IntRange(1, 100).Draw(r, "bytes")) }
	actions["plain stall"] = func(r *rapid.T) {
		u := anybody(r)
		if u.habit.stalled = !u.habit.stalled; u.habit.stalled {
			c.met["stalled"]++
			u.habit.slow = true
			u.conn.Stall()
		} else {
			u.conn.ReadOn()
		}
		u.note("%s does not read: %t", u.name, u.habit.stalled)
	}
	actions["plain end"] = func(r *rapid.T) {
		u := anybody(r)
		if rapid.Bool().Draw(r, "hangs up") {
			u.conn.HangUp()
		} else {
			u.conn.Reset()
		}
		u.ends("the client breaks it")
	}
}
