package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
)

// maxNamesAtJoin is of how many people who joins a room is told the names at once. Of more
// they are told how many there are, and may ask.
const maxNamesAtJoin = 100

// person returns who a session's user is, whatever the name.
func (c *Core) person(s *session) string {
	there, _ := c.state.Online(s.name)
	return there.Person
}

// named returns the room that a request is about: of that name, or the session's current one
// if it names none.
func (c *Core) named(s *session, name string) (state.Room, *protocol.Error) {
	if name == "" {
		name = s.current()
	} else if err := protocol.CheckRoom(name); err != nil {
		return state.Room{}, err
	}
	room, there := c.state.Room(name)
	if !there {
		return room, domainError(state.ErrNoRoom, name)
	}
	return room, nil
}

// shows reports whether a person may be told of a room what everybody is told: of a private
// one only those who are in it.
func (c *Core) shows(person string, room *state.Room) bool {
	_, in := c.state.Member(person, room.Name)
	return in || !room.Private
}

// invitedTo reports whether a person may join a room because of an invitation.
func (c *Core) invitedTo(person, room string) bool {
	return slices.ContainsFunc(c.state.RoomInvitations(person), func(i state.RoomInvitation) bool { return i.Room == room })
}

// roomData returns a room as a person sees it.
func (c *Core) roomData(person string, room *state.Room) protocol.Room {
	_, in := c.state.Member(person, room.Name)
	return protocol.Room{Name: room.Name, Topic: room.Topic, Members: c.state.Inside(room.Name), Read: c.state.ReadCursor(person, room.Name, ""),
		Joined: in, Private: room.Private, Key: room.Key != "", Forwarded: c.forwarded[room.Name]}
}

// listRooms lists the rooms that everybody sees, and the private ones that one is in or was
// invited to.
func listRooms(c *Core, s *session, r call) *protocol.Error {
	answer := c.info(protocol.WithCommands("There is no room but the lobby. Use:", "create ROOM"), protocol.EventRooms, r.now)
	answer.Ref = r.Ref
	var left int
	answer.Data.Rooms, left = c.roomsFor(c.person(s))
	c.replyList(s, answer, left)
	return nil
}

// maxRoomsListed is how many rooms an answer lists, as far as they have room in it.
const maxRoomsListed = 3000

// roomsFor returns the rooms that a person is shown, and how many there are more. It looks
// at each room there is, so at nothing that it need not.
func (c *Core) roomsFor(person string) (list []protocol.Room, left int) {
	joined, invited := make(map[*state.Room]uint64), make(map[string]bool)
	for _, in := range c.state.Joined(person) {
		joined[in.Room] = in.Read
	}
	for _, i := range c.state.RoomInvitations(person) {
		invited[i.Room] = true
	}
	list = []protocol.Room{}
	for room, inside := range c.state.EachRoom() {
		read, in := uint64(0), false
		if len(joined) > 0 {
			read, in = joined[room]
		}
		asked := len(invited) > 0 && invited[room.Name]
		switch {
		case room.Private && !in && !asked:
		case len(list) < maxRoomsListed:
			list = append(list, protocol.Room{Name: room.Name, Topic: room.Topic, Members: inside, Read: read,
				Joined: in, Private: room.Private, Key: room.Key != "", Invited: asked, Forwarded: c.forwarded[room.Name]})
		default:
			left++
		}
	}
	return list, left
}

// replyList sends a response that lists what is more than names, but for some that are left
// out.
func (c *Core) replyList(s *session, r protocol.Response, left int) {
	c.tellLikes(&r)
	for _, frame := range protocol.ListFrames(r, left, !s.extended) {
		c.fx.Send(s.id, frame)
	}
}

// namesOf lists who is connected, or who of a room is. In a plain session what is no room
// is passed over: some clients write all kinds of words there.
func namesOf(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	if name == "" || sameName(name, state.Lobby) {
		return names(c, s, r)
	}
	room, err := c.named(s, name)
	if err == nil && !c.shows(c.person(s), &room) {
		err = domainError(state.ErrNoMember, room.Name)
	}
	switch {
	case err != nil && !s.extended:
		return names(c, s, r)
	case err != nil:
		return err
	}
	defer c.firmly()() // who is in a room is kept, and who is connected is not
	answer := c.list(c.state.NamesIn(room.Name), "Nobody of "+room.Name+" is connected.", r.now)
	answer.Ref, answer.Data.Room, answer.Data.Away = r.Ref, room.Name, c.state.Presence().Absent()
	c.replyNames(s, answer)
	return nil
}

