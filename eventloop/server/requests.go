package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
	"parley/users/tail"
)

// A request does what one verb asks for. The dispatcher has checked what the
// verb table says.
type request func(c *Core, s *session, r call) *protocol.Error

// A call is a request with its arguments and the time at which it came.
type call struct {
	protocol.Request
	args []string
	now  time.Time
}

// newRequests returns what each verb of the table does.
func newRequests() map[string]request {
	return map[string]request{
		"login":  login,
		"logout": logoutOrEnd,
		"msg":    msg,
		"names":  namesOf,
		"help":   help,

		"dm": dm, "whoelse": whoelse, "whoelsesince": whoelsesince, "whois": whois, "away": away, "back": back,
		"seen": seen, "block": block, "unblock": unblock, "blocked": blocked, "register": register, "passwd": passwd, "ping": ping,

		"create": createRoom, "join": joinRoom, "leave": leaveRoom, "rooms": listRooms, "topic": topic, "invite": inviteToRoom,
		"read": moveRead, "unread": unread, "history": earlierMessages, "sessions": listSessions,

		"search": searchFor, "export": export, "forget": forget, "keep": keep,

		"edit": edit, "remove": remove, "react": react, "unreact": unreact, "versions": versions,
		"kick": kick, "mute": mute, "unmute": unmute, "ban": ban, "unban": unban, "bans": bans, "role": setRole, "announce": announce,
		"lockdown": lockdown, "slow": slow, "report": report, "reports": reports, "audit": audit,

		"startprivate": startPrivate, "acceptprivate": acceptPrivate, "declineprivate": declinePrivate, "stopprivate": stopPrivate, "relay": relay,
	}
}

// domainError makes an answer of an error of the domain that concerns a name.
func domainError(err error, name string) *protocol.Error {
	for _, known := range [...]struct {
		err  error
		code protocol.Code
		text string
	}{
		{users.ErrNameTaken, protocol.NameTaken, "The name NAME is taken. Log in with another one."},
		{users.ErrUnknownUser, protocol.UnknownUser, "There is nobody called NAME."},
		{users.ErrRegistered, protocol.NotAllowed, "The name NAME is registered already. Log in with its password."},
		{users.ErrTooManyAccounts, protocol.NotAllowed, "There are too many accounts: ask the server's owner."},
		{users.ErrSelf, protocol.BadRequest, "That is you."},
		{users.ErrAlreadyBlocked, protocol.BadRequest, "You have blocked NAME already."},
		{users.ErrNotBlocked, protocol.BadRequest, "You have not blocked NAME."},
		{users.ErrTooManyBlocked, protocol.NotAllowed, "You have blocked as many people as you can: unblock one first."},
		{users.ErrInvited, protocol.BadRequest, "You have invited NAME already: wait for the answer, or withdraw it."},
		{users.ErrNotInvited, protocol.BadRequest, "There is no invitation of NAME: it may have lapsed, or been withdrawn."},
		{users.ErrNotRelayed, protocol.NotAllowed, "Nothing is relayed between you and NAME in that session."},
		{users.ErrRelayAbused, protocol.RateLimited, "That was too much at once for NAME: nothing more is relayed between you."},
		{users.ErrAwayTooLong, protocol.TooLarge, ""},
		{users.ErrMailboxFull, protocol.NotAllowed, fmt.Sprintf("%d messages wait for NAME already, which is as many as can be kept. Try again when they have been here.", users.MaxDirects)},
		{users.ErrSenderFull, protocol.NotAllowed, fmt.Sprintf("%d messages of yours wait for NAME already, which is as many as one may leave. Try again when they have been here.", users.MaxDirectsFrom)},
		{users.ErrGuestsFull, protocol.NotAllowed, fmt.Sprintf("%d messages of guests wait for NAME already, which is as many as guests may leave. Try again when they have been here, or register your name.", users.MaxDirectsOfGuests)},
		{state.ErrReused, protocol.BadRequest, "That id belongs to another request of yours. Send this one with an id of its own."},
		{state.ErrBlocked, protocol.BlockedByUser, "That could not be delivered: NAME has blocked you."},
		{state.ErrBlocking, protocol.NotAllowed, "You have blocked NAME; unblock first."},
		{state.ErrOffline, protocol.UserOffline, "NAME is gone and has no account, so nothing can be kept for them."},
		{state.ErrPlain, protocol.NotAllowed, "NAME's client cannot do private sessions."},
		{state.ErrStale, protocol.WrongCredentials, "The password was changed meanwhile: use the new one."},
		{state.ErrGone, protocol.NotLoggedIn, "You are not logged in any more."},
		{state.ErrNoRoom, protocol.UnknownRoom, "There is no room NAME. Use: rooms, or create NAME"},
		{state.ErrNoMember, protocol.NotInRoom, "You are not in NAME. Use: join NAME"},
		{state.ErrRoomTaken, protocol.RoomTaken, "There is a room NAME already. Use: join NAME"},
		{state.ErrRoomName, protocol.BadName, "No room may be called NAME. Use another name."},
		{state.ErrLobby, protocol.NotAllowed, "That cannot be done in the lobby, in which everybody is. Use: rooms"},
		{state.ErrKey, protocol.WrongKey, "NAME has another key. Use: join NAME KEY"},
		{state.ErrPrivate, protocol.InviteOnly, "NAME is private: somebody who is in it has to invite you."},
		{state.ErrMember, protocol.BadRequest, "NAME is in that room already."},
		{state.ErrInvited, protocol.BadRequest, "NAME was invited to that room already: wait until they come."},
		{state.ErrJoinedAll, protocol.NotAllowed, fmt.Sprintf("You are in %d rooms, which is as many as one can be in. Use: leave ROOM", state.MaxJoined)},
		{state.ErrMadeAll, protocol.NotAllowed, fmt.Sprintf("You have made %d rooms, which is as many as one can: talk in one of them.", state.MaxMade)},
		{state.ErrRoomsFull, protocol.NotAllowed, "There are as many rooms as there can be. Use: rooms, or join ROOM"},
		{state.ErrTooLong, protocol.TooLarge, fmt.Sprintf("That topic is too long: at most %d bytes.", state.MaxTopic)},
		{state.ErrNoAccount, protocol.NotAllowed, "What was read is kept for accounts only. Use: register PASSWORD"},
		{state.ErrSession, protocol.BadRequest, "You have no session NAME. Use: sessions"},
		{state.ErrKeep, protocol.NotAllowed, "The server keeps less than that. Use smaller numbers, or - for what the server says."},
		{state.ErrForbidden, protocol.Forbidden, "Your role does not allow that there."},
		{state.ErrHigher, protocol.Forbidden, "NAME has the same role as you there, or a higher one."},
		{state.ErrGuest, protocol.NotAllowed, "NAME has no account: only accounts have a role of the server."},
		{state.ErrNotIn, protocol.NotInRoom, "NAME is not in that room."},
		{state.ErrKeptOut, protocol.Banned, "NAME is banned from that room. Use: unban NAME"},
		{state.ErrOwnsAll, protocol.NotAllowed, "NAME has as many rooms as one can."},
		{state.ErrAddr, protocol.BadRequest, "Addresses are banned from the whole server only, and not muted. Use: ban ADDRESS lobby"},
		{state.ErrFull, protocol.NotAllowed, "There are as many bans and mutes as there can be. Use: bans, or unban NAME"},
		{log.ErrBusy, protocol.Busy, "The server has too much to do. Wait a moment and send that again."},
		{log.ErrFailing, protocol.Internal, "The server cannot keep that: its storage has failed. Send it again later."},
	} {
		if !errors.Is(err, known.err) {
			continue
		}
		if known.text == "" {
			known.text = sentence(err)
		}
		return &protocol.Error{Code: known.code, Text: strings.ReplaceAll(known.text, "NAME", shorten(name))}
	}
	return protocol.Errorf(protocol.Internal, "The server failed to answer that. Please try again.")
}

