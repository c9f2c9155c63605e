package login

import (
	"fmt"
	"strings"
	"time"

	"parley/protocol"
)

// A credential is the password of a name.
type credential struct {
	name, secret string
	register     bool // the next login is to make the name an account
}

// passwords is what is known of passwords. They are only kept here, and in what
// waits to be sent.
type passwords struct {
	known   credential // for the next login
	pending credential // was sent to be the new one and is not answered
	tried   []string   // see Tried
	account bool       // the name that is logged in has an account
	log     string     // of the server that the password was last sent to

	refusedName string // that needs a password, for /register
	sourceUsed  bool   // Config.Fetch was called
	fetching    bool   // and has not answered
	fresh       bool   // the question was not shown yet: what was typed before is no answer
	offered     bool   // it was said that a name can be protected
	hintDue     bool   // what a newcomer needs to know has not been said
	hinted      bool   // it was said what else can be done than typing a password
	unusedTold  bool   // it was said that a password was not needed
}

// knows reports whether the password of a name is known.
func (m *Machine) knows(name string) bool {
	return m.known.secret != "" && strings.EqualFold(m.known.name, name)
}

// passwordNeeded gets a password: from memory, from where it was said to be, or by
// asking.
func (m *Machine) passwordNeeded(r protocol.Response) {
	if m.out.Password != "" { // which the server has not seen, or does not want
		m.known = credential{}
	}
	pending := m.pending.secret != "" && strings.EqualFold(m.pending.name, m.name) && m.out.Password == ""
	m.refusedName = m.name
	switch {
	case m.knows(m.name):
		m.LogIn()
	case pending: // the connection was lost before it was answered
		m.known = m.pending
		m.LogIn()
	case m.cfg.Fetch != nil && !m.sourceUsed:
		m.sourceUsed, m.fetching = true, true
		m.cfg.Fetch()
	case !m.cfg.Interactive:
		m.cfg.Person.Fail("The login as %s was refused: %s\nA password can be given with --password-cmd or in PARLEY_PASSWORD.", m.name, r.Content)
	default:
		r.Kind = protocol.KindInfo // nothing has gone wrong
		m.cfg.Person.Words(r)
		if !m.hinted {
			m.hinted = true
			m.tellGoBack(Notice, "What you type is hidden.")
		}
		m.askLogin()
	}
}

// askLogin asks for the password of the name, once more if that is being done.
func (m *Machine) askLogin() {
	m.refusedName = m.name
	if q := m.question; q.logsIn() && strings.EqualFold(q.name, m.name) {
		q.again()
		return
	}
	m.ask(toLogIn, m.name)
}

// Fetching reports whether a password is waited for that Config.Fetch gets.
func (m *Machine) Fetching() bool { return m.fetching }

// Fetched handles the password from Config.Fetch.
func (m *Machine) Fetched(password string, err error) {
	m.fetching = false
	name := m.refusedName
	switch {
	case m.cfg.Server.Phase() >= LoggingIn || !strings.EqualFold(m.name, name):
	case err == nil && password != "":
		m.remember(password)
		m.known = credential{name: name, secret: password}
		m.as(name)
	case !m.cfg.Interactive:
		m.cfg.Person.Fail("There is no password for %s: %s", name, sourceFailed(err))
	default:
		m.tell(Trouble, "There is no password for %s: %s", name, sourceFailed(err))
		m.askLogin()
	}
}

func sourceFailed(err error) string {
	if err == nil {
		return "the command gives a blank line."
	}
	return err.Error()
}

// wrongPassword asks again. It may have been changed by what was not answered.
func (m *Machine) wrongPassword(r protocol.Response) {
	other := m.pending.secret != "" && strings.EqualFold(m.pending.name, m.name) && m.pending.secret != m.known.secret
	m.known = credential{}
	switch {
	case other:
		m.known, m.pending = m.pending, credential{}
		m.LogIn()
	case !m.cfg.Interactive:
		m.refusedForGood(r)
	default:
		m.cfg.Person.Words(r)
		m.askLogin()
	}
}

