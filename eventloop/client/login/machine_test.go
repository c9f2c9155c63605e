package login

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/protocol"
)

// A chat is what is around a Machine: a server and a person that note what comes.
type chat struct {
	*Machine
	now    time.Time
	phase  Phase
	logins []Request
	asked  []string
	log    []string
	answer bool // the server of this connection has answered a login with data
	t      interface{ Fatalf(string, ...any) }
}

func newChat(t interface{ Fatalf(string, ...any) }, interactive bool) *chat {
	c := &chat{t: t, now: time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)}
	c.Machine = New(Config{Name: "alice", Interactive: interactive, Server: (*chatServer)(c), Person: (*chatPerson)(c),
		Now: func() time.Time { return c.now }, Fetch: func() {}, Renamed: func(string) {}})
	return c
}

type chatServer chat

func (s *chatServer) Phase() Phase { return s.phase }
func (s *chatServer) Connect() {
	if s.phase != Offline {
		s.t.Fatalf("it connects while there is a connection")
	}
	s.phase = Dialling
}
func (s *chatServer) Hangup() {
	s.phase = Offline
	s.Dropped()
}
func (s *chatServer) LogIn(r Request) {
	if s.phase != Connected {
		s.t.Fatalf("it logs in in phase %d", s.phase)
	}
	if r.Name == "" || r.Password != "" && !s.answer {
		s.t.Fatalf("the login %+v goes to whom nothing is known of", r)
	}
	s.phase = LoggingIn
	s.logins = append(s.logins, r)
}
func (s *chatServer) Ask(verb string, _ map[string]string) bool {
	if s.phase != LoggedIn {
		s.t.Fatalf("/%s in phase %d", verb, s.phase)
	}
	s.asked = append(s.asked, verb)
	return true
}
func (s *chatServer) Later(time.Duration) time.Duration { return time.Second }

type chatPerson chat

func (p *chatPerson) say(words string) { p.log = append(p.log, words) }
func (p *chatPerson) Tell(_ Severity, format string, args ...any) {
	p.say(fmt.Sprintf(format, args...))
}
func (p *chatPerson) TellWithHint(_ Severity, words, hint string) { p.say(words + hint) }
func (p *chatPerson) Fail(format string, args ...any) {
	p.say("failed: " + fmt.Sprintf(format, args...))
}
func (p *chatPerson) Words(r protocol.Response) { p.say(r.Content) }
func (p *chatPerson) AskName()                  { p.say("a name") }

// What the outside world does to a chat.

func (c *chat) dialled() {
	if c.phase == Dialling {
		c.phase, c.answer = Connected, false
		c.Arrived()
	}
}

func (c *chat) lost() {
	was := c.phase
	c.phase = Offline
	c.Dropped()
	switch {
	case was == LoggedIn && c.Parted():
		c.Parts()
		c.ComesBack()
	case was == LoggedIn:
		c.Lost(true)
	}
}

func (c *chat) refuses(code protocol.Code, seconds int) {
	if c.phase == LoggingIn {
		c.phase, c.answer = Connected, true
		c.Refused(protocol.Response{Kind: protocol.KindError, Content: "no", Data: &protocol.Data{Event: protocol.EventError, Code: code, Seconds: seconds}})
	}
}

func (c *chat) refusesPlainly() {
	if c.phase == LoggingIn {
		c.phase = Connected
		c.Refused(protocol.Response{Kind: protocol.KindError, Content: "no"})
	}
}

func (c *chat) letsIn(data *protocol.Data) {
	if c.phase == LoggingIn {
		c.phase, c.answer = LoggedIn, data != nil
		r := protocol.Response{Kind: protocol.KindInfo, Content: "welcome", Data: data}
		c.Answered(r)
		c.Offer(r)
	}
}

func (c *chat) retries() {
	if c.phase == Connected && c.Name() != "" {
		c.LogIn()
	}
}

// answers lets the server answer what was asked in a session, once.
func (c *chat) answers(code protocol.Code, seconds int) {
	if len(c.asked) == 0 || c.phase != LoggedIn {
		return
	}
	c.asked = c.asked[1:]
	if code == "" {
		c.Changed()
		return
	}
	c.NotChanged(protocol.Response{Kind: protocol.KindError, Content: "no", Data: &protocol.Data{Event: protocol.EventError, Code: code, Seconds: seconds}})
}

var codes = []protocol.Code{protocol.PasswordRequired, protocol.WrongCredentials, protocol.BlockedLogin, protocol.LoggedInElsewhere,
	protocol.BadRequest, protocol.NotAllowed, protocol.NameTaken, protocol.Busy, protocol.RateLimited, protocol.Internal, protocol.Timeout, protocol.BadName}

var secrets = []string{"hunter-one", "hunter-two", "hunter-three"}

