package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// message says something in a room.
func (s *State) message(at time.Time, c *command.Message, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	q := s.asked(at, who.Person, c.ID, roomDigest, c.Room, c.Text)
	if r, again := s.messageAgain(q, c); again {
		return r
	}
	_, in, _, err := s.inRoom(who, c.Room)
	if err != nil && err != ErrLobby {
		return refused(err)
	}
	return s.sayIn(at, who, in, q, &Message{Text: c.Text, Re: c.Re}, rows)
}

// sayIn says something in a room, nil is the lobby, unless that one is muted there or has to
// wait. All but the text and what it answers is filled in.
func (s *State) sayIn(at time.Time, who Online, in *room, q Request, m *Message, rows *Rows) Result {
	name, seconds, pace := Lobby, s.settings.Slow, &s.pace
	if in != nil {
		name, seconds, pace = in.Name, in.Slow, &in.pace
	}
	if r, muted := s.silenced(at, who, name); muted {
		return r
	}
	if seconds > 0 && s.Rank(who.Person, name) == NoRank {
		if wait := pace.wait(who.Person, seconds, at); wait > 0 {
			return Result{Err: ErrSlow, Wait: wait}
		}
		pace.note(who.Person, seconds, at)
	}
	if in != nil {
		in.Newest = s.last + 1
	}
	m.Number, m.Room, m.Time, m.Sender, m.Person = s.next(), name, at, who.Name, who.Person
	rows.message(m)
	s.remember(q, rows)
	return Result{Number: s.last, Message: m}
}

// messageAgain returns what is answered to a message whose id is known; false if it is not.
func (s *State) messageAgain(q Request, c *command.Message) (r Result, again bool) {
	before, err := s.requests.find(q)
	switch {
	case err != nil:
		return refused(err), true
	case before == 0:
		return r, false
	}
	room, there := s.Room(c.Room)
	if !there { // it has ended since
		room.Name = c.Room
	}
	return Result{Number: before, Again: true, Room: &room}, true
}

// directAgain is messageAgain of a direct message.
func (s *State) directAgain(q Request, c *command.Direct) (r Result, again bool) {
	before, err := s.requests.find(q)
	switch {
	case err != nil:
		return refused(err), true
	case before == 0:
		return r, false
	}
	to, _, _ := s.receiver(c.To)
	return Result{Number: before, Again: true, Name: to.Name, There: to.Session}, true
}

// Again returns the result of a message that its person has sent before, with the same id:
// also when nothing can be decided now. It is false of one that is not known.
func (s *State) Again(c command.Command) (r Result, is bool) {
	switch c := c.(type) {
	case *command.Message:
		if who, err := s.caller(c.By); err == nil {
			r, is = s.messageAgain(s.asked(s.time, who.Person, c.ID, roomDigest, c.Room, c.Text), c)
		}
	case *command.Direct:
		if who, err := s.caller(c.By); err == nil {
			r, is = s.directAgain(s.asked(s.time, who.Person, c.ID, Digest, c.To, c.Text), c)
		}
	}
	return r, is
}

// asked makes a request of what a person asks for. Only one with an id is ever looked for:
// its digest is needed then.
func (s *State) asked(at time.Time, person, id string, digest func(to, text string) uint64, to, text string) (q Request) {
	if id != "" {
		q = Request{Person: person, ID: id, Digest: digest(to, text), Time: at}
	}
	return q
}

// remember remembers a request, if it has an id, that has created what has the last number.
func (s *State) remember(q Request, rows *Rows) {
	if q.ID != "" {
		q.Number = s.last
		s.requests.add(q, rows)
	}
}

// next gives the next number.
func (s *State) next() uint64 {
	s.last++
	return s.last
}

// direct says something to one person, whether they are there or have an account.
func (s *State) direct(at time.Time, c *command.Direct, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	if users.Fold(c.To) == users.Fold(who.Name) {
		return refused(users.ErrSelf)
	}
	q := s.asked(at, who.Person, c.ID, Digest, c.To, c.Text)
	if r, again := s.directAgain(q, c); again {
		return r
	}
	to, there, err := s.receiver(c.To)
	if r, muted := s.silenced(at, who, ""); muted {
		return r
	}
	switch {
	case err != nil:
	case s.blocks.Has(to.Name, who.Name):
		err = ErrBlocked
	case !there:
		err = s.directs.check(to.Person, who.Person)
	}
	if err != nil {
		return Result{Err: err, Name: to.Name}
	}
	d := &Direct{Number: s.next(), Time: at, Sender: who.Name, To: to.Name, From: who.Person, Person: to.Person, Text: c.Text, Re: c.Re}
	rows.direct(d)
	if waiting := s.directs.add(Unseen{Number: d.Number, From: d.From, Person: d.Person}); waiting > maxUnseen+maxUnseen/4 {
		rows.cursor(Cursor{Person: d.Person, Number: s.directs.trim(d.Person)})
	}
	s.remember(q, rows)
	return Result{Number: d.Number, Direct: d, Name: d.To, There: to.Session}
}

// receiver returns who can get direct messages under a name: somebody who is there, or
// an account. Else it returns the name as it was given, and ErrOffline or
// users.ErrUnknownUser.
func (s *State) receiver(name string) (to Online, there bool, err error) {
	if to, there := s.Online(name); there {
		return to, true, nil
	}
	if a, err := s.accounts.Lookup(name); err == nil {
		return Online{Name: a.Name, Person: users.Fold(a.Name), Account: true}, false, nil
	}
	if _, known := s.presence.Lookup(name); known {
		return Online{Name: name}, false, ErrOffline
	}
	return Online{Name: name}, false, users.ErrUnknownUser
}

// seen moves the cursor of who asks, if there is something to see.
func (s *State) seen(c *command.Seen, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	if cursor, moved := s.directs.see(who.Person, c.Number); moved {
		rows.cursor(Cursor{Person: who.Person, Number: cursor})
	}
	return Result{}
}
