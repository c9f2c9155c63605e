package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// leave logs out. Who has other sessions is there with them. A guest who may come back is
// remembered for a while.
func (s *State) leave(at time.Time, c *command.Leave, rows *Rows) Result {
	o, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	if s.presence.Count(o.Name) > 1 {
		r := s.endOne(o, c.By.Session)
		r.Ended = nil // it is the one that asks
		return r
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
		s.blocks.ForgetBlocker(o.Name)
		s.forgetPerson(o.Person, rows)
	default:
		if why == users.TimedOut {
			s.leaveRooms(o.Person, rows) // in peace: the return of the token does not bring it back
		}
		s.rememberGuest(at, o, rows)
	}
	return r
}

// endSession ends another session of who asks.
func (s *State) endSession(c *command.EndSession) Result {
	o, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	for _, l := range s.presence.Sessions(o.Name) {
		if l.ID == c.ID && l.Session != c.By.Session {
			return s.endOne(o, l.Session)
		}
	}
	return refused(ErrSession)
}

// endOne ends one of several sessions of somebody.
func (s *State) endOne(o Online, session command.Session) Result {
	r := Result{Name: o.Name, Beside: true}
	for _, l := range s.presence.Sessions(o.Name) {
		if l.Session == session {
			s.presence.End(o.Name, session)
			s.end(&r, o, l)
		}
	}
	return r
}

// maxGuests is how many guests are remembered who may come back. Beyond it the one who
// left first is forgotten. 15 MB.
const maxGuests = 100_000

func (s *State) rememberGuest(at time.Time, o Online, rows *Rows) {
	s.leaveBlocks(o.Name, o.Person)
	s.guests.add(o.Person, at)
	if len(s.guests.queue) > maxGuests {
		oldest := s.guests.queue[0].person
		s.guests.remove(oldest)
		s.forgetPerson(oldest, rows)
	}
}

// expel logs somebody out for whom nothing is to be kept.
func (s *State) expel(at time.Time, o Online, rows *Rows) Result {
	ended := s.online(o)
	r := s.depart(at, o, users.LoggedOut)
	r.Ended = ended
	s.blocks.ForgetBlocker(o.Name)
	s.forgetPerson(o.Person, rows)
	return r
}

// online returns somebody with each of their sessions.
func (s *State) online(o Online) (all []Online) {
	for _, l := range s.presence.Sessions(o.Name) {
		o.Session, o.Plain, o.Token = l.Session, l.Plain, l.Token
		all = append(all, o)
	}
	return all
}

// depart has somebody leave with all sessions, and what was bound to them.
func (s *State) depart(at time.Time, o Online, why users.Change) Result {
	sessions := s.sessionsOf(o.Name)
	untold := s.Untold(o.Name)
	r := Result{Name: o.Name, Announce: s.presence.Leave(o.Name, why, at), Void: s.invitations.Leave(o.Name)}
	tellNot(r.Announce, o, untold)
	for _, session := range sessions {
		s.blocks.Leave(o.Name, session)
	}
	s.personLeft(o)
	s.nameLeft(o.Name)
	return r
}

// tellNot notes who is not told that somebody has left.
func tellNot(all []users.Announcement, who Online, untold []command.Session) {
	for i := range all {
		if users.Fold(all[i].Name) == users.Fold(who.Name) {
			all[i].Untold = untold
		}
	}
}

// touchLastSeen notes that an account was there at a time.
func (s *State) touchLastSeen(name string, at time.Time, rows *Rows) {
	if account, err := s.accounts.SetLastSeen(name, at); err == nil {
		rows.account(account, false)
	}
}
