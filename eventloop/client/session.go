package client

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"parley/eventloop/client/conn"
	"parley/eventloop/client/keepalive"
	"parley/eventloop/client/login"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// A phase is how far a connection has come.
type phase = login.Phase

const (
	offline   = login.Offline // alarmRetry may be set
	dialling  = login.Dialling
	connected = login.Connected
	loggingIn = login.LoggingIn
	loggedIn  = login.LoggedIn
)

const (
	// The pause before connecting again is chosen at random below a limit that
	// doubles from firstBackoff to lastBackoff, so that a thousand clients do
	// not come back at the same moment.
	firstBackoff = time.Second
	lastBackoff  = time.Minute

	// steady is how long a session must have lasted for the backoff to begin
	// anew: a server that hangs up after each login is not to be hammered.
	steady = 30 * time.Second

	// loginPatience is how long a login may stay unanswered before that is said.
	loginPatience = 10 * time.Second

	// returnPatience is how long the login of one who comes back may stay unanswered before
	// the connection is given up: it may be dead. That is as long as Parley waits for a login.
	returnPatience = 30 * time.Second

	// refusalWindow is how long after a login an error counts as its answer
	// though an info came before: that may have been a greeting. All servers
	// that were measured answer within half a second.
	refusalWindow = 2 * time.Second

	// joinPatience is how long the answer to a login may come behind a message.
	// Some servers have none but the message that tells everybody.
	joinPatience = time.Second
)

// errUnanswered is why a connection is given up on which one does not get in again.
var errUnanswered = errors.New("the server has not answered the login")

func (a *App) connect() {
	a.clear(alarmRetry)
	a.gen++
	a.phase = dialling
	a.dial(a.gen)
}

// dialled handles the result of a dial.
func (a *App) dialled(e conn.Event) {
	refusal := a.refusal(e.Err)
	a.notUsed = refusal
	switch {
	case e.Err == nil:
		a.refusalTold = ""
		a.tellKey(e)
		a.private.ServerReached(e.Local)
		a.arrived(e.Link)
	case !a.reached && !a.cfg.Unshown: // whoever looks at a page sees that it is tried again
		a.end(a.unreachable(e.Err))
	case refusal != "" && a.cfg.Mode != Interactive:
		a.end(failure(NoConnection, "%s", refusal))
	case a.leaving && !a.outlastsRestart():
		a.end(a.cutOff())
	default:
		a.phase, a.whyLost = offline, cause(e.Err)
		first := a.attempts == 0
		wait := a.retryLater()
		switch {
		case refusal != "" && refusal != a.refusalTold:
			a.refusalTold = refusal
			a.tell(timeline.Error, "%s\nIt is tried again and again, and nothing is sent until it is the server of before.", refusal)
		case a.tellsNoConnection(first):
			a.tell(timeline.Error, "No connection to %s: %s. Trying again in %s and until it works.", a.cfg.Target.Label, cause(e.Err), seconds(wait))
		}
	}
}

// unreachable is why a chat that never began is over.
func (a *App) unreachable(err error) *Error {
	t := a.cfg.Target
	where := t.Address
	if t.Network == "unix" {
		where = unixPrefix + t.Address
	}
	hint := "Is a server running there? Start one with: parley serve"
	if refusal := a.refusal(err); refusal != "" {
		return failure(NoConnection, "%s", refusal)
	}
	if t.TLS {
		hint = a.secureHint(err)
	}
	if a.login.Name() == "" && t.Network == "tcp" && protocol.CheckName(t.Label) == nil && t.Label != defaultHost {
		hint += "\nIf " + t.Label + " is your name, type: parley chat " + t.Label + "@localhost"
	}
	return failure(NoConnection, "No connection to %s: %s. %s", where, cause(err), hint)
}

// arrived begins to use a new connection.
func (a *App) arrived(link conn.Link) {
	first := !a.reached
	a.link, a.phase, a.reached = link, connected, true
	a.loginOut, a.joined, a.welcome = false, false, ""
	a.older = older{}
	a.dialect = unknown
	if a.cfg.Plain {
		a.dialect = plain
	}
	a.queue.Connected(a.cfg.Plain)
	if !a.login.Arrived() && first {
		a.tell(timeline.Notice, "Connected to %s. Type a name to log in, or /help.", a.cfg.Target.Label)
	}
}

