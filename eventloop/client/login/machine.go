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
	Connect()      // opens a connection; Machine.Arrived follows
	Hangup()       // gives it up, with all that was sent on it and is not answered
	LogIn(Request) // sends a login
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
	Tell(how Severity, format string, args ...any)
	TellWithHint(how Severity, words, hint string) // the same, with a hint behind it for who types lines
	Fail(format string, args ...any)               // ends the chat with such words
	Words(r protocol.Response)                     // shows the server's
	AskName()                                      // says that a name is to be typed
}

// A Severity says whether words of the client are news or something that went wrong.
type Severity uint8

// The severities.
const (
	Notice Severity = iota
	Trouble
)

// A Config is what a Machine is made of.
type Config struct {
	Name        string // to log in with; "" asks for one
	Interactive bool   // there is a person to be asked
	Server      Server
	Person      Person
	Now         func() time.Time
	Fetch       func()            // gets the password from a source, once; Machine.Fetched follows. nil: there is none
	Renamed     func(name string) // the name is another one, "" for none
}

// A Machine logs in. The goroutine that owns the chat owns it.
type Machine struct {
	cfg  Config
	name string // to log in with; "" asks for one
	last string // that was logged in when a session was last lost

	proved bool    // the server of this connection has answered a login with data
	out    Request // the last login on this connection

	unanswered bool      // it may have begun a session of which nothing is known
	blocked    time.Time // the server takes no password before
	resent     bool      // a password that it may have looked at is sent again then

	whyTold bool // why the server does not let one in again after a loss
	parted  bool // the server has logged one out, and will not be asked to come back

	question *question // is asked now; nil if none is
	serial   uint64    // of what is asked: it grows when an answer is taken and when something else is asked
	passwords
	elsewhere
}

// New returns a Machine that has not begun.
func New(cfg Config) *Machine { return &Machine{cfg: cfg, name: cfg.Name} }

// Name is what one is, or wants to be, logged in as; "" if that is not known.
func (m *Machine) Name() string { return m.name }

// Last is what one was logged in as when a session was last lost, "" before that.
func (m *Machine) Last() string { return m.last }

// Proved reports whether the server of this connection has answered a login with
// data, as only a server does that speaks Parley's extension. No password goes to
// another one.
func (m *Machine) Proved() bool { return m.proved }

func (m *Machine) rename(name string) {
	m.name = name
	m.cfg.Renamed(name)
}

func (m *Machine) tell(how Severity, format string, args ...any) {
	m.cfg.Person.Tell(how, format, args...)
}

// Arrived begins a new connection and logs in, if there is a name for that. It
// reports whether there is.
func (m *Machine) Arrived() bool {
	m.proved, m.out = false, Request{}
	if m.name == "" {
		return false
	}
	m.LogIn()
	return true
}

// As logs in under a name that was typed, as soon as there is a connection.
func (m *Machine) As(name string) {
	if m.Free() {
		m.as(name)
	}
}

func (m *Machine) as(name string) {
	m.rename(name)
	m.parted, m.whyTold, m.blocked, m.resent = false, false, time.Time{}, false
	switch m.cfg.Server.Phase() {
	case Offline:
		m.cfg.Server.Connect()
	case Connected:
		m.LogIn()
	}
}

// LogIn logs in on the present connection: without a password, until the server
// has proved what it is by asking for one.
func (m *Machine) LogIn() {
	r := Request{Name: m.name}
	if m.proved && m.knows(m.name) {
		r.Password, r.Register, r.Takeover = m.known.secret, m.known.register, m.takesOver()
	}
	m.out, m.unanswered = r, true
	m.cfg.Server.LogIn(r)
}

