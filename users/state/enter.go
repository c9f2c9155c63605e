package state

import (
	"cmp"
	"slices"
	"time"

	"parley/users"
	"parley/users/command"
)

// enter logs in. It decides in this order: lockout, bans of the address, registration,
// password, bans of the name and the person, lockdown, the older sessions of that name.
func (s *State) enter(at time.Time, c *command.Enter, rows *Rows) Result {
	if c.Verified != "" {
		if wait, locked := s.lockouts.Check(c.Name, c.Addr, at); locked {
			return Result{Err: ErrLocked, Wait: wait}
		}
	}
	if v := s.sanctions.findKey(c.Addr, at); v != nil {
		return bannedBy(v)
	}
	account, registered := s.Account(c.Name)
	older := s.presence.Sessions(c.Name)
	there, mine := len(older) > 0, held(older, c.Back)
	like := ""
	if !registered && mine < 0 { // who had the name before keeps it
		like, _ = s.Lookalike(c.Name)
	}
	switch {
	case !registered && !users.ValidName(c.Name):
		return refused(ErrName)
	case c.Hash != "" && registered:
		return refused(users.ErrRegistered)
	case c.Hash != "" && there && mine < 0:
		return refused(users.ErrNameTaken)
	case c.Hash != "" && s.accounts.Len() >= s.limits.Accounts:
		return refused(users.ErrTooManyAccounts)
	case registered && c.Verified == "":
		return refused(users.ErrRegistered)
	case registered && c.Verified != account.Hash:
		return refused(ErrStale)
	case !registered && c.Verified != "":
		return refused(users.ErrUnknownUser)
	case !registered && there && mine < 0:
		return refused(users.ErrNameTaken)
	case like != "" && s.limits.Lookalikes == users.RefuseLookalikes:
		return Result{Err: ErrLookalike, Name: like}
	case !registered && (s.Elsewhere(c.Token, c.Name) || s.Elsewhere(c.Back, c.Name)): // a guest has one name at a time
		return refused(ErrElsewhere)
	}
	person := s.personOf(c, registered)
	if v := s.sanctions.find(users.Ban, "", c.Name, person, at); v != nil {
		return bannedBy(v)
	}
	if s.settings.Lockdown && (c.Hash != "" || !registered && mine < 0 && !s.guests.has(person)) {
		return refused(ErrLockdown)
	}
	over, ok := s.makeWay(c, older, mine)
	if !ok {
		return refused(ErrElsewhere)
	}
	return s.letIn(at, c, person, over, rows)
}

// letIn lets in who may enter, and counts the reports that they have not heard of.
func (s *State) letIn(at time.Time, c *command.Enter, person string, over []users.Login, rows *Rows) (r Result) {
	left := s.guests.left[person]
	if account, registered := s.Account(c.Name); registered {
		left = account.LastSeen
		r = s.enterAccount(at, c, account, over, rows)
	} else {
		r = s.enterGuest(at, c, person, over, rows)
	}
	if !r.Beside { // else a session that stays was told
		r.Reports = s.ReportsSince(person, left)
	}
	return r
}

// personOf returns who it is who logs in: a guest is the one who had the token that is shown.
func (s *State) personOf(c *command.Enter, registered bool) string {
	if registered {
		return users.Fold(c.Name)
	}
	if older, there := s.presence.Find(c.Name); there {
		return older.Person
	}
	return command.GuestPrefix + cmp.Or(c.Back, c.Token)
}

// held returns which session was given the token of that id, -1 if none was.
func held(sessions []users.Login, token string) int {
	if token == "" {
		return -1
	}
	return slices.IndexFunc(sessions, func(l users.Login) bool { return l.Token == token })
}

// makeWay returns which sessions of a name end for a new one that has the right to it:
// mine is the one that it comes back to, -1 if to none. It is not ok if the new one must
// not come. A plain session is alone, whose user would not know what the others do.
func (s *State) makeWay(c *command.Enter, older []users.Login, mine int) (over []users.Login, ok bool) {
	limit := max(s.limits.Sessions, 1)
	alone := len(older) > 0 && (c.Plain || older[0].Plain)
	switch {
	case mine >= 0 && (!alone || len(older) == 1):
		return older[mine : mine+1], true
	case !alone && len(older) < limit:
		return nil, true
	case !c.Takeover:
		return nil, false
	case alone:
		return older, true
	}
	return older[:len(older)-limit+1], true
}

