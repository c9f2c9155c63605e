package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// enter logs in. It decides in this order: lockout, registration, password, the older
// session of that name.
func (s *State) enter(at time.Time, c *command.Enter, rows *Rows) Result {
	if c.Verified != "" {
		if wait, locked := s.guard.Check(c.Name, c.Addr, at); locked {
			return Result{Err: ErrLocked, Wait: wait}
		}
	}
	account, registered := s.Account(c.Name)
	older, there := s.presence.Find(c.Name)
	mine := there && c.Back != "" && c.Back == older.Token
	switch {
	case !registered && !users.ValidName(c.Name):
		return refused(ErrName)
	case c.Hash != "" && registered:
		return refused(users.ErrRegistered)
	case c.Hash != "" && there && !mine:
		return refused(users.ErrNameTaken)
	case c.Hash != "" && s.accounts.Len() >= s.limits.Accounts:
		return refused(users.ErrTooManyAccounts)
	case registered && c.Verified == "":
		return refused(users.ErrRegistered)
	case registered && c.Verified != account.Hash:
		return refused(ErrStale)
	case !registered && c.Verified != "":
		return refused(users.ErrUnknownUser)
	case there && !mine && !registered:
		return refused(users.ErrNameTaken)
	case there && !mine && !c.Takeover:
		return refused(ErrElsewhere)
	}
	if registered {
		return s.enterAccount(at, c, account, rows)
	}
	return s.enterGuest(at, c, rows)
}

func (s *State) enterAccount(at time.Time, c *command.Enter, account users.Account, rows *Rows) Result {
	if gone, ok := s.guard.Unblock(account.Name); ok {
		rows.loginBlocks([]users.LoginBlock{gone})
	}
	s.touchLastSeen(account.Name, at, rows)
	return s.arrive(at, c, Online{Name: account.Name, Person: users.Fold(account.Name), Account: true})
}

// enterGuest logs in a guest, who is the one who had the token that is shown, and makes
// an account of it if that is asked for.
func (s *State) enterGuest(at time.Time, c *command.Enter, rows *Rows) Result {
	id := c.Token
	if c.Back != "" {
		id = c.Back
	}
	person := command.GuestPrefix + id
	if older, there := s.presence.Find(c.Name); there {
		person = older.Person
	}
	s.guests.remove(person)
	if c.Hash == "" {
		return s.arrive(at, c, Online{Name: c.Name, Person: person})
	}
	s.createAccount(at, c.Name, c.Hash, at, rows)
	account := Online{Name: c.Name, Person: users.Fold(c.Name), Account: true}
	if c.Back != "" {
		s.renamePerson(person, account.Person, rows)
	}
	return s.arrive(at, c, account)
}

// arrive gives a name to a session. The older one, if there is one, ends, of which nobody
// is told.
func (s *State) arrive(at time.Time, c *command.Enter, o Online) Result {
	o.Session, o.Plain, o.Token = c.Session, c.Plain, c.Token
	if !o.Account && len(o.Person) == len(command.GuestPrefix)+len(o.Token) && o.Person[len(command.GuestPrefix):] == o.Token {
		o.Token = o.Person[len(command.GuestPrefix):] // the same memory
	}
	r := Result{Name: o.Name}
	if older, there := s.presence.Find(o.Name); there {
		r.Ended = []Online{older}
		r.Void = s.invitations.Leave(older.Name)
		s.blocks.Leave(older.Name, older.Session.Number)
		s.presence.Replace(o, c.Addr)
	} else {
		r.Announce = s.presence.Arrive(o, c.Addr, at)
	}
	s.blocks.Arrive(o.Name, o.Session.Number)
	return r
}
