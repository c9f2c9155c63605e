package server

import (
	"fmt"
	"slices"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/state"
)

// Which rooms a session hears. In an extended session they are all that its person is in;
// in a plain one, which could not tell them apart, it is one, the current room. What is said
// without naming a room goes to the current one: that which the session has joined last and
// has not left. An extended session, whose client names rooms, notes only the current one,
// and goes back to that which its person has joined last.

// current returns the session's current room.
func (s *session) current() string {
	if s.rare == nil || len(s.rare.rooms) == 0 {
		return state.Lobby
	}
	return s.rare.rooms[len(s.rare.rooms)-1]
}

// hear has a session hear a room, in place of its current one if it is a plain one.
func (c *Core) hear(s *session, room string) {
	if s.extended {
		if s.catch() == nil || !s.catch().rooms { // else it joins them all when it has caught up
			c.fx.Join(s.id, room, true)
		}
		return
	}
	c.plain[room]++
	c.fx.Join(s.id, room, false)
}

// unhear undoes hear.
func (c *Core) unhear(s *session, room string) {
	if s.extended {
		c.fx.Leave(s.id, room)
		return
	}
	c.forgetPlain(room)
	c.fx.Leave(s.id, room)
}

// forgetPlain counts one less plain session that hears a room.
func (c *Core) forgetPlain(room string) {
	if c.plain[room]--; c.plain[room] == 0 {
		delete(c.plain, room)
	}
}

// hearAll has a session that has logged in hear what it is to hear.
func (c *Core) hearAll(s *session, person string) {
	c.fx.Join(s.id, state.Lobby, s.extended)
	if !s.extended {
		return
	}
	for _, in := range c.state.Joined(person) {
		c.fx.Join(s.id, in.Room.Name, true)
	}
}

// hearNothing counts a session no more, whose connection ends.
func (c *Core) hearNothing(s *session) {
	if s.extended {
		c.extended--
	} else {
		c.forgetPlain(s.current())
	}
	if s.rare != nil {
		s.rare.rooms = nil
	}
}

// enterRoom makes a room, which the person of a session is in, its current one. All extended
// sessions of the person hear it.
func (c *Core) enterRoom(s *session, room string) {
	was := s.current()
	s.goTo(room)
	if !s.extended {
		c.switchPlain(s, was)
		return
	}
	for _, other := range c.sessionsOf(s.name) {
		c.hear(other, room)
	}
}

// exitRoom has all sessions of somebody hear a room no more, which the person has left.
func (c *Core) exitRoom(name, room string) {
	for _, s := range c.sessionsOf(name) {
		was := s.current()
		if s.rare != nil {
			s.rare.rooms = slices.DeleteFunc(s.rare.rooms, func(r string) bool { return r == room })
		}
		if !s.extended {
			c.switchPlain(s, was)
			continue
		}
		c.unhear(s, room)
		if left := c.state.Joined(c.person(s)); was == room && len(left) > 0 {
			s.goTo(left[len(left)-1].Room.Name)
		}
	}
}

// goTo makes a room the session's current one.
func (s *session) goTo(room string) {
	few := s.few()
	if room == state.Lobby || s.extended {
		few.rooms = nil
	}
	few.rooms = slices.DeleteFunc(few.rooms, func(r string) bool { return r == room })
	if room != state.Lobby {
		few.rooms = append(few.rooms, room)
	}
}

// switchPlain has a plain session hear its current room in place of another one.
func (c *Core) switchPlain(s *session, was string) {
	if now := s.current(); now != was {
		c.unhear(s, was)
		c.hear(s, now)
	}
}

// roomOnWire returns the name of a room as data.room has it.
func roomOnWire(room string) string {
	if room == state.Lobby {
		return ""
	}
	return room
}