func (s *State) enterAccount(at time.Time, c *command.Enter, account users.Account, over []users.Login, rows *Rows) Result {
	_, _, changed := s.lockouts.Succeeded(account.Name, c.Addr, at) // was checked at the beginning
	rows.lockouts(changed)
	s.touchLastSeen(account.Name, at, rows)
	s.noteKnown(at, account.Name, c.Addr, rows)
	return s.arrive(at, c, Online{Name: account.Name, Person: users.Fold(account.Name), Account: true}, over)
}

// enterGuest logs in a guest, and makes an account of it if that is asked for.
func (s *State) enterGuest(at time.Time, c *command.Enter, person string, over []users.Login, rows *Rows) Result {
	s.guests.remove(person)
	s.takeBlocks(c.Name, person)
	out := s.keepOutAll(at, c.Name, person, rows)
	if c.Hash == "" {
		r := s.arrive(at, c, Online{Name: c.Name, Person: person}, over)
		r.Out = out
		return r
	}
	made := users.Account{Name: c.Name, Hash: c.Hash, Registered: at, LastSeen: at}
	if c.Back != "" {
		made.Guest = person
	}
	s.createAccount(made, rows)
	s.noteKnown(at, c.Name, c.Addr, rows)
	account := Online{Name: c.Name, Person: users.Fold(c.Name), Account: true}
	var renamed *Renamed
	if c.Back != "" {
		renamed = s.renamePerson(person, account.Person, rows)
	}
	r := s.arrive(at, c, account, over)
	r.Out, r.Renamed = out, renamed
	return r
}

// keepOutAll takes a person out of the rooms in which the name is banned under which they
// come, which may be another one than before.
func (s *State) keepOutAll(at time.Time, name, person string, rows *Rows) []Exit {
	var r Result
	for _, in := range s.Joined(person) {
		if s.sanctions.find(users.Ban, in.Room.Name, name, "", at) != nil {
			s.keepOut(&r, person, s.rooms.find(in.Room.Name), rows)
		}
	}
	return r.Out
}

// arrive gives a name to a session, for which older ones end, of which nobody is told.
func (s *State) arrive(at time.Time, c *command.Enter, o Online, over []users.Login) Result {
	o.Session, o.Plain, o.Token = c.Session, c.Plain, c.Token
	if !o.Account && len(o.Person) == len(command.GuestPrefix)+len(o.Token) && o.Person[len(command.GuestPrefix):] == o.Token {
		o.Token = o.Person[len(command.GuestPrefix):] // the same memory
	}
	s.personArrived(o)
	s.lookalikes.Put(o.Name)
	r := Result{Name: o.Name}
	older, there := s.presence.Find(o.Name)
	if !there {
		r.Announce = s.presence.Arrive(o, c.Addr, at)
		s.blocks.Arrive(o.Name, o.Session)
		return r
	}
	r.Beside = len(over) < s.presence.Count(o.Name)
	for _, l := range over {
		s.end(&r, older, l)
	}
	switch {
	case len(over) == 1 && held(over, c.Back) == 0:
		s.presence.Replace(over[0].Session, o, c.Addr)
	case !r.Beside:
		s.presence.Renew(o, c.Addr, at)
	default:
		for _, l := range over {
			s.presence.End(o.Name, l.Session)
		}
		s.presence.Beside(o, c.Addr, at)
	}
	if !r.Beside {
		r.Void = append(r.Void, s.invitations.Leave(o.Name)...) // no session knows of them
	}
	s.blocks.Arrive(o.Name, o.Session)
	return r
}

// end ends what was bound to one of the sessions of somebody.
func (s *State) end(r *Result, who Online, l users.Login) {
	who.Session, who.Plain, who.Token = l.Session, l.Plain, l.Token
	r.Ended = append(r.Ended, who)
	r.Void = append(r.Void, s.invitations.End(who.Name, l.Session)...)
	s.blocks.Leave(who.Name, l.Session)
}
