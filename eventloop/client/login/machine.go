// Package login knows under which name a chat logs in and with which password, and
// asks the person for what is missing.
//
// It is pure: what comes from the server and from the person is handed to a
// Machine, and what it wants to be sent and said goes out by its Config. No call
// of it waits for anything.
package login

import (
	"fmt"
	"strings"
	"time"

	"parley/protocol"
)

// A Phase is how far a connection has come.
type Phase uint8

// The phases, in this order.
const (
	Offline   Phase = iota // without a connection, which may be about to be opened again
	Dialling               // the dialer is at work
	Connected              // not logged in
	LoggingIn              // a login waits to be sent, or for its answer
	LoggedIn
)

// A Request is a login.
type Request struct {
	Name     string
	Password string // "" for none
	Register bool   // the name is to become an account with that password
	Takeover bool   // it ends a session that has the name
}

// A Server is the connection, as far as a Machine needs it.
type Server interface {
	Phase() Phase
	Connect()      // opens a connection, if there is none; Machine.Arrived follows
	LogIn(Request) // sends a login on the connection
	// Ask sends another request; false means that it could not be sent, which
	// was said.
	Ask(verb string, fields map[string]string) bool
	// Later has the login sent again after a pause, by Machine.LogIn; 0 stands
	// for one that grows from one to the next. It returns the pause.
	Later(pause time.Duration) time.Duration
}

// A Person is who reads the screen, or the end of a pipe.
type Person interface {
	// Tell shows the client's own words. Each argument is made safe and shown on
	// one line.
	Tell(tone Tone, format string, args ...any)
	Fail(format string, args ...any) // ends the chat with such words
	Words(r protocol.Response)       // shows the server's
	AskName()                        // says that a name is to be typed
}

// A Tone says how the client's own words are meant.
type Tone uint8

// The tones.
const (
	Notice Tone = iota
	Trouble
)

// A Config is what a Machine is made of.
type Config struct {
	Name        string // to log in with; "" asks for one
	Interactive bool   // there is a person to be asked
	Server      Server
	Person      Person
	Fetch       func()            // gets the password from a source, once; Machine.Fetched follows. nil: there is none
	Renamed     func(name string) // the name is another one, "" for none
}

// A Machine logs in. The goroutine that owns the chat owns it.
type Machine struct {
	cfg  Config
	name string // to log in with; "" asks for one
	last string // that was logged in when a session was last lost

	ghostTold bool // that the name is taken after a loss
	parted    bool // the server has logged one out, and will not be asked to come back

	passwords
	elsewhere
}

// New returns a Machine that has not begun.
func New(cfg Config) *Machine { return &Machine{cfg: cfg, name: cfg.Name} }

// Name is what one is, or wants to be, logged in as; "" if that is not known.
func (m *Machine) Name() string { return m.name }

// Last is what one was logged in as when a session was last lost, "" before that.
func (m *Machine) Last() string { return m.last }

func (m *Machine) rename(name string) {
	m.name = name
	m.cfg.Renamed(name)
}

func (m *Machine) tell(tone Tone, format string, args ...any) {
	m.cfg.Person.Tell(tone, format, args...)
}

// As logs in under a name, as soon as there is a connection.
func (m *Machine) As(name string) {
	m.parted = false
	m.rename(name)
	m.ghostTold = false
	switch m.cfg.Server.Phase() {
	case Offline:
		m.cfg.Server.Connect()
	case Connected:
		m.LogIn()
	}
}

// LogIn logs in on the present connection.
func (m *Machine) LogIn() { m.cfg.Server.LogIn(m.request()) }

// request is the login with the password, if one is known for the name.
func (m *Machine) request() Request {
	r := Request{Name: m.name}
	m.registerOut = false
	if m.password != "" && strings.EqualFold(m.passwordOf, m.name) {
		r.Password, r.Register, r.Takeover = m.password, m.registering, m.takesOver()
		m.registerOut, m.registering = m.registering, false
	}
	return r
}

// Answered handles a login that has succeeded. The answer of an extended server
// spells the name as it is registered.
func (m *Machine) Answered(r protocol.Response) {
	if r.Data != nil && strings.EqualFold(r.Data.Name, m.name) && protocol.CheckName(r.Data.Name) == nil {
		m.rename(r.Data.Name)
	}
	m.ghostTold = false
}

// Refused handles a login that has failed.
func (m *Machine) Refused(r protocol.Response) {
	if m.refusedForPassword(r) {
		return
	}
	temporary := r.Data == nil || r.Data.Code == protocol.NameTaken || r.Data.Code == protocol.Busy
	switch {
	case temporary && strings.EqualFold(m.name, m.last):
		pause := m.cfg.Server.Later(0)
		if !m.ghostTold {
			m.ghostTold = true
			m.tell(Trouble, "The server says: %s\nThe lost connection may still hold the name %s. Trying again in %s and after that; /login NAME takes another one.",
				strings.TrimSpace(r.Content), m.name, seconds(pause))
		}
	case !m.cfg.Interactive:
		m.cfg.Person.Fail("The login as %s was refused: %s", m.name, r.Content)
	default:
		m.cfg.Person.Words(r)
		m.askName()
	}
}

// askName goes back to where a name is typed.
func (m *Machine) askName() {
	m.rename("")
	m.cfg.Person.AskName()
}

// SentAway notes that the server ends the session for a reason for which one is not
// to come back by oneself: for doing nothing, or because one has logged in
// elsewhere. That it has heard nothing is no such reason: a computer slept, and its
// chat is to go on.
func (m *Machine) SentAway(r protocol.Response) {
	if r.Data == nil || r.Data.Event != protocol.EventLogout {
		return
	}
	switch r.Data.Code {
	case protocol.LoggedInElsewhere:
		m.moved = true
		fallthrough
	case protocol.Timeout:
		m.parted = m.cfg.Server.Phase() == LoggedIn
	}
}

// Parted reports whether the session that was last lost is not to come back by
// itself.
func (m *Machine) Parted() bool { return m.parted }

// Parts handles the loss of a session that is not to come back by itself.
func (m *Machine) Parts() {
	m.last = m.name
	moved := m.moved
	m.moved = false
	switch {
	case m.cfg.Interactive:
		m.tell(Notice, "You are logged out. Type something to come back, or leave with Ctrl-D.")
	case moved:
		m.cfg.Person.Fail("%s has logged in elsewhere.", m.name)
	default:
		m.cfg.Person.Fail("%s was logged out for doing nothing.", m.name)
	}
}

// ComesBack ends that.
func (m *Machine) ComesBack() { m.parted = false }

// Lost handles the loss of a session that is to come back.
func (m *Machine) Lost() {
	m.last = m.name
	m.takeover = m.name // the lost connection may hold it still
}

// seconds is a duration as it is told: whole seconds, at least one.
func seconds(d time.Duration) string {
	return fmt.Sprintf("%d s", max(d.Round(time.Second), time.Second)/time.Second)
}
