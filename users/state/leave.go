package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// leave logs out. A guest who may come back is remembered for a while.
func (s *State) leave(at time.Time, c *command.Leave, rows *Rows) Result {
	o, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	why := c.Why
	switch why {
	case users.LoggedOut, users.TimedOut, users.LostConnection:
	default:
		why = users.LostConnection
	}
	r := s.depart(at, o, why)
	switch {
	case o.Account:
		s.touchLastSeen(o.Name, at, rows)
	case why == users.LoggedOut:
		s.forgetPerson(o.Person, rows)
	default:
		s.rememberGuest(at, o.Person, rows)
	}
	return r
}

// maxGuests is how many guests are remembered who may come back. Beyond it the one who
// left first is forgotten. 15 MB.
const maxGuests = 100_000

func (s *State) rememberGuest(at time.Time, person string, rows *Rows) {
	s.guests.add(person, at)
	if len(s.guests.queue) > maxGuests {
		oldest := s.guests.queue[0].person
		s.guests.remove(oldest)
		s.forgetPerson(oldest, rows)
	}
}

// expel logs somebody out for whom nothing is to be kept.
func (s *State) expel(at time.Time, o Online, rows *Rows) Result {
	r := s.depart(at, o, users.LoggedOut)
	r.Ended = []Online{o}
	s.forgetPerson(o.Person, rows)
	return r
}

// depart takes a name from a session, with what was bound to that one.
func (s *State) depart(at time.Time, o Online, why users.Change) Result {
	r := Result{Name: o.Name, Untold: s.Untold(o.Name), Announce: s.presence.Leave(o.Name, why, at), Void: s.invitations.Leave(o.Name)}
	s.blocks.Leave(o.Name, o.Session.Number)
	if !o.Account {
		s.blocks.ForgetBlocker(o.Name)
	}
	return r
}

// touchLastSeen notes that an account was there at a time.
func (s *State) touchLastSeen(name string, at time.Time, rows *Rows) {
	if account, err := s.accounts.SetLastSeen(name, at); err == nil {
		rows.account(account, false)
	}
}