// Answered handles a login that has succeeded. The answer of an extended server
// spells the name as it is registered. Offer follows.
func (m *Machine) Answered(r protocol.Response) {
	m.unanswered = false
	m.proved = r.Data != nil
	if m.proved && strings.EqualFold(r.Data.Name, m.name) && protocol.CheckName(r.Data.Name) == nil {
		m.rename(r.Data.Name)
	}
	m.whyTold, m.blocked, m.resent = false, time.Time{}, false
	had := m.account
	m.account = m.proved && r.Data.State == protocol.StateAccount
	m.compareLogs(r)
	m.pending = credential{} // which of both is right has been seen
	if m.out.Password != "" {
		m.known.register = false
	}
	asked := m.question.logsIn() && (m.question.purpose == toLogIn || !m.proved)
	if !m.account && m.out.Password == "" && (had || asked) && m.knows(m.name) {
		m.tell(Notice, "This server has let you in as %s without your password, which was not sent. It may be another one than you think.", m.name)
	}
	m.questionAfterLogin()
}

// Refused handles a login that has failed.
func (m *Machine) Refused(r protocol.Response) {
	m.unanswered = false
	if r.Data == nil {
		m.refusedPlainly(r)
		return
	}
	m.proved = true
	switch r.Data.Code {
	case protocol.PasswordRequired:
		m.passwordNeeded(r)
	case protocol.WrongCredentials:
		m.wrongPassword(r)
	case protocol.BlockedLogin:
		m.loginBlocked(r)
	case protocol.LoggedInElsewhere:
		m.loggedInElsewhere()
	case protocol.NameTaken, protocol.Busy, protocol.RateLimited:
		m.refusedForNow(r)
	case protocol.Timeout, protocol.ShuttingDown:
		m.refusedAtTheEnd(r)
	case protocol.Internal:
		if strings.EqualFold(m.name, m.last) {
			m.notNow(r)
			return
		}
		m.refusedForGood(r)
	default:
		m.refusedForGood(r)
	}
}

// Postponed notes that a login was refused which is sent again as it is.
func (m *Machine) Postponed() { m.unanswered = false }

// refusedAtTheEnd handles a server that closes the connection and has not looked at
// the login: it goes in the next one. Who comes back has been told already that it takes time.
func (m *Machine) refusedAtTheEnd(r protocol.Response) {
	back := strings.EqualFold(m.name, m.last)
	switch {
	case back && r.Data.Code == protocol.Timeout:
	case back, m.cfg.Interactive && m.knows(m.name):
		m.cfg.Person.Words(r)
	default:
		m.refusedForGood(r)
	}
}

// refusedPlainly handles the error of a server of the standard.
func (m *Machine) refusedPlainly(r protocol.Response) {
	if strings.EqualFold(m.name, m.last) {
		m.nameHeld(r)
		return
	}
	if m.question.logsIn() && m.out.Password == "" {
		m.tell(Notice, "This server does not ask for passwords as Parley does, so yours was not sent.")
	}
	m.refusedForGood(r)
}

// refusedForNow handles a server that may take the same login later.
func (m *Machine) refusedForNow(r protocol.Response) {
	busy := r.Data.Code != protocol.NameTaken
	switch {
	case m.cfg.Interactive && busy && m.question.logsIn():
		m.cfg.Person.Words(r)
		m.question.hold(m.cfg.Now().Add(busyPause), "busy")
	case strings.EqualFold(m.name, m.last) && busy:
		m.notNow(r)
	case strings.EqualFold(m.name, m.last):
		m.nameHeld(r)
	case m.cfg.Interactive && busy && m.knows(m.name):
		m.cfg.Person.Words(r)
		m.tell(Notice, "Trying again in %s.", seconds(m.cfg.Server.Later(0)))
	default:
		m.refusedForGood(r)
	}
}

// nameHeld tries again after a loss until the name is free.
func (m *Machine) nameHeld(r protocol.Response) {
	m.againLater("The server says: %s\nThe lost connection may still hold the name %s. Trying again in %s and after that; /login NAME takes another one.",
		strings.TrimSpace(r.Content), m.name)
}

// notNow tries again after a loss until the server can let one in.
func (m *Machine) notNow(r protocol.Response) {
	m.againLater("The server says: %s\nTrying again in %s and after that.", strings.TrimSpace(r.Content))
}

