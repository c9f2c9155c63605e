package state

import (
	"slices"

	"parley/users"
	"parley/users/command"
)

// setRole gives a person a role, in a room or of the whole server.
func (s *State) setRole(c *command.SetRole, rows *Rows) Result {
	a, in, err := s.keeper(c.By, c.Room)
	if err != nil {
		return refused(err)
	}
	to := s.subject(c.Name)
	switch {
	case !users.ValidRole(c.Role):
		err = ErrRole
	case !s.known(c.Name):
		err = users.ErrUnknownUser
	default:
		err = s.mayGive(a, to, c.Role, in)
	}
	if err == nil && in.room != nil {
		err = s.checkRoomRole(to, c.Role, in.room)
	} else if err == nil {
		err = s.checkServerRole(a, to, c.Role)
	}
	if err != nil {
		return Result{Err: err, Name: to.Name}
	}
	r := Result{Name: to.Name}
	if in.room != nil {
		s.setRoomRole(to, c.Role, in.room, rows)
		r.Room = in.room.snapshot()
	} else {
		account, _ := s.accounts.SetRole(to.Name, c.Role)
		rows.account(account, false)
	}
	r.Act = s.note(a, Act{Act: ActRole, Name: to.Name, Target: to.Person, Room: in.name, Set: c.Role.String()}, rows)
	return r
}

// mayGive returns nil if somebody may give another one a role in a place: anybody may take
// a lower one.
func (s *State) mayGive(a actor, to subject, role users.Role, in place) error {
	if a.rank != Operator && to.Person == a.Person {
		if has := s.Role(a.Person, in.name); role == users.NoRole || has == users.Owner && role == users.Moderator || has == role {
			return nil
		}
		return ErrForbidden
	}
	if !allows(a.rank, ActRole, in.name) {
		return ErrForbidden
	}
	return s.mayTouch(a, to, in)
}

func (s *State) checkServerRole(a actor, to subject, role users.Role) error {
	account, registered := s.Account(to.Person)
	switch {
	case !registered:
		return ErrGuest
	case account.Role == role:
		return ErrNotSo
	case a.rank != Operator && s.lastOwner(to.Person):
		return ErrLastOwner
	}
	return nil
}

// lastOwner reports whether a person owns the server, and nobody else does.
func (s *State) lastOwner(person string) bool {
	account, _ := s.Account(person)
	return account.Role == users.Owner && s.accounts.Owners() == 1
}

func (s *State) checkRoomRole(to subject, role users.Role, r *room) error {
	p := s.participants[to.Person]
	switch {
	case s.Role(to.Person, r.Name) == role:
		return ErrNotSo
	case r.Owner == to.Person:
		return ErrLastOwner
	case p.index(r) < 0:
		return ErrNotIn
	case role == users.Owner && len(p.made) >= MaxMade:
		return ErrOwnsAll
	}
	return nil
}

// setRoomRole gives a role to somebody who is in a room and does not own it. Who owned it
// until then is a moderator, if they are in it.
func (s *State) setRoomRole(to subject, role users.Role, r *room, rows *Rows) {
	s.setModerator(to.Person, role == users.Moderator, r, rows)
	if role != users.Owner {
		return
	}
	if owner := s.participants[r.Owner]; owner != nil {
		s.setModerator(r.Owner, true, r, rows)
		owner.made = slices.DeleteFunc(owner.made, func(other *room) bool { return other == r })
		s.participants.tidy(owner)
	}
	now := s.participants[to.Person]
	now.made = append(now.made, r)
	r.Owner, r.By = to.Person, to.Name
	rows.room(r.Room, false, 0)
}

// setModerator makes somebody who is in a room a moderator of it, or takes that away.
func (s *State) setModerator(person string, is bool, r *room, rows *Rows) {
	p := s.participants[person]
	if i := p.index(r); i >= 0 && p.joined[i].moderator != is {
		p.joined[i].moderator = is
		rows.member(p.joined[i].row(person), false)
	}
}
