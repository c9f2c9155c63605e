package server

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/rooms"
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
	}
}

func login(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	if err := protocol.CheckName(name); err != nil {
		return err
	}
	if err := c.online.Claim(name, uint64(s.id)); err != nil {
		return domainError(err, name)
	}
	s.name, s.extended, c.names = name, r.Extended, nil
	if s.extended {
		c.extended++
	} else {
		c.plain++
	}
	c.fx.Join(s.id, s.extended)
	welcome := c.info(fmt.Sprintf("Login successful. Welcome, %s! Users connected: %d.", name, c.online.Len()), protocol.EventLogin, r.now)
	welcome.Ref, welcome.Data.Name, welcome.Data.Log = r.Ref, name, c.log.Name()
	c.reply(s, welcome)
	c.sendHistory(s, r.now)
	return nil
}

// domainError makes an answer of an error of the domain.
func domainError(err error, name string) *protocol.Error {
	switch {
	case errors.Is(err, users.ErrNameTaken):
		return protocol.Errorf(protocol.NameTaken, "The name %s is taken. Log in with another one.", name)
	case errors.Is(err, rooms.ErrBusy):
		return protocol.Errorf(protocol.Busy, "The server has too much to do. Wait a moment and send that again.")
	case errors.Is(err, rooms.ErrNotKept):
		return protocol.Errorf(protocol.Internal, "The server could not keep your message: its storage has failed. Send it again later.")
	}
	return protocol.Errorf(protocol.Internal, "The server failed to answer that. Please try again.")
}

// sendHistory sends the newest messages, also if there are none: some clients
// wait for a history before they let their user chat.
func (c *Core) sendHistory(s *session, now time.Time) {
	newest := c.log.Newest(c.cfg.History)
	fresh := history{at: now.Unix()}
	if len(newest) > 0 {
		fresh.last = newest[len(newest)-1].ID
	}
	h := &c.history
	if h.last != fresh.last || h.at != fresh.at {
		*h = fresh
	}
	if s.extended && h.extended == nil || !s.extended && h.plain == nil {
		r := protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindHistory, Data: &protocol.Data{Event: protocol.EventHistory}}
		for _, m := range newest {
			r.History = append(r.History, said(m))
		}
		if s.extended {
			h.extended = protocol.ExtendedHistory(r)
		} else {
			h.plain = protocol.PlainHistory(r, c.cfg.PlainHistory)
		}
	}
	if s.extended {
		c.fx.Send(s.id, c.history.extended)
		return
	}
	for _, frame := range c.history.plain {
		c.fx.Send(s.id, frame)
	}
}

// said makes a response of a message.
func said(m rooms.Message) protocol.Response {
	return protocol.Response{Time: m.Time, Sender: m.Sender, Kind: protocol.KindMessage, Content: m.Text,
		Data: &protocol.Data{Event: protocol.EventMessage, ID: m.ID}}
}

func logout(c *Core, s *session, r call) *protocol.Error {
	answer := c.info(fmt.Sprintf("Logout successful. Good bye, %s.", s.name), protocol.EventLogout, r.now)
	answer.Ref = r.Ref
	c.reply(s, answer)
	c.close(s)
	return nil
}

func msg(c *Core, s *session, r call) *protocol.Error {
	text := r.args[0]
	if len(text) > protocol.MaxText {
		return protocol.Errorf(protocol.TooLarge, "That text is too long: at most %d bytes, yours has %d. Send it in parts.", protocol.MaxText, len(text))
	}
	if strings.TrimSpace(text) == "" {
		return protocol.Errorf(protocol.BadRequest, "That text is blank. Use: msg TEXT")
	}
	wantsWord := s.extended && (r.Ref != "" || r.ID != "")
	held := c.log.Troubled() // what may be lost is not told before it is safe
	m, fresh, err := c.log.Append(rooms.Message{Time: r.now, Sender: s.name, Text: text}, r.ID, func(m rooms.Message, err error) {
		if err == nil && held {
			c.deliver(said(m))
		}
		if err != nil || wantsWord {
			c.committed(s, r, m, err)
		}
	})
	if err != nil {
		return domainError(err, s.name)
	}
	if fresh && !held {
		c.deliver(said(m))
	}
	return nil
}

// committed tells the sender what became of a message, if they are still there.
func (c *Core) committed(s *session, r call, m rooms.Message, err error) {
	switch {
	case c.sessions[s.id] != s || s.leaving:
	case err != nil:
		c.refuse(s, r.Request, domainError(err, s.name), m.Time)
	default:
		answer := c.info("Your message was accepted.", protocol.EventAccepted, m.Time)
		answer.Ref, answer.Data.ID = r.Ref, m.ID
		c.reply(s, answer)
	}
}

// deliver sends a response to every member, encoded once per kind of session.
func (c *Core) deliver(r protocol.Response) {
	var extended []byte
	var plain [][]byte
	if c.extended > 0 {
		extended = protocol.AppendExtended(nil, r)
	}
	if c.plain > 0 {
		plain = protocol.PlainFrames(r)
	}
	c.fx.Deliver(extended, plain)
}

func names(c *Core, s *session, r call) *protocol.Error {
	if c.names == nil {
		list := c.online.Names()
		answer := c.info(strings.Join(list, ", "), protocol.EventNames, r.now)
		answer.Data.Names = list
		c.names = &answer
	}
	answer := *c.names
	answer.Time, answer.Ref = r.now, r.Ref
	c.reply(s, answer)
	return nil
}

func help(c *Core, s *session, r call) *protocol.Error {
	answer := c.info(c.help, protocol.EventHelp, r.now)
	answer.Ref = r.Ref
	c.reply(s, answer)
	return nil
}
