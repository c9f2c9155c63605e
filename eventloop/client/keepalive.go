package client

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/protocol"
)

const (
	// pingEvery is how long an extended server may be silent, or be told nothing,
	// before it is pinged: a server drops who has pinged it once and is silent for
	// deadAfter. It is also short enough for the routers on the way, which forget
	// idle connections after minutes.
	pingEvery = 30 * time.Second

	// deadAfter is how long an extended server may be silent before the connection
	// counts as lost: two pings and time for the answer to the second.
	deadAfter = protocol.DeadAfter
)

// errSilent is why a connection is given up on which nothing comes.
var errSilent = errors.New("the server has been silent for too long")

// ping is the one that a person has asked for.
type ping struct {
	ref string // "" if none is under way
	at  time.Time
}

const pingVerb = "ping"

// heard notes that the server is alive.
func (a *App) heard() {
	a.heardAt = a.now()
	if a.manner == extended && a.phase == loggedIn && a.alarms[alarmQuiet].IsZero() {
		a.set(alarmQuiet, pingEvery)
	}
}

// quiet pings a server that is silent or that has been told nothing, and gives
// up one that has been silent for too long.
func (a *App) quiet() {
	silent, told := a.now().Sub(a.heardAt), a.now().Sub(a.lastSent)
	if silent >= deadAfter {
		a.lost(errSilent)
		return
	}
	if max(silent, told) >= pingEvery && !a.saidLogout {
		a.refs++
		a.enqueue(request{verb: pingVerb, ref: fmt.Sprintf("%s-%d", pingVerb, a.refs)})
		silent, told = 0, 0
	}
	a.set(alarmQuiet, min(pingEvery-max(silent, told), a.heardAt.Add(deadAfter).Sub(a.now())))
}

// activeEvery is how often, at most, the server is told that a person does something
// which it does not see.
const activeEvery = time.Minute

// idle is what is known of being logged out for doing nothing.
type idle struct {
	timeout time.Duration // of the server; 0: none, or not known
	warned  bool          // that it is near, since the server was last told
	toldAt  time.Time     // that the person is there
}

// every is how often the server is told that the person is there: often enough for
// its timeout, should one telling come late.
func (i *idle) every() time.Duration {
	if i.timeout > 0 {
		return min(activeEvery, i.timeout/3)
	}
	return activeEvery
}

// active tells the server that the person is there: who talks in private sessions
// only is not to be logged out for doing nothing.
func (a *App) active() {
	if a.idle.toldAt.Before(a.loginAt) {
		a.idle.toldAt = a.loginAt
	}
	due := a.idle.warned || a.now().Sub(a.idle.toldAt) >= a.idle.every()
	if due && a.manner == extended && a.phase == loggedIn && !a.saidLogout {
		a.idle.warned, a.idle.toldAt = false, a.now()
		a.refs++
		a.enqueue(request{verb: pingVerb, content: protocol.StateActive, ref: fmt.Sprintf("%s-%d", pingVerb, a.refs)})
	}
}

// warnedIdle notes that one will be logged out for doing nothing in that many
// seconds. Keys that are pressed now say otherwise.
func (a *App) warnedIdle(seconds int) {
	a.idle.warned = true
	if ahead := time.Duration(seconds) * time.Second; ahead > 0 && a.idle.timeout == 0 {
		a.idle.timeout = ahead // at least
	}
}

func (a *App) cmdPing(string) {
	if a.ask(pingVerb, "") {
		a.ping = ping{ref: fmt.Sprintf("%s-%d", pingVerb, a.refs), at: a.now()}
	}
}

// ponged handles the answer to a ping.
func (a *App) ponged(ref string) {
	if ref != "" && ref == a.ping.ref {
		a.ping.ref = ""
		a.tell(ToneNotice, "%s has answered within %.1f ms.", a.cfg.Target.Label, float64(a.now().Sub(a.ping.at))/float64(time.Millisecond))
	}
}

// isPing reports whether r answers a ping that nobody has asked for: a server
// that does not know it is alive, too.
func (a *App) isPing(r protocol.Response) bool {
	return strings.HasPrefix(r.Ref, pingVerb+"-") && r.Ref != a.ping.ref
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
