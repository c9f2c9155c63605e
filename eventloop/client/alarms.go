package client

import "time"

// An alarm is something that happens when its time has come.
type alarm uint8

const (
	alarmRetry     alarm = iota // connect or log in again
	alarmLogin                  // the login should have been answered
	alarmQuiet                  // nothing has come for a while
	alarmLeave                  // waited enough for the server to close
	alarmDrain                  // waited enough for messages to be accepted
	alarmPrivate                // private sessions have something to do
	alarmBye                    // waited enough for the last words to peers
	alarmPassword               // the question for a password has something to do
	alarmHint                   // no history has followed the login
	alarmSeen                   // direct messages are to be acknowledged
	alarmRead                   // the server is to be told what was read
	alarmReactions              // reactions that have gathered are to be shown
	alarmCount
)

func (a *App) set(al alarm, d time.Duration) { a.alarms[al] = a.now().Add(d) }

func (a *App) clear(al alarm) { a.alarms[al] = time.Time{} }

// due returns when the next alarm rings; zero: never.
func (a *App) due() time.Time {
	next := a.queue.Due()
	for _, t := range a.alarms {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

func (a *App) nextAlarm() <-chan time.Time {
	due := a.due()
	if due.IsZero() {
		return nil
	}
	return a.cfg.Clock.After(max(due.Sub(a.now()), 0))
}

// ring handles the alarms whose time has come.
func (a *App) ring() {
	if !a.ended {
		a.queue.Tick()
	}
	handlers := [alarmCount]func(){
		alarmRetry: a.retry,
		alarmLogin: a.loginUnanswered,
		alarmQuiet: a.quiet,
		alarmLeave: func() { a.end(a.leftover()) },
		alarmDrain: a.notAccepted,

		alarmPrivate:  func() {}, // settle goes on
		alarmBye:      func() {},
		alarmPassword: func() {}, // the same
		alarmHint:     a.login.Hint,
		alarmSeen:     a.acknowledge,
		alarmRead:     a.tellRead,

		alarmReactions: a.showReactions,
	}
	for al, handle := range handlers {
		if t := a.alarms[al]; !t.IsZero() && !t.After(a.now()) && !a.ended {
			a.clear(alarm(al))
			handle()
		}
	}
}