// naming reports whether a typed line is to be a name. It never is while lines are
// for one person alone, or for a room, but for a chat that begins there without a name.
func (a *App) naming() bool {
	return a.cfg.Mode == Interactive && a.login.Name() == "" && (a.to == toLobby || !a.wasIn && !a.to.isNobody())
}

// retry goes on after a pause.
func (a *App) retry() {
	switch {
	case a.phase == offline:
		a.connect()
	case a.phase == connected && a.login.Name() != "":
		a.login.LogIn()
	}
}

// retryLater sets the next attempt and returns how far off it is.
func (a *App) retryLater() time.Duration {
	limit := lastBackoff
	if a.attempts < 6 { // 2^6 s is beyond the last
		limit = min(firstBackoff<<a.attempts, lastBackoff)
	}
	if a.restarting() {
		limit = min(limit, restartBackoff)
	}
	a.attempts++
	wait := time.Duration(a.share() * float64(limit))
	a.set(alarmRetry, wait)
	return wait
}

// share returns a random part of 1, so that not all come back at one moment.
func (a *App) share() float64 {
	const mantissa = 53 // bits of a float64
	return float64(a.cfg.Rand()>>(64-mantissa)) / (1 << mantissa)
}

// awaitsLogin reports whether r answers the login: the first info or history
// after it says that it succeeded, an error that it failed. An answer with data
// tells its event. A message may be all that comes.
func (a *App) awaitsLogin(r protocol.Response) bool {
	if r.Data != nil && r.Kind == protocol.KindInfo {
		return r.Data.Event == protocol.EventLogin && (a.loginOut || a.phase == loggedIn)
	}
	if a.loginOut && r.Kind == protocol.KindMessage {
		if !a.joined && r.Data == nil {
			a.joined = true
			a.set(alarmLogin, joinPatience)
		}
		return false
	}
	if a.loginOut {
		return true
	}
	return r.Kind == protocol.KindError && a.phase == loggedIn && a.dialect != extended &&
		a.queue.LastVerb() == "login" && a.now().Sub(a.loginAt) <= refusalWindow
}

// loginAnswered handles the answer to a login. It reports whether there is
// nothing left to show of it.
func (a *App) loginAnswered(r protocol.Response) (done bool) {
	a.clear(alarmLogin)
	a.loginOut = false
	if r.Kind == protocol.KindError {
		a.refused(r)
		return true
	}
	a.dialect = plain
	if r.Data != nil && !a.cfg.Plain {
		a.dialect = extended
		a.set(alarmQuiet, keepalive.Every)
		a.keepalive.LoggedIn(time.Duration(r.Data.Seconds)*time.Second, a.now())
		a.seen.LoggedIn(r.Data)
	}
	a.queue.LoggedIn(a.dialect)
	if a.phase == loggingIn {
		a.loginAt = a.now()
		a.welcome = strings.TrimSpace(r.Content)
	}
	a.phase, a.wasIn, a.whyLost = loggedIn, true, ""
	a.account = r.Data != nil && r.Data.State == protocol.StateAccount
	a.login.Answered(r)
	a.loginResumes(r.Data)
	a.loginRooms(r.Data)
	if a.dialect == extended {
		a.private.LoggedIn(a.login.Name(), a.seen.Log())
	}
	a.askNames(lobby)
	a.refreshStatus() // before the words of the server are shown above it
	return false
}

// refused handles a login that failed.
func (a *App) refused(r protocol.Response) {
	a.phase = connected
	a.queue.LoginRefused()
	if a.leaving && a.cfg.Mode == Interactive {
		return
	}
	if !a.notYet(r) {
		a.login.Refused(r)
	}
}

// loginUnanswered handles a server that is silent, or that has sent nothing but
// messages.
func (a *App) loginUnanswered() {
	switch {
	case a.joined && a.loginOut:
		joined := protocol.Response{Kind: protocol.KindInfo}
		a.loginAnswered(joined)
		a.login.Offer(joined)
		a.release()
		return
	case a.returning:
		a.lost(errUnanswered)
		return
	case a.foreign() && a.cfg.Mode != Interactive:
		a.end(failure(NoConnection, "%s", a.foreignWords()))
		return
	case a.foreign():
		a.tell(timeline.Error, "%s", a.foreignWords())
		return
	case a.cfg.Mode != Interactive:
		a.end(failure(Refused, "The server has not answered the login within %s. Is it a chat server?", seconds(loginPatience)))
		return
	}
	a.tell(timeline.Error, "The server has not answered the login yet. Wait; if it is somebody else's server, %s", a.withPlain())
}