// againLater tries again after a pause, with which the words end that say why, once.
func (m *Machine) againLater(why string, args ...any) {
	pause := m.cfg.Server.Later(0)
	if !m.whyTold {
		m.whyTold = true
		m.tell(Trouble, why, append(args, seconds(pause))...)
	}
}

// refusedForGood handles a login that is not to be tried again as it is: another
// password may do when one is asked for, or else another name.
func (m *Machine) refusedForGood(r protocol.Response) {
	if !m.cfg.Interactive {
		m.cfg.Person.Fail("The login as %s was refused: %s", m.name, r.Content)
		return
	}
	m.cfg.Person.Words(r)
	if m.out.Password != "" {
		m.known = credential{}
		if m.question.logsIn() && mayTakeAnother(r) {
			m.question.again()
			return
		}
	}
	m.close()
	m.askName()
}

// mayTakeAnother reports whether a server that has refused a password may take
// another one.
func mayTakeAnother(r protocol.Response) bool {
	return r.Data != nil && (r.Data.Code == protocol.BadRequest || r.Data.Code == protocol.Internal)
}

// askName goes back to where a name is typed.
func (m *Machine) askName() {
	m.rename("")
	m.cfg.Person.AskName()
}

// SentAway notes that the server ends the session for a reason for which one is not
// to come back by oneself: for doing nothing, or because one has logged in
// elsewhere, or has ended the session from there. That it has heard nothing is no such reason: a computer slept, and its
// chat is to go on.
func (m *Machine) SentAway(r protocol.Response) {
	if r.Data == nil || r.Data.Event != protocol.EventLogout {
		return
	}
	switch r.Data.Code {
	case protocol.LoggedInElsewhere:
		m.moved = true
	case protocol.NotAllowed, protocol.Banned:
		m.expelled = r.Data.Order != nil
		m.ended = !m.expelled
	case protocol.Timeout:
	default:
		return
	}
	m.parted = m.cfg.Server.Phase() == LoggedIn
}

// Parted reports whether the session that was last lost is not to come back by
// itself.
func (m *Machine) Parted() bool { return m.parted }

// Parts handles the loss of a session that is not to come back by itself.
func (m *Machine) Parts() {
	m.last = m.name
	moved, ended, expelled := m.moved, m.ended, m.expelled
	m.moved, m.ended, m.expelled = false, false, false
	switch {
	case m.cfg.Interactive:
		m.giveUpQuestion()
		m.cfg.Person.TellWithHint(Notice, "You are logged out.", " Type something to come back, or leave with Ctrl-D.")
	case moved:
		m.cfg.Person.Fail("%s has logged in elsewhere.", m.name)
	case expelled:
		m.cfg.Person.Fail("%s was sent away by the server.", m.name)
	case ended:
		m.cfg.Person.Fail("Another session of %s has ended this one.", m.name)
	default:
		m.cfg.Person.Fail("%s was logged out for doing nothing.", m.name)
	}
}

// ComesBack ends that.
func (m *Machine) ComesBack() { m.parted = false }

// Lost handles the loss of a session that is to come back. The lost connection may hold
// the name still; holds says that it does so against the next login, which has nothing
// else to show whose session that was.
func (m *Machine) Lost(holds bool) {
	m.last = m.name
	if holds {
		m.takeover = m.name
	}
}

// Pause is for how long no connection is worth opening, since the server would
// take no password.
func (m *Machine) Pause() time.Duration { return max(m.blocked.Sub(m.cfg.Now()), 0) }

// seconds is a duration as it is told: whole seconds, at least one.
func seconds(d time.Duration) string { return fmt.Sprintf("%d s", wholeSeconds(d)) }

// wholeSeconds is how many seconds are left as long as anything is.
func wholeSeconds(d time.Duration) time.Duration { return max((d+time.Second-1)/time.Second, 1) }
