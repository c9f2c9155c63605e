package state

import (
	"slices"
	"time"

	"parley/users"
	"parley/users/command"
)

// createRoom makes a room, in which who asks is.
func (s *State) createRoom(c *command.CreateRoom, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	p := s.participants[who.Person]
	switch {
	case users.Fold(c.Room) == Lobby:
		return refused(ErrLobby)
	case !validRoom(c.Room):
		return refused(ErrRoomName)
	case s.rooms.find(c.Room) != nil:
		return refused(ErrRoomTaken)
	case p != nil && len(p.made) >= MaxMade:
		return refused(ErrMadeAll)
	case p != nil && len(p.joined) >= MaxJoined:
		return refused(ErrJoinedAll)
	case len(s.rooms.sorted) >= MaxRooms:
		return refused(ErrRoomsFull)
	}
	p = s.participants.of(who, true)
	r := s.rooms.put(Room{Name: c.Room, Number: s.last, Owner: who.Person, By: who.Name, Private: c.Private, Key: c.Key})
	p.made = append(p.made, r)
	rows.room(r.Room, false, 0)
	s.enterRoom(p, r, rows)
	return Result{Room: r.snapshot()}
}

// joinRoom has who asks be in a room, if they may.
func (s *State) joinRoom(at time.Time, c *command.JoinRoom, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	if users.Fold(c.Room) == Lobby {
		return Result{Again: true, Room: &Room{Name: Lobby}}
	}
	r, p := s.rooms.find(c.Room), s.participants[who.Person]
	switch {
	case r == nil:
		return refused(ErrNoRoom)
	case p.index(r) >= 0:
		return Result{Again: true, Room: r.snapshot()}
	}
	if r.Owner != who.Person && !p.isInvited(r) {
		switch {
		case r.Private:
			return refused(ErrPrivate)
		case r.Key != "" && c.Verified != r.Key:
			return refused(ErrKey)
		}
	}
	if v := s.sanctions.find(users.Ban, r.Name, who.Name, who.Person, at); v != nil {
		return bannedBy(v)
	}
	if p != nil && len(p.joined) >= MaxJoined {
		return refused(ErrJoinedAll)
	}
	p = s.participants.of(who, true)
	s.uninvite(p, r, rows)
	s.enterRoom(p, r, rows)
	return Result{Room: r.snapshot()}
}

// enterRoom has a person be in a room from now on.
func (s *State) enterRoom(p *participant, r *room, rows *Rows) {
	r.enter(p, s.last)
	rows.member(Member{Room: r.Name, Person: p.person, Since: s.last}, false)
}

// inRoom returns a room beside the lobby, and where it is among those that who asks is in:
// else ErrLobby, ErrNoRoom or ErrNoMember.
func (s *State) inRoom(who Online, name string) (p *participant, r *room, i int, err error) {
	if users.Fold(name) == Lobby {
		return nil, nil, -1, ErrLobby
	}
	if r = s.rooms.find(name); r == nil {
		return nil, nil, -1, ErrNoRoom
	}
	p = s.participants[who.Person]
	if i = p.index(r); i < 0 {
		return nil, nil, -1, ErrNoMember
	}
	return p, r, i, nil
}

// leaveRoom has who asks be in a room no more.
func (s *State) leaveRoom(c *command.LeaveRoom, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	p, r, i, err := s.inRoom(who, c.Room)
	if err != nil {
		return refused(err)
	}
	was := r.snapshot()
	gone := s.exitRoom(p, i, rows)
	s.participants.tidy(p)
	return Result{Room: was, Gone: gone}
}

// exitRoom has a person be in one of their rooms no more, and reports whether the room has
// ended with that.
func (s *State) exitRoom(p *participant, i int, rows *Rows) (ended bool) {
	m := p.joined[i]
	if m.read > 0 {
		rows.readCursor(ReadCursor{Person: p.person, Room: m.in.Name, Number: m.read}, true)
	}
	rows.member(m.row(p.person), true)
	m.in.exit(p, i)
	return s.endRoom(m.in, rows)
}

// endRoom ends a room in which nobody is, if it does not stay without anybody: it reports
// whether it has.
func (s *State) endRoom(r *room, rows *Rows) bool {
	if len(r.members) > 0 || r.Owner != "" && !isGuest(r.Owner) {
		return false
	}
	s.uninviteAll(r, rows)
	s.dropSanctions(slices.Clone(s.sanctions.in(r.Name)), rows)
	if owner := s.participants[r.Owner]; owner != nil {
		owner.made = slices.DeleteFunc(owner.made, func(other *room) bool { return other == r })
		s.participants.tidy(owner)
	}
	s.endHooks(r.Name, rows)
	s.rooms.remove(r)
	rows.room(r.Room, true, s.last)
	s.unprune(r.Name, rows)
	s.ended = append(s.ended, r.snapshot())
	return true
}

// setTopic says what a room is about.
func (s *State) setTopic(at time.Time, c *command.SetTopic, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	_, r, _, err := s.inRoom(who, c.Room)
	if err == nil && len(c.Text) > MaxTopic {
		err = ErrTooLong
	}
	if err != nil {
		return refused(err)
	}
	if no, muted := s.silenced(at, who, r.Name); muted {
		return no
	}
	r.Topic, r.TopicBy = c.Text, who.Name
	if c.Text == "" {
		r.TopicBy = ""
	}
	rows.room(r.Room, false, 0)
	return Result{Room: r.snapshot()}
}
