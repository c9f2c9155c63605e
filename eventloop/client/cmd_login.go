package client

import (
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

func (a *App) cmdLogout(string) {
	if a.phase < loggingIn && a.cfg.Mode == Interactive {
		a.tell(timeline.Error, "You are not logged in. /quit leaves.")
		return
	}
	a.leave()
}