// sentence makes a sentence of an error's text.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// historyFor returns the newest messages for a session, without those of people whom
// its user has blocked; also if there are none, since some clients wait for a
// history before they let their user chat.
func (c *Core) historyFor(s *session, now time.Time) earlier {
	fresh := history{at: now.Unix()}
	blocks := c.state.Blocks()
	if blocks.Any(s.name) {
		newest := c.tail.Newest(state.Lobby, c.cfg.History)
		heard := slices.DeleteFunc(newest, func(m *state.Message) bool { return blocks.Has(s.name, m.Sender) })
		return c.encodeHistory(&fresh, heard, s.extended, c.skips(s), func(r *protocol.Response) { c.note(s, r) }, now)
	}
	if h := &c.history; h.at != fresh.at {
		fresh.messages = c.tail.Newest(state.Lobby, c.cfg.History)
		*h = fresh
	}
	return c.encodeHistory(&c.history, c.history.messages, s.extended, nil, c.noteForAll, now)
}

// encodeHistory encodes messages for one kind of session, unless that is done. Of the
// reactions to them those are passed over whose names are skipped; note notes for a plain
// session what they answer.
func (c *Core) encodeHistory(h *history, messages []*state.Message, extended bool, skip func(string) bool, note func(*protocol.Response), now time.Time) earlier {
	p := &h.plain
	if extended {
		p = &h.extended
	}
	switch {
	case p.frames != nil:
		return *p
	case extended:
		p.frames, p.told = protocol.ExtendedHistory(historyOf(messages, skip, nil, now))
	default:
		before := 1 // response: the answer to the login
		p.frames, p.numbers, p.told = protocol.PlainHistory(historyOf(messages, skip, note, now), c.cfg.PlainHistory, max(capacity(c.cfg.Pace)-before, 1))
	}
	p.left = len(messages) - p.told
	return *p
}

