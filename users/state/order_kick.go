package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// kick ends all sessions of a person, or has them be in a room no more.
func (s *State) kick(at time.Time, c *command.Kick, rows *Rows) Result {
	a, in, err := s.permitted(c.By, ActKick, c.Room)
	to := s.subject(c.Name)
	switch p := s.participants[to.Person]; {
	case err != nil:
	case len(c.Why) > MaxWhy:
		err = ErrTooLong
	case !s.known(c.Name):
		err = users.ErrUnknownUser
	case in.room != nil && p.index(in.room) < 0:
		err = ErrNotIn
	case in.room == nil && !to.there:
		err = ErrOffline
	default:
		err = s.mayTouch(a, to, in)
	}
	if err != nil {
		return Result{Err: err, Name: to.Name}
	}
	r := Result{Name: to.Name}
	if in.room == nil {
		s.endSessions(&r, at, to, rows)
	} else {
		r.Room = in.room.snapshot()
		s.takeOut(&r, to.Person, in.room, rows)
	}
	r.Act = s.note(a, Act{Act: ActKick, Name: to.Name, Target: to.Person, Room: in.name, Why: c.Why}, rows)
	return r
}

// endSessions ends all sessions of a name, and of who had it under the name that they have now.
// Of an account all stays that is kept; a guest does not come back.
func (s *State) endSessions(r *Result, at time.Time, who subject, rows *Rows) {
	names := []string{who.Name}
	if name, there := s.Guest(who.Person); there {
		names = append(names, name)
	}
	for _, name := range names {
		if o, there := s.presence.Find(name); there {
			s.endAll(r, at, o, rows)
		}
	}
}

// endAll ends all sessions of one name.
func (s *State) endAll(r *Result, at time.Time, o Online, rows *Rows) {
	var gone Result
	if o.Account {
		ended := s.online(o)
		gone = s.depart(at, o, users.LoggedOut)
		gone.Ended = ended
		s.touchLastSeen(o.Name, at, rows)
	} else {
		gone = s.expel(at, o, rows)
	}
	r.Ended = append(r.Ended, gone.Ended...)
	r.Announce = append(r.Announce, gone.Announce...)
	r.Void = append(r.Void, gone.Void...)
}

// takeOut has a person be in a room no more, if they are in it.
func (s *State) takeOut(r *Result, person string, of *room, rows *Rows) {
	p := s.participants[person]
	i := p.index(of)
	if i < 0 {
		return
	}
	gone := s.exitRoom(p, i, rows)
	s.participants.tidy(p)
	r.Out = append(r.Out, Exit{Room: of.snapshot(), Name: p.name, Gone: gone})
}
