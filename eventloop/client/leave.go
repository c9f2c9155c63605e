package client

import (
	"fmt"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
)

const (
	// leavePatience is how long a server gets to answer a logout and close.
	// The moment matters: 24 of 27 public servers keep a ghost of a client that
	// just vanishes, and 21 keep its name taken.
	leavePatience = 500 * time.Millisecond

	// drainPatience is how long the last messages of a pipe may take to be
	// accepted, counted anew with each one that is: a server of ours lets what
	// other sessions of one's own have sent go first, which may take 20 s.
	drainPatience = 25 * time.Second
)

// leave ends the chat when what was typed is sent. Asked twice, it does not
// wait for that.
func (a *App) leave() {
	if a.leaving {
		a.stopNow()
		return
	}
	a.leaving = true
	a.queue.Finish()
	a.set(alarmDrain, drainPatience)
	if a.private.Leave() {
		a.set(alarmBye, byePatience)
	}
}

// stopNow ends the chat without sending what waits: a signal came. The server
// is told nevertheless.
func (a *App) stopNow() {
	if a.logoutQueued {
		return
	}
	a.leaving = true
	doubt, early := a.queue.Halt()
	a.admitDoubt(doubt...)
	if a.phase < loggingIn || early { // there is nothing to log out of
		a.end(a.leftover())
		return
	}
	a.queueLogout()
}

func (a *App) queueLogout() {
	a.private.Part()
	a.acknowledge()
	a.tellRead()
	a.logoutQueued = true
	a.clear(alarmDrain)
	a.queue.Logout()
	a.flush()
}

// advanceLeaving goes on with leaving when nothing is left to wait for.
func (a *App) advanceLeaving() {
	if !a.leaving || a.logoutQueued || a.ended || a.export != nil {
		return
	}
	if a.cfg.Mode == Interactive {
		switch {
		case a.phase < loggedIn:
			a.stopNow()
		case a.queue.Idle() && a.alarms[alarmBye].IsZero():
			a.queueLogout()
		}
		return
	}
	switch {
	case a.phase == offline && a.queue.Waiting() == 0:
		a.end(a.leftover())
	case a.phase < loggedIn:
	case a.queue.Drained():
		a.queueLogout()
	default:
		a.flush()
	}
}

// notAccepted gives up waiting for messages to be accepted, or for a connection
// to come back.
func (a *App) notAccepted() {
	switch {
	case a.logoutQueued || a.cfg.Mode == Interactive:
	case a.phase == dialling && !a.reached, a.phase == loggingIn, a.phase < loggedIn && a.outlastsRestart(): // they have their own patience
		a.set(alarmDrain, drainPatience)
	case a.phase < loggedIn:
		a.end(a.lostTexts())
	default:
		a.unsent += a.queue.Unaccepted()
		a.stopNow()
	}
}

const leftoverWords = "Lines that were not sent, or may not have arrived"

// leftover says what was not sent, to the person at a terminal as a line, to
// whoever reads a pipe's exit status as an error.
func (a *App) leftover() error {
	n := a.queue.Unsent() + a.private.Undelivered()
	if a.cfg.Mode == Interactive {
		if n > 0 {
			a.tell(timeline.Error, "%s: %d", leftoverWords, n)
		}
		return nil
	}
	var words []string
	if n += a.unsent; n > 0 {
		words = append(words, fmt.Sprintf("%s: %d", leftoverWords, n))
	}
	if unmet := a.queue.Unmet(); unmet > 0 {
		words = append(words, fmt.Sprintf("Commands that were refused or not answered: %d", unmet))
	}
	if len(words) == 0 {
		return nil
	}
	return failure(Refused, "%s", strings.Join(words, ". "))
}

// cutOff says what was not sent when the connection went away while leaving.
func (a *App) cutOff() error {
	if a.cfg.Mode == Interactive || a.queue.Waiting() == 0 {
		return a.leftover()
	}
	return a.lostTexts()
}

// lostTexts is why a pipe's chat is over that was cut off.
func (a *App) lostTexts() *Error {
	return failure(NoConnection, "The connection to %s was lost before everything was sent.", a.cfg.Target.Label)
}

// end ends the chat.
func (a *App) end(err error) {
	if a.ended {
		return
	}
	a.private.Part()
	a.login.Forget()
	a.ended = true
	a.err = err
	a.queue.Stop()
	if a.link != nil {
		a.link.Close()
		a.link = nil
	}
}
