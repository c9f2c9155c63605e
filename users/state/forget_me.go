package state

import (
	"slices"
	"strings"
	"time"

	"parley/users"
	"parley/users/command"
)

// PseudonymPrefix is what names begin with that stand in place of somebody's who has had
// themselves forgotten. Six small letters follow. Nobody can have such a name.
const PseudonymPrefix = "forgotten-"

func validPseudonym(name string) bool {
	letters, is := strings.CutPrefix(name, PseudonymPrefix)
	return is && len(letters) == 6 && strings.Trim(letters, "abcdefghijklmnopqrstuvwxyz") == ""
}

// forgetMe ends the account of who asks, and what others have of it: where its name stands
// a pseudonym does from then on.
func (s *State) forgetMe(at time.Time, c *command.ForgetMe, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	account, registered := s.Account(who.Name)
	switch {
	case !registered || !who.Account:
		return refused(ErrNoAccount)
	case !validPseudonym(c.Pseudonym):
		return refused(ErrName)
	case s.lastOwner(who.Person):
		return refused(ErrLastOwner)
	}
	s.renameInRooms(who, c.Pseudonym, rows)
	s.renameInOrder(who, c.Pseudonym, rows)
	r := s.dropAccount(at, account, rows)
	s.presence.Forget(account.Name)
	rows.lockouts(s.lockouts.Unblock(account.Name))
	r.Erased = &Erased{Author: AuthorOf(account), Name: account.Name, As: c.Pseudonym, Texts: c.Texts}
	rows.erased(*r.Erased)
	return r
}

// renameInRooms puts another name in place of somebody's, who has made rooms, set topics and
// invited others.
func (s *State) renameInRooms(who Online, as string, rows *Rows) {
	is := func(name string) bool { return users.Fold(name) == users.Fold(who.Name) }
	for _, r := range s.rooms.sorted {
		made, topic := r.Owner == who.Person, is(r.TopicBy)
		if made {
			r.By = as
		}
		if topic {
			r.TopicBy = as
		}
		if made || topic {
			rows.room(r.Room, false, 0)
		}
		for _, p := range r.invited {
			i := slices.IndexFunc(p.invited, func(i invited) bool { return i.to == r })
			if v := &p.invited[i]; is(v.by) {
				v.by = as
				rows.roomInvitation(RoomInvitation{Room: r.Name, Person: p.person, By: as}, false)
			}
		}
	}
}

// renameInOrder puts another name in place of somebody's in what was done to keep order, and
// ends what they are sanctioned with: it would name them.
func (s *State) renameInOrder(who Online, as string, rows *Rows) {
	is := func(name string) bool { return users.Fold(name) == users.Fold(who.Name) }
	for _, v := range s.sanctions.sorted() {
		switch {
		case v.Person == who.Person, !v.Addr && v.Target == who.Person:
			s.dropSanctions([]*Sanction{v}, rows)
		case is(v.By):
			v.By = as
			rows.sanction(*v)
		}
	}
	if is(s.settings.By) {
		s.settings.By = as
		rows.settings(s.settings)
	}
	account, _ := s.Account(who.Name)
	e := Erased{Author: AuthorOf(account), Name: account.Name, As: as}
	for i, a := range s.reports {
		s.reports[i] = e.RenameAct(a)
	}
}

// RenameAct returns an act in which a pseudonym stands in place of who is erased: the act
// itself if that one is not in it, since nobody changes one.
func (e *Erased) RenameAct(a *Act) *Act {
	is := func(name, person string) bool {
		return e.named(name) && (person == "" || person == e.Person || person == e.Guest)
	}
	did, had := is(a.By, a.Person), is(a.Name, a.Target)
	if !did && !had {
		return a
	}
	v := *a
	if did {
		v.By, v.Person = e.As, ""
	}
	if had {
		v.Name, v.Target = e.As, ""
	}
	return &v
}

// named reports whether a name is that of who is erased, however it is spelled.
func (e *Erased) named(name string) bool { return name != "" && users.Fold(name) == users.Fold(e.Name) }

// Rename returns a message in a room in which a pseudonym stands where who is erased has put a
// reaction, up to a number, or has removed what somebody else had said: the message itself if
// there is no such place.
func (e *Erased) Rename(m *Message, upTo uint64) *Message {
	renamed := *m
	if renamed.Marks = e.marks(m.Marks, e.Said(m), upTo); renamed.Marks == m.Marks {
		return m
	}
	return &renamed
}

// RenameDirect does so with a direct message.
func (e *Erased) RenameDirect(d *Direct, upTo uint64) *Direct {
	renamed := *d
	if renamed.Marks = e.marks(d.Marks, true, upTo); renamed.Marks == d.Marks {
		return d
	}
	return &renamed
}

// marks does so with the marks of a message, which the erased may have said: then it stays
// that they have removed it.
func (e *Erased) marks(of *Marks, said bool, upTo uint64) *Marks {
	if of == nil {
		return nil
	}
	now, found := *of, false
	if v := of.Removed; v != nil && e.named(v.By) && !said && of.Changed <= upTo && (e.Guest != "" || of.Changed > e.After) {
		now.Removed, found = &Removal{By: e.As, Why: v.Why}, true
	}
	now.Reactions = slices.Clone(of.Reactions)
	for i := range now.Reactions {
		r := &now.Reactions[i]
		if slices.ContainsFunc(r.By, func(by Reactor) bool { return by.Number <= upTo && e.Reacted(by) }) {
			r.By, found = e.renameReactors(r.By, upTo), true
		}
	}
	if !found {
		return of
	}
	return &now
}

func (e *Erased) renameReactors(all []Reactor, upTo uint64) []Reactor {
	all = slices.Clone(all)
	for i := range all {
		if by := &all[i]; by.Number <= upTo && e.Reacted(*by) {
			by.Person, by.Name = "", e.As
		}
	}
	return all
}

// An Author is an account as one finds what it has said in rooms.
type Author struct {
	Person string    // the account's
	After  uint64    // what was said by a person of that name up to this number was somebody else
	Guest  string    // who has become the account: what was said up to that number is its own, too; "": nobody
	Since  time.Time // what was said since then under the name, where it was not noted who did, is its own
}

// AuthorOf returns an account as an author.
func AuthorOf(a users.Account) Author {
	return Author{Person: users.Fold(a.Name), After: a.Number, Guest: a.Guest, Since: a.Registered}
}

// Reacted reports whether an author has put a reaction to something.
func (a Author) Reacted(by Reactor) bool {
	return by.Person == a.Person && by.Number > a.After || by.Person != "" && by.Person == a.Guest && by.Number <= a.After
}

// Said reports whether an author has said a message.
func (a Author) Said(m *Message) bool {
	switch m.Person {
	case "":
		return users.Fold(m.Sender) == a.Person && !m.Time.Before(a.Since)
	case a.Person:
		return m.Number > a.After
	}
	return m.Person == a.Guest && m.Number <= a.After
}
