package client

import (
	"time"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const (
	// restartPatience is how long after the time for which a server has announced that it is
	// back nothing is said of that it is not: to start may take it a moment.
	restartPatience = 30 * time.Second

	// restartBackoff is what the pause between two attempts grows to until then.
	restartBackoff = 4 * time.Second

	// maxRestart is for how long a server can send somebody away, whatever it says.
	maxRestart = 10 * time.Minute

	// restartSpread is within which time those come back who were told the same second.
	restartSpread = time.Second
)

// A restart is one that the server has announced: the connection is lost and made again,
// and nothing is said of that but what the announcement was shown as. The zero value is
// none.
type restart struct {
	back  time.Time // when to connect again
	quiet time.Time // when it is said that there is no connection
}

// restartTold handles that the server is about to end, and when it is back. It reports
// whether there is nothing left to show of it.
func (a *App) restartTold(r *protocol.Response) (done bool) {
	switch {
	case a.restarting() && a.phase < loggedIn: // it is told again, of the same end
		return true
	case r.Data.Seconds <= 0 || a.phase < loggedIn || a.dialect != extended || a.logoutQueued:
		return false
	}
	away := min(time.Duration(r.Data.Seconds)*time.Second, maxRestart)
	if a.cfg.Target.Others > 0 {
		away = 0 // the others are there
	}
	switch {
	case a.restarting():
	case away == 0:
		a.tell(timeline.Notice, "This machine of the server ends; you go on at another one.")
	default:
		a.tell(timeline.Notice, "The server restarts; back in %s.", seconds(away))
	}
	a.restart.back = a.now().Add(away + time.Duration(a.share()*float64(restartSpread)))
	a.restart.quiet = a.restart.back.Add(restartPatience)
	return true
}

// restarting reports whether the server restarts as it has announced, or has just done so.
func (a *App) restarting() bool { return a.now().Before(a.restart.quiet) }

// tellsNoConnection reports whether it is to be said that a connection could not be opened,
// of which first is whether it is the first one: of a server that restarts once it should
// have been back for a while.
func (a *App) tellsNoConnection(first bool) bool {
	switch {
	case a.restarting():
		return false
	case !a.restart.back.IsZero():
		a.restart = restart{}
		return true
	}
	return first
}

// notYet tries a login again that a server has refused which restarts, or has just done so
// and has much to do. It reports whether the refusal is one of these.
func (a *App) notYet(r protocol.Response) bool {
	if !a.restarting() {
		return false
	}
	if d := r.Data; d != nil && d.Code != protocol.Busy && d.Code != protocol.RateLimited && d.Code != protocol.ShuttingDown {
		return false
	}
	a.login.Postponed()
	a.retryLater()
	return true
}

// outlastsRestart reports whether the end of a pipe waits for a server that restarts: what
// has come from it is sent then.
func (a *App) outlastsRestart() bool {
	return a.cfg.Mode != Interactive && a.restarting() && a.queue.Waiting() > 0
}