// lost handles the end of a connection that was not asked for.
func (a *App) lost(err error) {
	was := a.phase
	a.whyLost = lossWords(err)
	doubt := a.drop()
	if a.logoutQueued {
		a.end(a.leftover())
		return
	}
	switch {
	case a.cfg.Mode != Interactive && a.login.Fetching(): // it is opened again when there is a password
	case a.cfg.Mode != Interactive && was < loggedIn && a.login.Last() == "":
		a.lostEarly(err)
	case a.leaving && !a.outlastsRestart():
		a.admitDoubt(doubt...)
		a.end(a.cutOff())
	case a.login.Parted():
		a.staysOut()
	case a.login.Idles() && was < loggingIn: // the same, or when a block is over
		a.retryAfterBlock()
	case was == loggedIn:
		a.lostSession(err)
		a.admitDoubt(doubt...)
	case a.login.Name() == "":
		a.tell(timeline.Notice, "The server closed the connection because nobody logged in. It is opened again when you type a name.")
	case a.login.Last() != "":
		a.retryLater()
	default:
		a.lostEarly(err)
	}
}

// retryAfterBlock connects again when the server takes passwords again, unless the
// person is asked for one meanwhile.
func (a *App) retryAfterBlock() {
	if pause := a.login.Pause(); pause > 0 && !a.login.Asking() {
		a.set(alarmRetry, pause)
	}
}

// lostEarly handles the end of a connection before there was a session.
func (a *App) lostEarly(err error) {
	words := fmt.Sprintf("%s closed the connection before it answered the login (%s).", a.cfg.Target.Label, lossWords(err))
	plainer := " If it is not a Parley server, " + a.withPlain()
	if a.cfg.Mode != Interactive {
		plainer = " If it is not a Parley server, try --plain."
	}
	if a.foreign() {
		words, plainer = a.foreignWords(), ""
	}
	if a.cfg.Mode != Interactive {
		a.end(failure(NoConnection, "%s%s", words, plainer))
		return
	}
	first := a.attempts == 0
	wait := a.retryLater()
	if first {
		a.tell(timeline.Error, "%s Trying again in %s.%s", words, seconds(wait), plainer)
	}
}

// lostSession says so and connects again.
func (a *App) lostSession(err error) {
	a.returning = true
	a.login.Lost(a.resumption.token == "")
	if a.now().Sub(a.loginAt) >= steady {
		a.attempts = 0
	}
	if a.restarting() {
		a.set(alarmRetry, max(a.restart.back.Sub(a.now()), 0))
		return
	}
	wait := a.retryLater()
	a.tell(timeline.Error, "*** Connection to %s lost (%s). Trying again in %s and until it works; what you type is kept. ***", a.cfg.Target.Label, lossWords(err), seconds(wait))
}

// drop gives up the connection. What waits to be sent is kept; it returns what may
// not have arrived.
func (a *App) drop() (doubt []sending.Text) {
	if a.link != nil {
		a.link.Close()
		a.link = nil
	}
	a.gen++
	a.phase = offline
	a.login.Dropped()
	doubt = a.queue.Lost()
	a.roomsLost()
	a.cutExport("The connection was lost before all that is kept of you was there. What had come was taken away again.")
	a.failLookups()
	a.writtenLost()
	a.forgetWho()
	for _, al := range []alarm{alarmRetry, alarmLogin, alarmQuiet} {
		a.clear(al)
	}
	a.private.ServerLost()
	a.refreshStatus()
	return doubt
}

func lossWords(err error) string {
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return "closed by the server"
	case errors.Is(err, io.ErrUnexpectedEOF): // in the middle of a record of TLS
		return "cut off"
	}
	return cause(err)
}

// seconds is a duration as it is told: whole seconds, at least one.
func seconds(d time.Duration) string {
	return fmt.Sprintf("%d s", max(d.Round(time.Second), time.Second)/time.Second)
}
