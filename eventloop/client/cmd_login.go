package client

import (
	"strconv"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

func (a *App) cmdLogin(name string) {
	if err := protocol.CheckName(name); err != nil {
		a.tell(timeline.Error, "%s Type /login and a name, such as /login alice.", err.Text)
		return
	}
	if a.phase == loggedIn {
		a.tell(timeline.Error, "You are logged in as %s already. Another name takes another chat: /quit, then parley chat %s@%s\nTo say that, type: /broadcast login %s", a.login.Name(), name, a.cfg.Target.Label, name)
		return
	}
	if a.phase == loggingIn {
		a.tell(timeline.Error, "The login as %s has not been answered yet. Wait a moment.", a.login.Name())
		return
	}
	a.login.As(name)
}

// cmdLogout leaves, or ends another session of one's own.
func (a *App) cmdLogout(session string) {
	if session != "" {
		a.endSession(session)
		return
	}
	if a.phase < loggingIn && a.cfg.Mode == Interactive {
		a.tell(timeline.Error, "You are not logged in. /quit leaves.")
		return
	}
	a.leave()
}

// endSession ends another session of one's own, by its number in the list of them.
func (a *App) endSession(session string) {
	switch n, err := strconv.Atoi(session); {
	case err != nil || n <= 0:
		a.tell(timeline.Error, "Type /logout and the number of a session, as /sessions lists them, or /logout alone to leave.")
	default:
		a.ask("logout", strconv.Itoa(n))
	}
}