// createRoom makes a room, in which the session is from then on.
func createRoom(c *Core, s *session, r call) *protocol.Error {
	name, mode, key := r.args[0], strings.ToLower(r.args[1]), r.args[2]
	if err := protocol.CheckRoom(name); err != nil {
		return err
	}
	if mode == "" && key != "" { // in an object the key says it
		mode = "key"
	}
	if mode != "" && mode != "private" && mode != "key" || (mode == "key") != (key != "") {
		return protocol.Errorf(protocol.BadRequest, "A room is for all, private, or has a key. Use:").
			WithCommands("create ROOM", "create ROOM private", "create ROOM key KEY")
	}
	if room, there := c.state.Room(name); there {
		return domainError(state.ErrRoomTaken, room.Name)
	}
	create := &command.CreateRoom{By: s.by(), Room: name, Private: mode == "private"}
	if key == "" {
		return c.propose(s, &r, name, create, answerCreated)
	}
	return c.hashKey(s, r, key, func(r call, hash string) *protocol.Error {
		create.Key = hash
		return c.propose(s, &r, name, create, answerCreated)
	})
}

func answerCreated(c *Core, s *session, a asked, result state.Result) {
	room := result.Room
	c.enterRoom(s, room.Name)
	text := "You have made " + room.Name + ", and are in it: what you say goes there."
	switch {
	case room.Private:
		text = protocol.WithCommands(text+" Nobody sees or joins it without an invitation. Use:", "invite NAME")
	case room.Key != "":
		text += " Who is to join it needs the key, or an invitation."
	}
	c.reply(s, c.aboutRoom(s, room, text, protocol.EventCreated, a))
}

// aboutRoom makes an answer with all that there is to say of a room.
func (c *Core) aboutRoom(s *session, room *state.Room, text, event string, a asked) protocol.Response {
	answer := c.info(text, event, a.at)
	answer.Ref = a.ref
	d, data := answer.Data, c.roomData(c.person(s), room)
	d.Room, d.Topic, d.Read, d.Rooms = roomOnWire(room.Name), room.Topic, data.Read, []protocol.Room{data}
	if data.Members <= maxNamesAtJoin {
		d.Names = c.state.NamesIn(room.Name)
	}
	return answer
}

// joinRoom has a session be in a room and talk there.
func joinRoom(c *Core, s *session, r call) *protocol.Error {
	room, err := c.named(s, r.args[0])
	switch {
	case err != nil && err.Code == protocol.UnknownRoom:
		return protocol.Errorf(err.Code, "There is no room %s. Use:", r.args[0]).WithCommands("rooms", "create "+r.args[0])
	case err != nil:
		return err
	}
	person := c.person(s)
	_, in := c.state.Member(person, room.Name)
	if in || room.Key == "" || room.Owner == person || c.invitedTo(person, room.Name) {
		return c.joinWith(s, r, &room, "")
	}
	if r.args[1] == "" {
		return protocol.Errorf(protocol.WrongKey, "%s has a key, or needs an invitation. Use:", room.Name).WithCommands("join " + room.Name + " KEY")
	}
	return c.checkKey(s, r, &room, r.args[1], func(r call) *protocol.Error {
		now, err := c.named(s, room.Name) // something may have been said since
		if err != nil {
			return err
		}
		return c.joinWith(s, r, &now, room.Key)
	})
}

// joinWith has a session join a room whose key was checked against a hash, "" if it was not.
func (c *Core) joinWith(s *session, r call, room *state.Room, verified string) *protocol.Error {
	join := func(r call, past []*state.Message) *protocol.Error {
		return c.propose(s, &r, room.Name, &command.JoinRoom{By: s.by(), Room: room.Name, Verified: verified}, func(_ *Core, _ *session, a asked, result state.Result) {
			c.answerJoined(s, a, result, past)
		})
	}
	if _, in := c.state.Member(c.person(s), room.Name); in && (s.extended || s.current() == room.Name) { // is shown nothing again
		return join(r, nil)
	}
	return c.readPast(s, r, room, join)
}

// answerJoined tells a session that it is in a room, and the newest of what was said there
// unless it hears the room already.
func (c *Core) answerJoined(s *session, a asked, result state.Result, past []*state.Message) {
	room, heard := result.Room, result.Again && (s.extended || s.current() == result.Room.Name)
	c.enterRoom(s, room.Name)
	var h earlier
	if !heard {
		since, _ := c.state.Member(c.person(s), room.Name)
		h = c.roomHistory(s, room, c.seenFrom(room, since), past, c.cfg.History, a.at)
	}
	answer := c.aboutRoom(s, room, "", protocol.EventJoined, a)
	answer.Content = joinedText(answer.Data.Rooms[0], answer.Data.Names)
	if text := c.forwardedText(room.Name); text != "" {
		answer.Content += " " + text
	}
	if !s.extended || h.left > 0 {
		answer.Content += h.sentence()
	}
	c.reply(s, answer)
	c.tellRoomHistory(s, h)
}

