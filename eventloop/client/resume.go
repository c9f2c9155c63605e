package client

import (
	"strconv"
	"strings"
	"time"

	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// seenPause is how long direct messages that were shown wait to be acknowledged, all
// at once: those that have waited for one come together.
const seenPause = 100 * time.Millisecond

// A resumption is how a session goes on after its connection was lost, with a server
// that tells what was missed.
type resumption struct {
	token string // of the last session; "": the server has given none
	name  string // whose session it was
	going bool   // what was missed is coming
	count int    // of what others have said that came so far
	rung  bool   // the bell has, for that
	quiet bool   // if it was nothing, that is not said
	why   string // not all that was missed can be told; "": nothing is to be said of it
}

// resumeFor returns what a login under a name says to go on with the last session. A
// server that has given no token is not told anything: it may be anybody's.
func (a *App) resumeFor(name string) (r sending.Resume) {
	if a.resumption.token == "" || !strings.EqualFold(name, a.resumption.name) {
		return r
	}
	r.Token = a.resumption.token
	if after, known := a.seen.After(); known && protocol.IsTag(a.seen.Log()) {
		r.Log, r.After, r.HasAfter = a.seen.Log(), after, true
	}
	return r
}

// loginResumes notes what the answer to a login says of the session and of what was
// missed; d is nil from a plain server.
func (a *App) loginResumes(d *protocol.Data) {
	before := a.resumption
	a.resumption = resumption{name: a.login.Name(), quiet: a.restarting()}
	if a.dialect != extended {
		return
	}
	if protocol.IsTag(d.Token) { // another would be refused
		a.resumption.token = d.Token
	}
	switch d.Resume {
	case "":
	case protocol.ResumeFollows: // perhaps it was begun before, on a connection that was lost, too
		a.resumption.going, a.resumption.count, a.resumption.rung = true, before.count, before.rung
	case protocol.ResumeTooFar:
		a.resumption.why = "it is too much, or too long ago"
	default:
		a.resumption.why = "the server counts its messages anew"
	}
	a.acknowledgeSoon() // what could not be before
}

// tellNotResumed says that the history which follows is not all that was missed.
func (a *App) tellNotResumed() {
	if why := a.resumption.why; why != "" {
		a.resumption.why = ""
		a.tell(timeline.Notice, "Not all that was missed can be told: %s. The newest of it follows.", why)
	}
}

// missed marks an entry of what somebody has said, and counts it, if it comes because
// it was missed.
func (a *App) missed(e timeline.Entry) timeline.Entry {
	e.Missed = a.resumption.going
	if e.Missed && !e.Own {
		a.markMissed()
		a.resumption.count++
	}
	return e
}

// markMissed marks where what came while one was not logged in begins.
func (a *App) markMissed() {
	if !a.marked {
		a.marked = true
		a.timeline.Mark()
	}
}

// resumed handles that all that was missed has come, up to a number.
func (a *App) resumed(upTo uint64) {
	a.seen.Resumed(upTo)
	r := &a.resumption
	if !r.going {
		return
	}
	switch {
	case r.count == 0 && r.quiet:
	case r.count == 0:
		a.tell(timeline.Notice, "Nothing was missed.")
	case r.count == 1:
		a.tell(timeline.Notice, "1 message was missed; it stands above.")
	default:
		a.tell(timeline.Notice, "%d messages were missed; they stand above.", r.count)
	}
	r.going, r.count, r.rung = false, 0, false
}

// acknowledgeSoon has acknowledge called, if there is something to acknowledge.
func (a *App) acknowledgeSoon() {
	if a.alarms[alarmSeen].IsZero() && a.resumption.token != "" && a.seen.Unseen() {
		a.set(alarmSeen, seenPause)
	}
}

// acknowledge tells the server which direct messages were shown, so that it does not
// tell them again.
func (a *App) acknowledge() {
	if a.resumption.token == "" || a.phase != loggedIn || a.logoutQueued {
		return
	}
	if upTo := a.seen.TakeUnseen(); upTo > 0 {
		a.enqueue(sending.Request{Verb: "seen", Content: strconv.FormatUint(upTo, 10)})
	}
}

// known is what a program is told beside a response: the log of its numbers and the room,
// where it does not name them.
func (a *App) known(r protocol.Response) (k view.Known) {
	d := r.Data
	if d == nil {
		return k
	}
	if d.Log == "" && (d.ID != 0 || d.Event == protocol.EventHistory) {
		k.Log = a.seen.Log()
	}
	switch d.Event {
	case protocol.EventMessage, protocol.EventHistory, protocol.EventAccepted, protocol.EventPresence:
		if d.Room == "" {
			k.Room = protocol.Lobby
		}
	case protocol.EventEdited, protocol.EventRemoved, protocol.EventReacted, protocol.EventUnreacted, protocol.EventChanged:
		if d.Room == "" && d.To == "" {
			k.Room = protocol.Lobby
		}
	}
	return k
}