// sentence says what of the history follows a login: in a plain session old
// messages may look like new ones.
func (h earlier) sentence() string {
	switch {
	case h.told == 0:
		return ""
	case h.told == 1 && h.left == 0:
		return " One earlier message follows."
	case h.left == 0:
		return fmt.Sprintf(" %d earlier messages follow.", h.told)
	}
	return fmt.Sprintf(" The newest %d earlier messages follow; those before them are left out.", h.told)
}

// historyOf makes a history of messages, without reactions of those who are skipped. note, if
// it is not nil, notes what they answer.
func historyOf(messages []*state.Message, skip func(string) bool, note func(*protocol.Response), now time.Time) protocol.Response {
	r := protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindHistory, Data: &protocol.Data{Event: protocol.EventHistory},
		History: make([]protocol.Response, 0, len(messages))}
	for _, m := range messages {
		said := messageResponse(m, skip)
		if note != nil {
			note(&said)
		}
		r.History = append(r.History, said)
	}
	return r
}

// messageResponse makes one of a message, without reactions of those who are skipped.
func messageResponse(m *state.Message, skip func(name string) bool) protocol.Response {
	return protocol.Response{Time: m.Time, Sender: m.Sender, Kind: protocol.KindMessage, Content: m.Text,
		Data: &protocol.Data{Event: protocol.EventMessage, ID: m.Number, Room: roomOnWire(m.Room), Re: m.Re, Marks: marks(m.Marks, skip)}}
}

func logout(c *Core, s *session, r call) *protocol.Error {
	answer := c.info("Logout successful. Good bye, "+s.name+".", protocol.EventLogout, r.now)
	answer.Ref = r.Ref
	c.reply(s, answer)
	c.close(s, users.LoggedOut, r.now)
	return nil
}

func msg(c *Core, s *session, r call) *protocol.Error {
	text := r.args[0]
	if err := protocol.CheckText(text); err != nil {
		return err
	}
	room := s.current()
	if r.args[1] != "" {
		room = r.args[1]
	}
	re, err := c.answered(s, r.args[2])
	if err != nil {
		return err
	}
	then := answerMessage
	if s.extended && r.Ref == "" && r.ID == "" || !s.extended && sameName(room, s.current()) {
		then = nil // the echo says it
	}
	return c.propose(s, &r, room, &command.Message{By: s.by(), ID: r.ID, Room: room, Text: text, Re: re}, then)
}

// answerMessage tells the sender that a message is kept.
func answerMessage(c *Core, s *session, a asked, result state.Result) {
	answer := c.info("Your message was accepted.", protocol.EventAccepted, a.at)
	answer.Ref, answer.Data.ID = a.ref, result.Number
	switch {
	case result.Message != nil:
		answer.Data.Room = roomOnWire(result.Message.Room)
	case result.Room != nil: // in which it was said before
		answer.Data.Room = roomOnWire(result.Room.Name)
	}
	c.reply(s, answer)
}

// deliverMessage tells a message to everybody who hears its room and has not blocked its
// sender, and the session that has sent it that it was not told to some who are there.
func (c *Core) deliverMessage(m *state.Message, by *session) {
	r := messageResponse(m, nil)
	var others []*session
	if m.Re != 0 {
		others = c.quoteInRoom(&r, m.Room)
	}
	d := c.encode(r, m.Room, true)
	d.Number, d.Except = m.Number, connections(c.state.Blocks().Deaf(m.Sender))
	c.tail.Add(tail.Entry{Message: m, Frame: d.Extended})
	if m.Room == state.Lobby {
		c.history.at = 0
	}
	c.deliverBut(d, others, r)
	if by != nil && !by.excepted && !by.leaving && c.anyIn(m.Room, d.Except) {
		by.excepted = true // once is enough
		c.reply(by, c.info("Your message was not delivered to some.", protocol.EventUndelivered, m.Time))
	}
}

// anyIn reports whether the user of one of some sessions is in a room.
func (c *Core) anyIn(room string, sessions []eventloop.ConnID) bool {
	return slices.ContainsFunc(sessions, func(id eventloop.ConnID) bool {
		s := c.sessions.get(id)
		if s == nil {
			return false
		}
		_, in := c.state.Member(c.person(s), room)
		return in
	})
}

// encode returns a response for all who hear a room, encoded once per kind of session.
func (c *Core) encode(r protocol.Response, room string, plainToo bool) (d Delivery) {
	d.Room = room
	if c.extended > 0 {
		d.Extended = extendedFrame(r)
	}
	if plainToo && c.plain[room] > 0 {
		d.Plain = protocol.PlainFrames(r)
	}
	return d
}

func help(c *Core, s *session, r call) *protocol.Error {
	text := c.help[s.extended]
	word := strings.ToLower(strings.TrimSpace(r.args[0]))
	if v := c.verbs.Lookup(word); v != nil && (s.extended || !v.Extended) { // clients send all kinds of words here
		text = v.HelpAlone()
	} else if word == protocol.OrderTopic {
		text = c.verbs.OrderHelp()
	}
	answer := c.info(text, protocol.EventHelp, r.now)
	answer.Ref = r.Ref
	c.reply(s, answer)
	return nil
}
