package login

import "strings"

// elsewhere is what is known of a session that the user has at another place. Only
// who has an account can have one: the password shows that it is the same user.
type elsewhere struct {
	refused  string // the name that could not be logged in because of it
	takeover string // the name whose next login ends it
	moved    bool   // one has logged in there, and this session was ended
	ended    bool   // one has ended this session from there
	expelled bool   // somebody who keeps order has
}

// loggedInElsewhere handles a login that was refused because there is such a session.
func (m *Machine) loggedInElsewhere() {
	m.refused = m.name
	if !m.cfg.Interactive {
		m.cfg.Person.Fail("The login as %s was refused: it is logged in elsewhere.", m.name)
		return
	}
	m.close()
	m.tell(Notice, "You are logged in elsewhere as %s. /takeover ends that session and goes on here.", m.name)
	m.askName()
}

// Takeover logs in where that was refused because of a session elsewhere.
func (m *Machine) Takeover() {
	name := m.refused
	if !m.Free() {
		return
	}
	if name == "" || m.cfg.Server.Phase() >= LoggingIn {
		m.tell(Trouble, "/takeover is for a login that was refused because you are logged in elsewhere. There was none.")
		return
	}
	m.refused, m.takeover = "", name
	m.As(name)
}

// takesOver reports whether a login is to end a session that has the name, and
// forgets that.
func (m *Machine) takesOver() bool {
	name := m.takeover
	m.takeover = ""
	return name != "" && strings.EqualFold(name, m.name)
}
