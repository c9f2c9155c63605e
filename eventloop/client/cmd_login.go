package client

import (
	"errors"
	"strconv"
	"strings"

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
	if a.login.Free() && a.claims(name) {
		a.login.As(name)
	}
}

// claims makes the chat one for a name. It reports false if it cannot be, which is told, or if
// another chat is to begin for that.
func (a *App) claims(name string) bool {
	if a.cfg.Claim == nil || strings.EqualFold(name, a.owner) {
		a.owner = name
		return true
	}
	anew, why := a.cfg.Claim(name, a.owner != "" && a.isUsed())
	switch {
	case why != "":
		a.tell(timeline.Error, "%s", why)
		return false
	case anew:
		a.end(&OtherName{name})
		return false
	}
	a.owner = name
	return true
}

// isUsed reports whether there is anything in the chat that somebody has said or typed.
func (a *App) isUsed() bool {
	return a.wasIn || a.cfg.Restored != nil || a.queue.Waiting() > 0 || len(a.kept.drafts) > 0
}

// goesOnAnew reports whether the chat is over because another one begins for somebody else.
func (a *App) goesOnAnew() bool {
	var other *OtherName
	return errors.As(a.err, &other)
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
