package client

import (
	"strings"

	"parley/protocol"
)

// elsewhere is what the App knows of a session that its user has at another place.
// Only who has an account can have one: the password shows that it is the same user.
type elsewhere struct {
	refused  string // the name that could not be logged in because of it
	takeover string // the name whose next login ends it
	moved    bool   // one has logged in there, and this session was ended
}

// loggedInElsewhere handles a login that was refused because there is such a session.
func (a *App) loggedInElsewhere() {
	a.elsewhere.refused = a.name
	if a.cfg.Mode != Interactive {
		a.end(failure(Refused, "The login as %s was refused: it is logged in elsewhere.", a.name))
		return
	}
	a.tell(ToneNotice, "You are logged in elsewhere as %s. /takeover ends that session and goes on here.", a.name)
	a.askName()
}

func (a *App) cmdTakeover(string) {
	name := a.elsewhere.refused
	if name == "" || a.phase >= loggingIn {
		a.tell(ToneError, "/takeover is for a login that was refused because you are logged in elsewhere. There was none.")
		return
	}
	a.elsewhere.refused, a.elsewhere.takeover = "", name
	a.loginAs(name)
}

// takesOver reports whether a login is to end a session that has the name, and
// forgets that.
func (a *App) takesOver() bool {
	name := a.elsewhere.takeover
	a.elsewhere.takeover = ""
	return name != "" && strings.EqualFold(name, a.name)
}

// sentAway notes that the server ends the session for a reason for which one is not
// to come back by oneself: for doing nothing, or because one has logged in
// elsewhere. That it has heard nothing is no such reason: a computer slept, and its
// chat is to go on.
func (a *App) sentAway(r protocol.Response) {
	if r.Data == nil || r.Data.Event != protocol.EventLogout {
		return
	}
	switch r.Data.Code {
	case protocol.LoggedInElsewhere:
		a.elsewhere.moved = true
		fallthrough
	case protocol.Timeout:
		a.parted = a.phase == loggedIn
	}
}

// staysOut handles the end of a connection whose session timed out, or was ended
// because its user has logged in elsewhere. Nobody was there, so nothing happens
// until somebody is.
func (a *App) staysOut() {
	a.lastName, a.returning = a.name, true
	moved := a.elsewhere.moved
	a.elsewhere.moved = false
	switch {
	case a.cfg.Mode == Interactive:
	case moved:
		a.end(failure(Refused, "%s has logged in elsewhere.", a.name))
		return
	default:
		a.end(failure(Refused, "%s was logged out for doing nothing.", a.name))
		return
	}
	a.tell(ToneNotice, "You are logged out. Type something to come back, or leave with Ctrl-D.")
}

// comeBack connects again after a session timed out. It reports whether that
// was so.
func (a *App) comeBack() bool {
	if !a.parted || a.phase != offline {
		return false
	}
	a.parted = false
	a.connect()
	return true
}
