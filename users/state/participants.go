package state

// A participant is a person of whom there is something beside an account and direct
// messages: rooms that they are in or have made, invitations to some, read cursors. There
// is none that says nothing.
type participant struct {
	person  string
	name    string       // under which they are connected; "": they are not
	joined  []membership // in the order of compareMemberships
	made    []*room      // that they own, in no order
	invited []invited    // in no order
	reading *reading     // nil: nothing
}

// connected reports whether the person is there.
func (p *participant) connected() bool { return p.name != "" }

// index returns where a room is among those that the person is in, -1 if they are not.
func (p *participant) index(r *room) int {
	if p == nil {
		return -1
	}
	for i := range p.joined {
		if p.joined[i].in == r {
			return i
		}
	}
	return -1
}

// moderates reports whether the person is a moderator of a room that they are in.
func (p *participant) moderates(r *room) bool {
	i := p.index(r)
	return i >= 0 && p.joined[i].moderator
}

// participants are by person.
type participants map[string]*participant

// of returns who is, or was not yet, a participant, to be changed. There says whether it is
// somebody who is connected.
func (s participants) of(o Online, there bool) *participant {
	p := s[o.Person]
	if p == nil {
		p = &participant{person: o.Person}
		s[o.Person] = p
	}
	if there {
		p.arrive(o.Name)
	}
	return p
}

// tidy leaves no participant behind of whom there is nothing.
func (s participants) tidy(p *participant) {
	if len(p.joined) == 0 && len(p.made) == 0 && len(p.invited) == 0 && p.reading == nil {
		delete(s, p.person)
	}
}

// arrive notes that the person is connected under a name, which may be spelled in another way
// than before.
func (p *participant) arrive(name string) {
	if !p.connected() {
		for i := range p.joined {
			p.joined[i].in.inside++
		}
	}
	p.name = name
}

// leave notes that the person is connected no more.
func (p *participant) leave() {
	if !p.connected() {
		return
	}
	for i := range p.joined {
		p.joined[i].in.inside--
	}
	p.name = ""
}

// personArrived is called when somebody logs in.
func (s *State) personArrived(o Online) {
	if p := s.participants[o.Person]; p != nil {
		p.arrive(o.Name)
	}
}

// personLeft is called when somebody has a name no more, with the last session.
func (s *State) personLeft(o Online) {
	if p := s.participants[o.Person]; p != nil {
		p.leave()
	}
}

// leaveRooms has a person be in no room any more, unless they are connected.
func (s *State) leaveRooms(person string, rows *Rows) {
	p := s.participants[person]
	if p == nil || p.connected() || len(p.joined) == 0 {
		return
	}
	s.exits = append(s.exits, exit{person, roomNames(p.joined)})
	for len(p.joined) > 0 {
		s.exitRoom(p, len(p.joined)-1, rows)
	}
	s.participants.tidy(p)
}

// An exit is what rooms a person was in until the command that is being applied.
type exit struct {
	person string
	rooms  []string
}

func roomNames(of []membership) []string {
	names := make([]string, len(of))
	for i, m := range of {
		names[i] = m.in.Name
	}
	return names
}

// forgetParticipant ends all that there is of a person, likewise. Rooms that they have made
// have no owner then.
func (s *State) forgetParticipant(person string, rows *Rows) {
	p := s.participants[person]
	if p == nil || p.connected() {
		return
	}
	s.leaveRooms(person, rows)
	for len(p.invited) > 0 {
		s.uninvite(p, p.invited[0].to, rows)
	}
	for _, r := range p.made {
		if r.Owner = ""; !s.endRoom(r, rows) {
			rows.room(r.Room, false, 0)
		}
	}
	p.made = nil
	s.forgetReading(p, rows)
	s.participants.tidy(p)
}

// renameParticipant makes all that there is of a guest an account's, of which there is
// nothing yet.
func (s *State) renameParticipant(from, to string, rows *Rows) {
	p := s.participants[from]
	if p == nil || from == to {
		return
	}
	delete(s.participants, from)
	s.participants[to] = p
	p.person = to
	for _, m := range p.joined {
		rows.member(m.row(from), true)
		rows.member(m.row(to), false)
	}
	for _, i := range p.invited {
		rows.roomInvitation(RoomInvitation{Room: i.to.Name, Person: from, By: i.by}, true)
		rows.roomInvitation(RoomInvitation{Room: i.to.Name, Person: to, By: i.by}, false)
	}
	for _, r := range p.made {
		r.Owner = to
		rows.room(r.Room, false, 0)
	}
	s.renameReading(p, from, rows)
}
