package server

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
	"parley/users/tail"
)

// moveRead moves a read cursor of the session's account: in a room, or of the direct messages
// with one person.
func moveRead(c *Core, s *session, r call) *protocol.Error {
	room, id, name := r.args[0], r.args[1], r.args[2]
	if room != "" && r.Content.Text != "" { // typed, where it may be either
		room, name = c.conversation(s, room)
	}
	number, err := strconv.ParseUint(strings.TrimSpace(id), 10, 64)
	if err != nil || (room == "") == (name == "") {
		return protocol.Errorf(protocol.BadRequest, "ID is the number of the message up to which you have read. Use:").WithCommands("read ROOM ID", "read @NAME ID")
	}
	if !s.account {
		return domainError(state.ErrNoAccount, s.name)
	}
	about := name
	if room != "" {
		known, err := c.named(s, room)
		if err != nil {
			return err
		}
		room, about = known.Name, known.Name
	}
	return c.propose(s, &r, about, &command.Read{By: s.by(), Room: room, Name: name, Number: number}, func(c *Core, s *session, a asked, result state.Result) {
		answer := c.readUpTo(result, a.at)
		answer.Ref = a.ref
		c.reply(s, answer)
	})
}

// conversation returns which one is meant by a word: a room that the session's user is in
// goes before a person, who may always be called @NAME, and a person before other rooms.
func (c *Core) conversation(s *session, word string) (room, name string) {
	if name, is := strings.CutPrefix(word, "@"); is {
		return "", name
	}
	_, in := c.state.Member(c.person(s), word)
	_, isRoom := c.state.Room(word)
	if _, isPerson := c.state.Spelling(word); in || isRoom && !isPerson {
		return word, ""
	}
	return "", word
}

// readUpTo says where a read cursor is after a command.
func (c *Core) readUpTo(result state.Result, now time.Time) protocol.Response {
	where := "the direct messages with " + result.Name
	if result.Room != nil {
		where = inWords(result.Room.Name)
	}
	r := c.info(fmt.Sprintf("You have read %s up to number %d.", where, result.Number), protocol.EventRead, now)
	r.Data.Name, r.Data.ID = result.Name, result.Number
	if result.Room != nil {
		r.Data.Room = roomOnWire(result.Room.Name)
	}
	return r
}

// tellRead tells the other sessions of an account that a read cursor has moved.
func (c *Core) tellRead(cmd command.Command, r state.Result, now time.Time) {
	if cmd, is := cmd.(*command.Read); is && !r.Again {
		c.tellMine(cmd.By, func(*session) protocol.Response { return c.readUpTo(r, now) })
	}
}

// unread lists the conversations in which there is something that the session's account
// has not read.
func unread(c *Core, s *session, r call) *protocol.Error {
	if !s.account {
		return domainError(state.ErrNoAccount, s.name)
	}
	back := readFor(c, s, r, "What you have not read", func(r call, all []tail.Unread) *protocol.Error {
		c.answerUnread(s, r, all)
		return nil
	})
	part := c.tail.Unread(c.unreadOf(s))
	c.whenNamed(func() { c.reader.Unread(part, back) })
	return nil
}

func (c *Core) answerUnread(s *session, r call, all []tail.Unread) {
	answer := c.info("You have read everything.", protocol.EventUnread, r.now)
	answer.Ref, answer.Data.Unread = r.Ref, []protocol.Unread{}
	for _, u := range all {
		if strings.HasPrefix(u.With, command.GuestPrefix) {
			name, there := c.state.Guest(u.With)
			if !there { // nobody could say that it was read
				continue
			}
			u.Name = name
		}
		answer.Data.Unread = append(answer.Data.Unread, protocol.Unread{Room: u.Room, Name: u.Name, Read: u.After, Count: u.Count, Mentions: u.Mentions, More: u.More})
	}
	c.replyList(s, answer, 0)
}

// unreadOf asks for what a session's user has not read: of each room what is behind the
// cursor and behind the joining. What it asks with is used elsewhere, so nothing of the
// state is in it.
func (c *Core) unreadOf(s *session) tail.UnreadQuery {
	name, person := s.name, c.person(s)
	q := tail.UnreadQuery{Person: person, Name: name, Most: protocol.MaxUnread, Directs: make(map[string]uint64),
		Mention: func(text string) bool { return protocol.Mentions(text, name) }}
	q.Rooms = append(q.Rooms, tail.RoomFrom{Room: state.Lobby, After: max(c.state.ReadCursor(person, state.Lobby, ""), c.state.Pruned(state.Lobby))})
	for _, in := range c.state.Joined(person) {
		if from := max(in.Read, in.Since, in.Room.Number, c.state.Pruned(in.Room.Name)); in.Room.Newest > from {
			q.Rooms = append(q.Rooms, tail.RoomFrom{Room: in.Room.Name, After: from})
		}
	}
	q.After = c.directsFrom(person)
	for _, cursor := range c.state.ReadCursors(person) {
		if cursor.With != "" {
			q.Directs[cursor.With] = cursor.Number
		}
	}
	q.Skip = c.skips(s)
	return q
}