// TestNothingSlips holds to any course of things: a password goes in a login to a
// server that has answered one on this connection, and nowhere else; nobody who may
// be typing one is shown doing so; and Ctrl-C ends any question.
func TestNothingSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChat(t, true)
		c.phase = Dialling
		keys := false // pressed since the last Enter
		mine := false // what happened was done by the person
		code := rapid.SampledFrom(codes)
		wait := rapid.SampledFrom([]int{0, 1, 60})
		state := rapid.SampledFrom([]string{protocol.StateGuest, protocol.StateAccount})
		person := func(do func(*rapid.T)) func(*rapid.T) {
			return func(t *rapid.T) { mine = true; do(t); keys = false }
		}
		var before bool
		var how moment
		note := func() {
			before, mine = c.Asking(), false
			if c.question != nil {
				how = moment{c.question.state, c.question.typing}
			}
		}
		note()
		t.Repeat(map[string]func(*rapid.T){
			"dialled": func(*rapid.T) { c.dialled() },
			"redials": func(*rapid.T) {
				if c.phase == Offline && c.Name() != "" && !c.Idles() {
					c.phase = Dialling
				}
			},
			"lost":    func(*rapid.T) { c.lost() },
			"refuses": func(t *rapid.T) { c.refuses(code.Draw(t, "code"), wait.Draw(t, "seconds")) },
			"plainly": func(*rapid.T) { c.refusesPlainly() },
			"letsIn": func(t *rapid.T) {
				c.letsIn(&protocol.Data{Event: protocol.EventLogin, Name: c.Name(), Log: "log", State: state.Draw(t, "state")})
			},
			"letsInPlainly": func(*rapid.T) { c.letsIn(nil) },
			"answers":       func(t *rapid.T) { c.answers(code.Draw(t, "code"), wait.Draw(t, "seconds")) },
			"takes":         func(*rapid.T) { c.answers("", 0) },
			"retries":       func(*rapid.T) { c.retries() },
			"sendsAway": func(t *rapid.T) {
				c.SentAway(protocol.Response{Data: &protocol.Data{Event: protocol.EventLogout, Code: protocol.Timeout}})
			},
			"fetched": func(*rapid.T) {
				if c.Fetching() {
					c.Fetched("", errors.New("none"))
				}
			},
			"time":    func(t *rapid.T) { c.now = c.now.Add(time.Duration(wait.Draw(t, "time")) * time.Second) },
			"presses": func(*rapid.T) { c.Pressed(); keys = true },
			"types": person(func(t *rapid.T) {
				if c.Asking() {
					c.Typed(rapid.SampledFrom(secrets).Draw(t, "secret"))
				}
			}),
			"interrupts": person(func(t *rapid.T) {
				if c.Asking() {
					c.Interrupted()
				}
				if c.Asking() {
					t.Fatalf("Ctrl-C does not go back")
				}
			}),
			"logsIn":    person(func(*rapid.T) { c.As("bob") }),
			"registers": person(func(*rapid.T) { c.Register() }),
			"changes":   person(func(*rapid.T) { c.Passwd() }),
			"takesOver": person(func(*rapid.T) { c.Takeover() }),
			"": func(t *rapid.T) {
				if next := c.Tick(); !next.IsZero() && !next.After(c.now) {
					t.Fatalf("it wants to be called again at %s, it is %s", next, c.now)
				}
				if before && !mine && !c.Asking() && (keys || how.state == open) {
					t.Fatalf("a line is shown that somebody types (state %d)", how.state)
				}
				if c.Asking() && c.Prompt() == "" {
					t.Fatalf("nothing is asked")
				}
				for _, words := range c.log {
					if strings.Contains(words, "hunter") {
						t.Fatalf("it says %q", words)
					}
				}
				c.log = nil
				note()
			},
		})
	})
}

type moment struct {
	state  state
	typing bool
}

// A reconnect begins without the password, which follows when it is asked for.
func TestPasswordAfterALoss(t *testing.T) {
	c := newChat(t, false)
	c.phase = Dialling
	steps := []func(){
		c.dialled,
		func() { c.refuses(protocol.PasswordRequired, 0) },
		func() { c.Fetched("sesame99", nil) },
		func() { c.letsIn(&protocol.Data{Name: "Alice", Log: "log", State: protocol.StateAccount}) },
		c.lost,
		func() { c.phase = Dialling; c.dialled() },
		func() { c.refuses(protocol.PasswordRequired, 0) },
	}
	for _, step := range steps {
		step()
	}
	want := []Request{{Name: "alice"}, {Name: "alice", Password: "sesame99"}, {Name: "Alice"}, {Name: "Alice", Password: "sesame99", Takeover: true}}
	if !slices.Equal(c.logins, want) {
		t.Errorf("%+v", c.logins)
	}
}

// A server that asks for a password again and again gets each one once.
func TestPasswordIsNotSentTwice(t *testing.T) {
	c := newChat(t, false)
	c.phase = Dialling
	c.dialled()
	c.refuses(protocol.PasswordRequired, 0)
	c.Fetched("sesame99", nil)
	for range 3 {
		c.refuses(protocol.PasswordRequired, 0)
	}
	if len(c.logins) != 2 || len(c.log) != 1 || !strings.HasPrefix(c.log[0], "failed: ") {
		t.Errorf("%+v, %q", c.logins, c.log)
	}
}
