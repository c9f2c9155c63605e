// Package keepalive knows whether a server that speaks Parley's extension is still
// there, and whether that server knows that its user is.
//
// It is pure: the time is an argument, and whoever asks does what it says.
package keepalive

import (
	"errors"
	"time"

	"parley/protocol"
)

const (
	// Every is how long a server may be silent, or be told nothing, before it is
	// pinged: a server drops who has pinged it once and is silent for deadAfter.
	// It is also short enough for the routers on the way, which forget idle
	// connections after minutes.
	Every = 30 * time.Second

	// deadAfter is how long a server may be silent before the connection counts as
	// lost: two pings and time for the answer to the second.
	deadAfter = protocol.DeadAfter

	// activeEvery is how often, at most, the server is told that a person does
	// something which it does not see.
	activeEvery = time.Minute
)

// ErrSilent is why a connection is given up on which nothing comes.
var ErrSilent = errors.New("the server has been silent for too long")

// A Watch watches one connection after the other. The zero value is ready.
type Watch struct {
	heard time.Time // something came

	timeout time.Duration // for doing nothing; 0: none, or not known
	warned  bool          // that it is near, since the server was last told
	active  time.Time     // the server was told that the person is there

	ref   string // of the ping that a person has asked for; "" if none is under way
	asked time.Time
}

// An Action is what is to be done about a silent connection.
type Action uint8

// The actions.
const (
	Wait   Action = iota // nothing, until the time that comes with it
	Ping                 // and look again at that time
	GiveUp               // the connection is dead
)

// LoggedIn begins a session, which the server ends when its user does nothing for
// timeout; 0 means never, or that it has not said.
func (w *Watch) LoggedIn(timeout time.Duration, now time.Time) {
	w.timeout, w.warned, w.active = timeout, false, now
}

// Heard notes that something came from the server.
func (w *Watch) Heard(now time.Time) { w.heard = now }

// Look says what to do about a server that was last sent something at sent, and
// after how long to look again.
func (w *Watch) Look(sent, now time.Time) (Action, time.Duration) {
	silent, untold := now.Sub(w.heard), now.Sub(sent)
	if silent >= deadAfter {
		return GiveUp, 0
	}
	action := Wait
	if max(silent, untold) >= Every {
		action, silent, untold = Ping, 0, 0
	}
	return action, min(Every-max(silent, untold), w.heard.Add(deadAfter).Sub(now))
}

// WarnedIdle notes that the server will log out, in ahead or, if that is 0, soon,
// who does nothing.
func (w *Watch) WarnedIdle(ahead time.Duration) {
	w.warned = true
	if ahead > 0 && w.timeout == 0 {
		w.timeout = ahead // at least
	}
}

// Warned reports whether keys that are pressed now put off a logout.
func (w *Watch) Warned() bool { return w.warned }

// ActiveDue reports whether it is time to tell the server that the person is there:
// who talks in private sessions only is not to be logged out for doing nothing. It
// is told often enough for its timeout, should one telling come late.
func (w *Watch) ActiveDue(now time.Time) bool {
	every := activeEvery
	if w.timeout > 0 {
		every = min(activeEvery, w.timeout/3)
	}
	return w.warned || now.Sub(w.active) >= every
}

// ActiveSent notes that the server was told so.
func (w *Watch) ActiveSent(now time.Time) { w.warned, w.active = false, now }

// Asked notes the ping with that ref, for which a person waits.
func (w *Watch) Asked(ref string, now time.Time) { w.ref, w.asked = ref, now }

// Awaited reports whether a person waits for the answer with that ref.
func (w *Watch) Awaited(ref string) bool { return ref != "" && ref == w.ref }

// Answered handles the answer to a ping: if a person waits for it, ok, how long it
// took.
func (w *Watch) Answered(ref string, now time.Time) (took time.Duration, ok bool) {
	if !w.Awaited(ref) {
		return 0, false
	}
	w.ref = ""
	return now.Sub(w.asked), true
}