// maxNamesInText is how many people a sentence names.
const maxNamesInText = 20

// inWords returns what a room is called in a sentence.
func inWords(room string) string { return protocol.InWords(room) }

// joinedText says where one is, what that room is about and who is there.
func joinedText(room protocol.Room, names []string) string {
	text := "You are in " + inWords(room.Name) + ": what you say goes there."
	if room.Topic != "" {
		text += " It is about: " + protocol.EndSentence(room.Topic)
	}
	if len(names) > 0 && len(names) <= maxNamesInText {
		return text + " Here are: " + strings.Join(names, ", ") + "."
	}
	return text + fmt.Sprintf(" %d people are here.", room.Members)
}

// leaveRoom has a session's user be in a room no more.
func leaveRoom(c *Core, s *session, r call) *protocol.Error {
	room, err := c.named(s, r.args[0])
	switch {
	case err != nil:
		return err
	case room.Name == state.Lobby:
		return protocol.Errorf(protocol.NotAllowed, "Everybody is in the lobby and stays there. Use:").WithCommands("logout")
	}
	return c.propose(s, &r, room.Name, &command.LeaveRoom{By: s.by(), Room: room.Name}, func(c *Core, s *session, a asked, result state.Result) {
		answer := c.leftText(s, result.Room.Name, "", a.at)
		answer.Ref = a.ref
		c.reply(s, answer)
	})
}

// leftText tells a session that its user is in a room no more. where is that of who has left
// it: "" is here.
func (c *Core) leftText(s *session, room, where string, now time.Time) protocol.Response {
	r := c.info(fmt.Sprintf("You have left %s%s: what you say goes to %s now.", room, where, inWords(s.current())), protocol.EventLeft, now)
	r.Data.Room = room
	return r
}

// topic tells what a room is about, or changes it.
func topic(c *Core, s *session, r call) *protocol.Error {
	text := r.args[0]
	room, err := c.named(s, r.args[1])
	switch {
	case err != nil:
		return err
	case room.Name == state.Lobby:
		return protocol.Errorf(protocol.NotAllowed, "The lobby has no topic; other rooms have. Use:").WithCommands("rooms", "join ROOM")
	case text == "" && !c.shows(c.person(s), &room):
		return domainError(state.ErrNoMember, room.Name)
	case text == "":
		answer := topicOf(c, &room, r.now)
		answer.Ref = r.Ref
		c.reply(s, answer)
		return nil
	case text == noTopic:
		text = ""
	default:
		if err := protocol.CheckTopic(text); err != nil {
			return err
		}
	}
	return c.propose(s, &r, room.Name, &command.SetTopic{By: s.by(), Room: room.Name, Text: text}, func(c *Core, s *session, a asked, result state.Result) {
		answer := topicOf(c, result.Room, a.at)
		answer.Ref = a.ref
		c.reply(s, answer)
	})
}

// noTopic is what one types in place of a topic for there to be none.
const noTopic = "-"

func topicOf(c *Core, room *state.Room, now time.Time) protocol.Response {
	text := protocol.WithCommands(room.Name+" has no topic. Use:", "topic TEXT")
	if room.Topic != "" {
		text = room.Name + " is about: " + protocol.EndSentence(room.Topic)
	}
	r := c.info(text, protocol.EventTopic, now)
	r.Data.Room, r.Data.Topic, r.Data.Name = room.Name, room.Topic, room.TopicBy
	return r
}

// inviteToRoom lets a person join a room.
func inviteToRoom(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	room, err := c.named(s, r.args[1])
	switch {
	case err != nil:
		return err
	case room.Name == state.Lobby:
		return protocol.Errorf(protocol.NotAllowed, "Everybody is in the lobby. To invite somebody to another room, use:").WithCommands("invite NAME ROOM")
	}
	return c.propose(s, &r, name, &command.InviteToRoom{By: s.by(), Name: name, Room: room.Name}, func(c *Core, s *session, a asked, result state.Result) {
		text := fmt.Sprintf("You have invited %s to %s.", c.toldApart(result.Name), result.Room.Name)
		if result.There == (command.Session{}) {
			text = fmt.Sprintf("%s is not connected; your invitation to %s will be told at the next login.", c.toldApart(result.Name), result.Room.Name)
		}
		answer := c.info(text, protocol.EventRoomInvited, a.at)
		answer.Ref, answer.Data.Name, answer.Data.Room = a.ref, result.Name, result.Room.Name
		c.addAway(&answer, result.Name)
		c.reply(s, answer)
	})
}
