package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
		"logout": logout,
		"msg":    msg,
		"names":  names,
		"help":   help,

		"dm": dm, "whoelse": whoelse, "whoelsesince": whoelsesince, "whois": whois, "away": away, "back": back,
		"seen": seen, "block": block, "unblock": unblock, "blocked": blocked, "register": register, "passwd": passwd, "ping": ping,

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
		return c.encodeHistory(&fresh, heard, s.extended, now)
	}
	if h := &c.history; h.at != fresh.at {
		fresh.messages = c.tail.Newest(state.Lobby, c.cfg.History)
		*h = fresh
	}
	return c.encodeHistory(&c.history, c.history.messages, s.extended, now)
}

// encodeHistory encodes messages for one kind of session, unless that is done.
func (c *Core) encodeHistory(h *history, messages []*state.Message, extended bool, now time.Time) earlier {
	p := &h.plain
	if extended {
		p = &h.extended
	}
	switch {
	case p.frames != nil:
		return *p
	case extended:
		p.frames, p.told = protocol.ExtendedHistory(told(messages, now))
	default:
		before := 1 // response: the answer to the login
		p.frames, p.told = protocol.PlainHistory(told(messages, now), c.cfg.PlainHistory, max(room(c.cfg.Pace)-before, 1))
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

// told makes a history of messages.
func told(messages []*state.Message, now time.Time) protocol.Response {
	r := protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindHistory, Data: &protocol.Data{Event: protocol.EventHistory},
		History: make([]protocol.Response, 0, len(messages))}
	for _, m := range messages {
		r.History = append(r.History, said(m))
	}
	return r
}

// said makes a response of a message.
func said(m *state.Message) protocol.Response {
	return protocol.Response{Time: m.Time, Sender: m.Sender, Kind: protocol.KindMessage, Content: m.Text,
		Data: &protocol.Data{Event: protocol.EventMessage, ID: m.Number}}
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
	then := answerMessage
	if !s.extended || r.Ref == "" && r.ID == "" {
		then = nil // the echo says it
	}
	return c.propose(s, &r, s.name, &command.Message{By: s.by(), ID: r.ID, Room: state.Lobby, Text: text}, then)
}

// answerMessage tells the sender that a message is kept.
func answerMessage(c *Core, s *session, a asked, result state.Result) {
	answer := c.info("Your message was accepted.", protocol.EventAccepted, a.at)
	answer.Ref, answer.Data.ID = a.ref, result.Number
	c.reply(s, answer)
}

// deliverMessage tells a message to everybody who has not blocked its sender,
// and the sender that it was not told to some.
func (c *Core) deliverMessage(m *state.Message) {
	d := c.encode(said(m), true)
	d.Except = connections(c.state.Blocks().Deaf(m.Sender))
	c.tail.Add(tail.Entry{Message: m, Frame: d.Extended})
	c.history.at = 0
	c.fx.Deliver(d)
	if len(d.Except) == 0 {
		return
	}
	if s := c.find(m.Sender); s != nil && !s.excepted && !s.leaving {
		s.excepted = true // once is enough
		c.reply(s, c.info("Your message was not delivered to some.", protocol.EventUndelivered, m.Time))
	}
}

// encode returns a response for every member, encoded once per kind of session.
func (c *Core) encode(r protocol.Response, plainToo bool) (d Delivery) {
	if c.extended > 0 {
		d.Extended = extendedFrame(r)
	}
	if c.plain > 0 && plainToo {
		d.Plain = protocol.PlainFrames(r)
	}
	return d
}

func help(c *Core, s *session, r call) *protocol.Error {
	answer := c.info(c.help[s.extended], protocol.EventHelp, r.now)
	answer.Ref = r.Ref
	c.reply(s, answer)
	return nil
}
