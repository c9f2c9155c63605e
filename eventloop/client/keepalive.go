package client

import (
	"strings"
	"time"

	"parley/eventloop/client/keepalive"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const pingVerb = "ping"

// heard notes that the server is alive.
func (a *App) heard() {
	a.keepalive.Heard(a.now())
	if a.dialect == extended && a.phase == loggedIn && a.alarms[alarmQuiet].IsZero() {
		a.set(alarmQuiet, keepalive.Every)
	}
}

// quiet pings a server that is silent or that has been told nothing, and gives
// up one that has been silent for too long.
func (a *App) quiet() {
	action, again := a.keepalive.Look(a.queue.LastSent(), a.now())
	switch {
	case action == keepalive.GiveUp:
		a.lost(keepalive.ErrSilent)
		return
	case action == keepalive.Ping && !a.logoutQueued:
		a.ping("")
	}
	a.set(alarmQuiet, again)
}

// ping sends a ping that nobody has asked for.
func (a *App) ping(state string) {
	a.enqueue(sending.Request{Verb: pingVerb, Content: state, Ref: a.queue.Ref(pingVerb)})
}

// active tells the server, when it is time, that the person is there.
func (a *App) active() {
	if a.dialect == extended && a.phase == loggedIn && !a.logoutQueued && a.keepalive.ActiveDue(a.now()) {
		a.keepalive.ActiveSent(a.now())
		a.ping(protocol.StateActive)
	}
}

func (a *App) cmdPing(string) {
	if a.ask(pingVerb, "") {
		a.keepalive.Asked(a.queue.LastRef(pingVerb), a.now())
	}
}

// ponged handles the answer to a ping.
func (a *App) ponged(ref string) {
	if took, ok := a.keepalive.Answered(ref, a.now()); ok {
		a.tell(timeline.Notice, "%s has answered within %.1f ms.", a.cfg.Target.Label, float64(took)/float64(time.Millisecond))
	}
}

// isPing reports whether r answers a ping that nobody has asked for: a server
// that does not know it is alive, too.
func (a *App) isPing(r protocol.Response) bool {
	return strings.HasPrefix(r.Ref, pingVerb+"-") && !a.keepalive.Awaited(r.Ref)
}
