package bot

import "time"

// An alarm is something that is done at a time.
type alarm uint8

const (
	alarmRetry alarm = iota // connecting or logging in again
	alarmLogin              // the login is not answered
	alarmQuiet              // the server may be gone
	alarmSeen               // direct messages are to be acknowledged
	alarmJoin               // rooms are to be joined that could not be so soon
	alarmLeave              // the server does not close the connection
	alarmCount
)

func (s *session) set(a alarm, d time.Duration) { s.alarms[a] = time.Now().Add(d) }
func (s *session) clear(a alarm)                { s.alarms[a] = time.Time{} }

// due returns when something has to be done by itself; zero: never.
func (s *session) due() (due time.Time) {
	for _, t := range append(s.alarms[:], s.queue.Due()) {
		if !t.IsZero() && (due.IsZero() || t.Before(due)) {
			due = t
		}
	}
	return due
}

// ring does what is due.
func (s *session) ring() {
	if s.over {
		return
	}
	s.queue.Tick()
	handlers := [alarmCount]func(){
		alarmRetry: s.retry, alarmLogin: s.loginUnanswered, alarmQuiet: s.quiet, alarmSeen: s.acknowledge, alarmJoin: s.joinRooms,
		alarmLeave: func() { s.end(nil) },
	}
	for a, handle := range handlers {
		if t := s.alarms[a]; !t.IsZero() && !t.After(time.Now()) && !s.over {
			s.clear(alarm(a))
			handle()
		}
	}
}
