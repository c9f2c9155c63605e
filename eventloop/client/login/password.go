package login

import (
	"fmt"
	"strings"
	"time"

	"parley/protocol"
)

// passwords is what is known of passwords. They are only kept here, and in what
// waits to be sent.
type passwords struct {
	question    *question // is asked now; nil if none is
	fresh       bool      // it was not shown yet: what was typed before is no answer
	password    string    // for the next login
	passwordOf  string    // the name whose password it is
	pending     string    // was sent to be the new one and is not answered
	account     bool      // the name that is logged in has an account
	registering bool      // the next login is to make the name an account
	registerOut bool      // the last one did
	refusedName string    // that needs a password, for /register
	sourceUsed  bool      // Config.Password was asked
	fetching    bool      // and has not answered
	offered     bool      // it was said that a name can be protected
	hinted      bool      // it was said what else can be done than typing a password
	unusedTold  bool      // it was said that a password was not needed
}

// A question asks the person for something that nobody else may see.
type question struct {
	prompt    string
	answered  func(m *Machine, secret string)
	cancelled func(m *Machine)
}

// askSecret asks a question. What had been typed before is not its answer.
func (m *Machine) askSecret(q question) {
	m.question = &q
	m.fresh = true
}

// Asking reports whether something is asked that nobody else may see.
func (m *Machine) Asking() bool { return m.question != nil }

// Prompt is what is asked.
func (m *Machine) Prompt() string { return m.question.prompt }

// Fresh reports, once, whether what is asked was not asked before.
func (m *Machine) Fresh() bool {
	fresh := m.fresh
	m.fresh = false
	return fresh
}

// Typed handles the answer to a question. A blank one asks again.
func (m *Machine) Typed(secret string) {
	q := *m.question
	m.question = nil
	if secret == "" {
		m.askSecret(q)
		return
	}
	q.answered(m, secret)
}

// Interrupted handles Ctrl-C at a question.
func (m *Machine) Interrupted() {
	q := *m.question
	m.question = nil
	q.cancelled(m)
}

func (m *Machine) usePassword(name, password string) { m.passwordOf, m.password = name, password }

// refusedForPassword handles a login that failed for want of the right password.
// It reports whether there is nothing left to do.
func (m *Machine) refusedForPassword(r protocol.Response) (done bool) {
	if r.Data == nil {
		return false
	}
	switch r.Data.Code {
	case protocol.PasswordRequired:
		return m.passwordNeeded(r)
	case protocol.WrongCredentials:
		m.usePassword("", "")
		if m.cfg.Interactive {
			m.cfg.Person.Words(r)
			m.askLogin()
			return true
		}
	case protocol.BlockedLogin:
		return m.loginBlocked(r)
	case protocol.LoggedInElsewhere:
		m.loggedInElsewhere()
		return true
	case protocol.BadRequest, protocol.NotAllowed:
		again := m.registerOut && r.Data.Code == protocol.BadRequest
		m.usePassword("", "")
		if again {
			m.cfg.Person.Words(r)
			m.askRegistration()
		}
		return again
	}
	return false
}