// joinedRooms returns the rooms that a person is in, for the answer to a login; nil of none.
func (c *Core) joinedRooms(person string) []protocol.Room {
	var all []protocol.Room
	for _, in := range c.state.Joined(person) {
		all = append(all, protocol.Room{Name: in.Room.Name, Read: c.state.ReadCursor(person, in.Room.Name, ""),
			Private: in.Room.Private, Key: in.Room.Key != "", Joined: true, Forwarded: c.forwarded[in.Room.Name]})
	}
	return all
}

// tellRoomInvitations tells a session that has logged in which rooms its person may join
// because of an invitation.
func (c *Core) tellRoomInvitations(s *session, person string, now time.Time) {
	blocks := c.state.Blocks()
	invitations := slices.DeleteFunc(slices.Clone(c.state.RoomInvitations(person)), func(i state.RoomInvitation) bool { return blocks.Has(s.name, i.By) })
	if s.extended {
		for _, i := range invitations {
			c.tellRoomInvitation(s, i, now)
		}
		return
	}
	if len(invitations) == 0 {
		return
	}
	var joins []string
	for _, i := range invitations[:min(len(invitations), maxInvitationsTold)] {
		joins = append(joins, "join "+i.Room)
	}
	sentence := "You were invited to a room. Use:"
	if n := len(invitations); n > 1 {
		sentence = fmt.Sprintf("You were invited to %d rooms. Use:", n)
	}
	c.reply(s, c.info(protocol.WithCommands(sentence, joins...), protocol.EventRoomInvitation, now))
}

// maxInvitationsTold is how many rooms a sentence names to which one was invited.
const maxInvitationsTold = 10

// tellRoomInvitation tells a session that its person was invited to a room.
func (c *Core) tellRoomInvitation(s *session, i state.RoomInvitation, now time.Time) {
	r := c.info(protocol.WithCommands(c.toldApart(i.By)+" invites you to the room "+i.Room+". Use:", "join "+i.Room), protocol.EventRoomInvitation, now)
	r.Data.Name, r.Data.Room = i.By, i.Room
	c.reply(s, r)
}

// announceInRoom tells those who are in a room that somebody has joined or left it
// (users.JoinedRoom, LeftRoom): not in a crowd, and nobody of whom one has blocked the other.
func (c *Core) announceInRoom(room, name string, change users.Change, now time.Time) {
	if c.state.Inside(room) > c.cfg.PresenceLimit {
		return
	}
	a := users.Announcement{Name: name, Change: change, Rooms: []string{room}, At: now, Like: c.state.MistakenFor(name)}
	r := c.info(a.String(), protocol.EventPresence, now)
	r.Data.Name, r.Data.State, r.Data.Room = name, presenceStates[change], room
	d := c.encode(r, room, c.cfg.PlainPresence)
	d.Except, d.News, d.Later = c.connections(c.state.Untold(name)), &a, true
	c.fx.Deliver(d)
}

// announceToRooms tells those who share a room with somebody that they came or went, while
// the lobby, which all share, is too full for that; and what plain sessions do not hear that
// are in another room than the lobby. Nobody is told twice, nor more than are no crowd.
func (c *Core) announceToRooms(a *users.Announcement, r protocol.Response, untold []eventloop.ConnID, crowd bool) {
	told := slices.Clone(untold)
	for _, room := range a.Rooms {
		inside := c.state.Inside(room)
		if inside > c.cfg.PresenceLimit || crowd && len(told)-len(untold)+inside > c.cfg.PresenceLimit {
			continue
		}
		d := c.encode(r, room, c.cfg.PlainPresence)
		if !crowd {
			d.Extended = nil // has heard it in the lobby
		}
		d.Except, d.News, d.Later = slices.Clone(told), a, true
		c.fx.Deliver(d)
		if crowd {
			told = c.addMembers(told, room)
		}
	}
}

// addMembers adds the sessions of those who are in a room, ascending and each once.
func (c *Core) addMembers(ids []eventloop.ConnID, room string) []eventloop.ConnID {
	for _, name := range c.state.NamesIn(room) {
		for _, l := range c.state.Sessions(name) {
			ids = c.addConnection(ids, l.Session)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