// loginBlocked handles a server that lets nobody try for a while. A password that it has not
// looked at is as good as before, and is sent again. So is, once, that of somebody who was logged
// in with it, since other servers do not say whether they have.
func (m *Machine) loginBlocked(r protocol.Response) {
	wait := time.Duration(r.Data.Seconds) * time.Second
	r.Content = withTime(r.Content, wait)
	m.blocked = m.cfg.Now().Add(wait)
	unchecked, knows := wait > 0 && r.Data.State == protocol.StateUnchecked, m.knows(m.name) && !m.question.logsIn()
	if unchecked && m.out.Takeover {
		m.takeover = m.name
	}
	switch back := strings.EqualFold(m.name, m.last); {
	case back && knows && (unchecked || wait > 0 && !m.resent):
		m.resent = !unchecked
		m.cfg.Person.Words(r)
		m.cfg.Server.Later(wait)
	case !m.cfg.Interactive:
		m.refusedForGood(r)
	case unchecked && m.question.logsIn():
		m.known = credential{}
		m.cfg.Person.Words(r)
		m.triesAgain(wait)
	case unchecked && knows:
		m.cfg.Person.Words(r)
		m.tell(Notice, "Trying again in %s.", seconds(m.cfg.Server.Later(wait)))
	default:
		m.known = credential{}
		m.cfg.Person.Words(r)
		m.askLogin()
		m.askBlocked(wait)
	}
}

// triesAgain has the answers, which the server has not looked at, wait until a block is over.
func (m *Machine) triesAgain(wait time.Duration) {
	m.question.hold(m.cfg.Now().Add(wait), "blocked")
	m.tellGoBack(Notice, "It is tried again in %s.", seconds(wait))
}

// askBlocked has the question wait until a block is over.
func (m *Machine) askBlocked(wait time.Duration) {
	if wait > 0 {
		m.question.hold(m.cfg.Now().Add(wait), "blocked")
		m.tellGoBack(Notice, "What you type now is kept and tried when the time is over.")
	}
}

// withTime makes a sentence tell how long it is about, if it does not.
func withTime(s string, wait time.Duration) string {
	if pause := seconds(wait); wait > 0 && !strings.Contains(s, pause) {
		return fmt.Sprintf("%s (%s)", strings.TrimSpace(s), pause)
	}
	return s
}

// compareLogs says that a server which has got the password may not be the one
// that had it before.
func (m *Machine) compareLogs(r protocol.Response) {
	if m.out.Password == "" || r.Data == nil || r.Data.Log == "" {
		return
	}
	if m.log != "" && m.log != r.Data.Log {
		m.tell(Trouble, "The server has begun another log since you sent it your password, or it is another server.\nIf you do not know why, change the password: /passwd.")
	}
	m.log = r.Data.Log
}

// Offer says after a login what can be done with passwords. Hint follows.
func (m *Machine) Offer(r protocol.Response) {
	switch {
	case m.account || m.question.changes():
	case m.cfg.Fetch != nil && !m.sourceUsed && !m.unusedTold:
		m.unusedTold = true
		if r.Data != nil {
			m.tell(Notice, "%s is not registered here, so your password was not needed and not sent.", m.name)
			return
		}
		m.tell(Notice, "This server knows no passwords, so yours was not sent.")
	case m.cfg.Interactive && !m.offered && r.Data != nil && r.Data.State == protocol.StateGuest:
		m.offered, m.hintDue = true, true
	}
}

// Hint says once what somebody needs to know who is new here. It is to stand below the
// messages that a server tells after a login, so it is called when those are shown, or
// when there seem to be none.
func (m *Machine) Hint() {
	if m.hintDue {
		m.hintDue = false
		m.tell(Notice, "You talk to everybody here. /help tells more, /register protects your name.")
	}
}
