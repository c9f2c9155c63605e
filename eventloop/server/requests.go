package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
	"parley/users/tail"
)

// A request does what one verb asks for. The dispatcher has checked what the
// verb table says.
type request func(c *Core, s *session, r call) *protocol.Error

// A call is a request with its arguments and the time at which it came.
type call struct {
	protocol.Request
	args   []string
	waited time.Duration // for what its user may send
	now    time.Time
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
	case p.frames != nil || p.said != nil:
		return *p
	case extended:
		p.frames, p.told = protocol.ExtendedHistory(c.historyOf(messages, skip, nil, now))
	default:
		before := 1 // response: the answer to the login
		p.said, p.told = protocol.PlainHistory(c.historyOf(messages, skip, note, now), c.cfg.PlainHistory, max(capacity(c.cfg.Pace)-before, 1))
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
func (c *Core) historyOf(messages []*state.Message, skip func(string) bool, note func(*protocol.Response), now time.Time) protocol.Response {
	r := protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindHistory, Data: &protocol.Data{Event: protocol.EventHistory},
		History: make([]protocol.Response, 0, len(messages))}
	for _, m := range messages {
		said := messageResponse(m, skip)
		if note != nil {
			note(&said)
		}
		c.tellLikes(&said)
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
	text, room := r.args[0], s.current()
	if r.args[1] != "" {
		room = r.args[1]
	}
	then := answerMessage
	if s.extended && r.Ref == "" && r.ID == "" || !s.extended && sameName(room, s.current()) {
		then = nil // the echo says it
	}
	say := &command.Message{By: s.by(), ID: r.ID, Room: room, Text: text}
	var err *protocol.Error
	if say.Re, err = c.checkSaid(s, text, r.args[2]); err != nil {
		return c.unlessAgain(say, c.teller(s, &r, room, say, then), err)
	}
	return c.propose(s, &r, room, say, then)
}

// checkSaid refuses a text that may not be said, and returns the number of the message that it
// answers, 0 if it answers none. What was said before, when a longer text was allowed, and is
// sent again is not to be refused: see unlessAgain.
func (c *Core) checkSaid(s *session, text, re string) (uint64, *protocol.Error) {
	if err := protocol.CheckText(text, c.cfg.MaxText); err != nil {
		return 0, err
	}
	return c.answered(s, re)
}

// answerMessage tells the sender that a message is kept.
func answerMessage(c *Core, s *session, a asked, result state.Result) {
	answer := c.info("Your message was accepted.", protocol.EventAccepted, a.at)
	answer.Ref, answer.Data.ID, answer.Data.Seconds = a.ref, result.Number, int(a.waited)
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
	d.Number, d.Except = m.Number, c.connections(c.state.Blocks().Deaf(m.Sender))
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
	c.tellLikes(&r)
	if c.extended > 0 {
		d.Extended = extendedFrame(r)
	}
	if plainToo && c.plain[room] > 0 {
		d.Plain = protocol.SaidFrames(r)
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
