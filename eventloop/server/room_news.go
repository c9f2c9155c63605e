package server

import (
	"slices"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// tellOfRoom tells those whom it concerns what a command has done in a room, but for who has
// asked for it: people who are in the room, who was invited, and the other sessions of the
// same user.
func (c *Core) tellOfRoom(cmd command.Command, r state.Result, now time.Time) {
	switch cmd := cmd.(type) {
	case *command.CreateRoom:
		c.tellMine(cmd.By, func(s *session) protocol.Response {
			return c.aboutRoom(s, r.Room, "You have made "+r.Room.Name+" in another session.", protocol.EventCreated, asked{at: now})
		})
	case *command.JoinRoom:
		if r.Again {
			return
		}
		c.announceInRoom(r.Room.Name, c.spelled(cmd.By.Name), users.JoinedRoom, now)
		c.tellMine(cmd.By, func(s *session) protocol.Response {
			return c.aboutRoom(s, r.Room, "You have joined "+r.Room.Name+" in another session.", protocol.EventJoined, asked{at: now})
		})
	case *command.LeaveRoom:
		c.exitRoom(cmd.By.Name, r.Room.Name)
		if !r.Gone {
			c.announceInRoom(r.Room.Name, c.spelled(cmd.By.Name), users.LeftRoom, now)
		}
		c.tellMine(cmd.By, func(s *session) protocol.Response { return c.leftText(s, r.Room.Name, " in another session", now) })
	case *command.SetTopic:
		c.tellTopic(cmd.By, r.Room, now)
	case *command.InviteToRoom:
		invitation := state.RoomInvitation{Room: r.Room.Name, By: c.spelled(cmd.By.Name)}
		for _, s := range c.sessionsOf(r.Name) {
			c.tellRoomInvitation(s, invitation, now)
		}
	}
}

// tellMine tells the other sessions of who has asked for something what has become of it.
func (c *Core) tellMine(by command.By, what func(s *session) protocol.Response) {
	for _, s := range c.sessionsOf(by.Name) {
		if s.key() != by.Session {
			c.reply(s, what(s))
		}
	}
}

// tellTopic tells those who are in a room what it is about now, but those who hear nothing
// of who has changed it.
func (c *Core) tellTopic(by command.By, room *state.Room, now time.Time) {
	r := topicOf(c, room, now)
	name := c.spelled(by.Name)
	who := c.toldApart(name)
	r.Content = who + " has removed the topic of " + room.Name + "."
	if room.Topic != "" {
		r.Content = who + " has set the topic of " + room.Name + ": " + protocol.EndSentence(room.Topic)
	}
	r.Data.Name = name
	d := c.encode(r, room.Name, true)
	d.Except = c.addConnection(c.connections(c.state.Blocks().Deaf(name)), by.Session)
	slices.Sort(d.Except)
	c.fx.Deliver(d)
}