// passwordNeeded gets a password: from where it was said to be, or by asking.
func (m *Machine) passwordNeeded(r protocol.Response) (done bool) {
	switch {
	case m.cfg.Fetch != nil && !m.sourceUsed:
		m.sourceUsed, m.fetching, m.refusedName = true, true, m.name
		m.cfg.Fetch()
	case !m.cfg.Interactive:
		m.cfg.Person.Fail("The login as %s was refused: %s\nA password can be given with --password-cmd or in PARLEY_PASSWORD.", m.name, r.Content)
	default:
		r.Kind = protocol.KindInfo // nothing has gone wrong
		m.cfg.Person.Words(r)
		if !m.hinted {
			m.hinted = true
			m.tell(Notice, "What you type is hidden. Ctrl-C goes back: /register then makes a name yours.")
		}
		m.askLogin()
	}
	return true
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
		m.usePassword(name, password)
		m.As(name)
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

// askLogin asks for the password of the name that is to be logged in.
func (m *Machine) askLogin() {
	name := m.name
	m.refusedName = name
	m.askSecret(question{
		prompt: "password of " + name,
		answered: func(m *Machine, secret string) {
			m.usePassword(name, secret)
			m.As(name)
		},
		cancelled: func(m *Machine) {
			m.rename("")
			m.tell(Notice, "You are not logged in. Type a name, or /register if %s is a new one.", name)
		},
	})
}

// loginBlocked handles a server that lets nobody try for a while. Who was logged
// in before has the right password and only waits.
func (m *Machine) loginBlocked(r protocol.Response) (done bool) {
	wait := time.Duration(r.Data.Seconds) * time.Second
	if told := seconds(wait); wait > 0 && !strings.Contains(r.Content, told) {
		r.Content = fmt.Sprintf("%s (%s)", strings.TrimSpace(r.Content), told)
	}
	if strings.EqualFold(m.name, m.last) && wait > 0 && m.password != "" {
		m.cfg.Person.Words(r)
		m.cfg.Server.Later(wait)
		return true
	}
	m.usePassword("", "")
	if !m.cfg.Interactive {
		return false
	}
	m.cfg.Person.Words(r)
	m.askName()
	return true
}

// Offer says after a login what can be done with passwords.
func (m *Machine) Offer(r protocol.Response) {
	m.account = r.Data != nil && r.Data.State == protocol.StateAccount
	switch {
	case m.account:
	case m.cfg.Fetch != nil && !m.sourceUsed && !m.unusedTold:
		m.unusedTold = true
		if r.Data != nil {
			m.tell(Notice, "%s is not registered here, so your password was not needed and not sent.", m.name)
			return
		}
		m.tell(Notice, "This server knows no passwords, so yours was not sent.")
	case m.cfg.Interactive && !m.offered && r.Data != nil && r.Data.State == protocol.StateGuest:
		m.offered = true
		m.tell(Notice, "%s is not registered here. /register protects the name with a password.", m.name)
	}
}

// Register asks for a password that makes the name an account.
func (m *Machine) Register() {
	switch {
	case m.cfg.Server.Phase() == LoggedIn && m.account:
		m.tell(Trouble, "%s is registered already. /passwd changes the password.", m.name)
	case m.cfg.Server.Phase() == LoggedIn:
		m.askNew(func(m *Machine, secret string) {
			if m.cfg.Server.Ask("register", map[string]string{"password": secret}) {
				m.pending = secret
			}
		}, (*Machine).keepAsItIs)
	case m.name == "" && m.refusedName != "":
		m.askRegistration()
	default:
		m.tell(Trouble, "Log in with a name that is free first; then /register makes it yours.")
	}
}

// askRegistration registers the name that was refused, and logs in.
func (m *Machine) askRegistration() {
	name := m.refusedName
	if m.name != "" {
		name = m.name
	}
	m.askNew(func(m *Machine, secret string) {
		m.usePassword(name, secret)
		m.registering = true
		m.As(name)
	}, func(m *Machine) {
		m.askName()
	})
}

// Passwd asks for another password.
func (m *Machine) Passwd() {
	switch {
	case m.cfg.Server.Phase() < LoggedIn:
		m.tell(Trouble, "You are not logged in yet.")
	case !m.account:
		m.tell(Trouble, "%s is not registered. /register does that.", m.name)
	default:
		m.askSecret(question{prompt: "old password", cancelled: (*Machine).keepAsItIs, answered: func(m *Machine, old string) {
			m.askNew(func(m *Machine, secret string) {
				if m.cfg.Server.Ask("passwd", map[string]string{"old": old, "new": secret}) {
					m.pending = secret
				}
			}, (*Machine).keepAsItIs)
		}})
	}
}

// askNew asks for a new password twice, until both are the same.
func (m *Machine) askNew(answered func(m *Machine, secret string), cancelled func(m *Machine)) {
	m.askSecret(question{prompt: "new password", cancelled: cancelled, answered: func(m *Machine, first string) {
		m.askSecret(question{prompt: "the same again", cancelled: cancelled, answered: func(m *Machine, second string) {
			if first != second {
				m.tell(Trouble, "These were not the same. Once more, or Ctrl-C.")
				m.askNew(answered, cancelled)
				return
			}
			answered(m, first)
		}})
	}})
}

func (m *Machine) keepAsItIs() { m.tell(Notice, "Nothing was changed.") }

// Changed notes that the server has taken a new password.
func (m *Machine) Changed() {
	m.account = true
	if m.pending != "" {
		m.usePassword(m.name, m.pending)
		m.pending = ""
	}
}

// NotChanged notes that the server has refused a new password, or is gone.
func (m *Machine) NotChanged() { m.pending = "" }
