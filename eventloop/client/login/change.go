package login

import (
	"strings"
	"time"

	"parley/protocol"
)

// minPassword is how many bytes Parley's server wants a password to have. Another
// server says what it wants.
const minPassword = 8

// Register asks for a password that makes the name an account.
func (m *Machine) Register() {
	loggedIn := m.cfg.Server.Phase() == LoggedIn
	switch {
	case !m.Free():
	case loggedIn && m.account:
		m.tell(Trouble, "%s is registered already. /passwd changes the password.", m.name)
	case m.pendingOut():
	case loggedIn:
		m.askNew(toRegister, m.name)
	case m.name == "" && m.refusedName != "":
		m.askNew(toJoin, m.refusedName)
	case m.name != "":
		m.tell(Trouble, "You are not logged in yet. Try /register again when you are.")
	default:
		m.tell(Trouble, "Log in with a name that is free first; then /register makes it yours.")
	}
}

// Passwd asks for another password.
func (m *Machine) Passwd() {
	switch {
	case !m.Free():
	case m.cfg.Server.Phase() < LoggedIn && m.name == "":
		m.tell(Trouble, "Log in first; then /passwd changes the password.")
	case m.cfg.Server.Phase() < LoggedIn:
		m.tell(Trouble, "You are not logged in yet. Try /passwd again when you are.")
	case !m.account:
		m.tell(Trouble, "%s is not registered. /register does that.", m.name)
	case m.pendingOut():
	default:
		m.askNew(toChange, m.name)
	}
}

// pendingOut reports whether a new password was sent and not answered, and tells so.
func (m *Machine) pendingOut() bool {
	if m.pending.secret != "" {
		m.tell(Trouble, "The server has not answered yet whether it takes the password that you sent. Wait a moment.")
	}
	return m.pending.secret != ""
}

// askNew says what a password must be, and asks.
func (m *Machine) askNew(p purpose, name string) {
	m.tellGoBack(Notice, "A password has at least %d letters, digits or signs, such as a few words in a row, and is not your name.\nWhat you type is hidden.", minPassword)
	m.ask(p, name)
}

// change sends a new password.
func (m *Machine) change() {
	q := m.question
	verb, fields := "register", map[string]string{"password": q.new}
	if q.purpose == toChange {
		verb, fields = "passwd", map[string]string{"old": q.old, "new": q.new}
	}
	q.state = sent
	m.pending = credential{name: m.name, secret: q.new}
	if !m.cfg.Server.Ask(verb, fields) {
		m.pending = credential{}
		m.close()
	}
}

// nothingChanged says how a question ends whose answers the server has not taken.
func (m *Machine) nothingChanged(q *question) {
	if q.state == sent {
		m.tell(Notice, "The server has not answered yet, and may still take the new password.")
		return
	}
	m.tell(Notice, "Nothing was changed.")
}

// Changed notes that the server has taken a new password.
func (m *Machine) Changed() {
	m.account = true
	if m.pending.secret != "" {
		m.known, m.pending = m.pending, credential{}
	}
	if m.question.changes() {
		m.close()
	}
}

// NotChanged handles a server that has refused a new password: it is asked for
// again, if that can help.
func (m *Machine) NotChanged(r protocol.Response) {
	m.pending = credential{}
	q := m.question
	if r.Data != nil && r.Data.Code == protocol.BlockedLogin {
		r.Content = withTime(r.Content, time.Duration(r.Data.Seconds)*time.Second)
	}
	m.cfg.Person.Words(r)
	if !q.changes() || q.state != sent {
		return
	}
	if r.Data == nil {
		m.close()
		return
	}
	switch r.Data.Code {
	case protocol.WrongCredentials:
		q.againOld()
	case protocol.BlockedLogin:
		if wait := time.Duration(r.Data.Seconds) * time.Second; wait > 0 && r.Data.State == protocol.StateUnchecked {
			m.triesAgain(wait)
			return
		}
		q.againOld()
		m.askBlocked(time.Duration(r.Data.Seconds) * time.Second)
	case protocol.Busy, protocol.RateLimited:
		q.hold(m.cfg.Now().Add(busyPause), "busy")
	case protocol.NotAllowed, protocol.UnknownRequest, protocol.NotLoggedIn:
		m.close()
	default:
		q.againNew()
	}
}

// Dropped notes that the connection is gone. A new password that was sent is sent
// again, unless the next login shows that the server has it. A login to come back that
// was not answered may have succeeded: then its session holds the name.
func (m *Machine) Dropped() {
	if m.unanswered && strings.EqualFold(m.name, m.last) {
		m.takeover = m.name
	}
	m.unanswered = false
	if q := m.question; q.changes() && q.state == sent {
		q.state = ready
	}
}

// questionAfterLogin goes on with the question that is open when a login has
// succeeded.
func (m *Machine) questionAfterLogin() {
	q := m.question
	if q == nil || q.state == over {
		return
	}
	if q.logsIn() {
		if q.purpose == toLogIn || m.account || !m.proved {
			m.close()
			return
		}
		q.purpose, q.state, m.known = toRegister, ready, credential{} // the name is free
	}
	switch {
	case !m.proved || !strings.EqualFold(q.name, m.name) || q.purpose == toChange && !m.account:
		m.giveUpQuestion()
	case q.purpose == toRegister && m.account:
		m.tell(Notice, "%s is registered.", m.name)
		m.close()
	case q.state == ready && m.known.secret == q.new: // it was taken before the loss
		m.tell(Notice, "Your password is changed.")
		m.close()
	default:
		m.try()
	}
}
