package server

import (
	"errors"

	"parley/protocol"
	"parley/users"
	"parley/users/rooms"
)

// mail is what the core knows of direct messages that wait. The messages
// themselves are with the keeper.
type mail struct {
	last  uint64 // number of the newest one
	boxes users.Mailboxes
}

// dm says something to one person: at once to one who is there, and at the next
// login to one who is not but has an account.
func dm(c *Core, s *session, r call) *protocol.Error {
	name, text := r.args[0], r.args[1]
	if err := protocol.CheckText(text); err != nil {
		return err
	}
	sender := users.Fold(s.name)
	if users.Fold(name) == sender {
		return protocol.Errorf(protocol.BadRequest, "That is you. Use:").WithCommands("dm NAME TEXT")
	}
	request := rooms.Request{Sender: sender, ID: r.ID}
	before, reused := c.log.Requests().Find(request, name, text)
	if reused != nil {
		return domainError(reused, s.name)
	}
	if before != nil {
		c.retryDirect(s, r, name, before)
		return nil
	}
	to := c.find(name)
	if to == nil {
		spelled, err := c.mailbox(name)
		if err != nil {
			return err
		}
		name = spelled
	}
	if c.blocks.Has(name, s.name) {
		return protocol.Errorf(protocol.BlockedByUser, "That could not be delivered: %s has blocked you.", name)
	}
	if to == nil {
		return c.storeDirect(s, r, name, text)
	}
	d := users.Direct{Time: r.now, From: s.name, To: to.name, Text: text}
	if to.reading {
		to.later().directs = append(to.later().directs, directMessage(d)) // behind those that have waited
	} else {
		c.reply(to, directMessage(d))
	}
	if r.ID != "" {
		c.log.Requests().Add(request, rooms.Digest(name, text), 0, true, r.now)
	}
	c.replyDirect(s, r, to.name, false)
	return nil
}

// mailbox returns the name of somebody who is not there but has an account, for
// which direct messages are kept.
func (c *Core) mailbox(name string) (string, *protocol.Error) {
	account, err := c.accounts.Lookup(name)
	if err == nil {
		return account.Name, nil
	}
	if _, known := c.presence.Lookup(name); known {
		return "", protocol.Errorf(protocol.UserOffline, "%s is gone and has no account, so nothing can be kept for them.", name)
	}
	return "", domainError(users.ErrUnknownUser, name)
}

// directMessage makes a response of a direct message.
func directMessage(d users.Direct) protocol.Response {
	return protocol.Response{Time: d.Time, Sender: d.From, Kind: protocol.KindMessage, Content: d.Text,
		Data: &protocol.Data{Event: protocol.EventDirect, To: d.To, ID: d.ID}}
}

// storeDirect keeps a direct message for a receiver who is not there.
func (c *Core) storeDirect(s *session, r call, to, text string) *protocol.Error {
	switch err := c.mail.boxes.Check(to, s.name, c.guest); {
	case errors.Is(err, users.ErrSenderFull):
		return protocol.Errorf(protocol.NotAllowed, "%d messages of yours wait for %s already, which is as many as one may leave. Try again when they have been here.", users.MaxDirectsFrom, to)
	case errors.Is(err, users.ErrGuestsFull):
		return protocol.Errorf(protocol.NotAllowed, "%d messages of guests wait for %s already, which is as many as guests may leave. Try again when they have been here, or register your name.", users.MaxDirectsOfGuests, to)
	case err != nil:
		return protocol.Errorf(protocol.NotAllowed, "%d messages wait for %s already, which is as many as can be kept. Try again when they have been here.", users.MaxDirects, to)
	}
	c.mail.boxes.Add(to, s.name, 1)
	c.mail.last++
	d := users.Direct{ID: c.mail.last, Time: r.now, From: s.name, To: to, Text: text}
	request := rooms.Request{Sender: users.Fold(d.From), ID: r.ID}
	if r.ID != "" {
		c.log.Requests().Add(request, rooms.Digest(to, text), d.ID, false, r.now)
	}
	c.keeper.PutDirect(d, r.ID, func(err error) {
		if err != nil {
			c.mail.boxes.Remove(to, d.From)
		}
		if err == nil {
			if there := c.find(to); there != nil { // came meanwhile
				c.readMail(there)
			}
		}
		c.answerDirect(s, r, to, true, err)
		c.log.Requests().Done(request, err)
	})
	return nil
}

// retryDirect answers to a direct message that was sent before, like the first time.
func (c *Core) retryDirect(s *session, r call, to string, before *rooms.Outcome) {
	before.Wait(wayBack(c, func(err error) { c.answerDirect(s, r, to, before.Number != 0, err) }))
}

// answerDirect tells the sender, if they are still there, what became of a direct
// message when that is known.
func (c *Core) answerDirect(s *session, r call, to string, stored bool, err error) {
	switch {
	case c.sessions[s.id] != s || s.leaving:
	case err != nil:
		c.refuse(s, r.Request, domainError(err, to), r.now)
	default:
		c.replyDirect(s, r, to, stored)
	}
}

// guest reports whether a name is no account's.
func (c *Core) guest(name string) bool {
	_, err := c.accounts.Lookup(name)
	return err != nil
}

// replyDirect tells the sender what became of a direct message.
func (c *Core) replyDirect(s *session, r call, to string, stored bool) {
	text, event := "Your message was delivered to "+to+".", protocol.EventDelivered
	if stored {
		text, event = to+" is not connected; your message will be delivered at the next login.", protocol.EventStored
	}
	answer := c.info(text, event, r.now)
	answer.Ref, answer.Data.To = r.Ref, to
	c.addAway(&answer, to)
	if s.extended {
		c.fx.SendLater(s.id, c.frame(answer))
		return
	}
	c.reply(s, answer)
}

// readMail delivers what waits for a user who is there, in order and once. Direct
// messages that come meanwhile are held back behind it.
func (c *Core) readMail(s *session) {
	if c.mail.boxes.Len(s.name) == 0 || !s.account || s.reading {
		return
	}
	s.reading = true
	id := s.id
	c.keeper.Directs(s.name, func(list []users.Direct, err error) {
		if c.sessions[id] != s || s.leaving || s.name == "" {
			return
		}
		s.reading = false
		for _, d := range list {
			if !c.blocks.Has(d.To, d.From) {
				c.reply(s, directMessage(d))
			}
		}
		for _, r := range s.later().directs {
			c.reply(s, r)
		}
		s.backlog.directs = nil
		if err == nil && len(list) > 0 {
			for _, d := range list {
				c.mail.boxes.Remove(d.To, d.From)
			}
			c.keeper.DeleteDirects(s.name, list[len(list)-1].ID)
		}
	})
}
