package server

import (
	"strconv"
	"strings"

	"parley/protocol"
	"parley/users/state"
	"parley/users/tail"
)

// A message that somebody names by its number is at hand, in the tail, or else read from what
// is kept.
// Who asks is told of one only if they may see it, and else the same as of one that is not
// there: numbers say nothing of what others talk about.

// A finder does something with a message that was found. asOf is the number up to which all
// that has become of it is known.
type finder func(r call, found *tail.Entry, asOf uint64) *protocol.Error

// messageNumber reads the number of a message. usage is how the request is typed.
func messageNumber(word, usage string) (uint64, *protocol.Error) {
	number, err := strconv.ParseUint(strings.TrimSpace(word), 10, 64)
	if err != nil || number == 0 {
		return 0, protocol.Errorf(protocol.BadRequest, "ID is the number of a message, such as 12, and not %q. Use:", shorten(word)).WithCommands(usage)
	}
	return number, nil
}

// unknownMessage is told of each message that one may not see, whatever the reason.
func unknownMessage(number uint64) *protocol.Error {
	return protocol.Errorf(protocol.UnknownMessage, "There is no message %d that you can see.", number)
}

// A sight is whose messages somebody may name.
type sight bool

const (
	asMember sight = false // those that one may see
	asKeeper sight = true  // also those of where one keeps order
)

// find goes on with a message, if a session's user may name it. The session is busy while it
// is read from what is kept. That is not before all is kept that was decided: the file knows
// all that has become of the message then.
func (c *Core) find(s *session, r call, number uint64, as sight, then finder) *protocol.Error {
	if e, is := c.atHand(number); is {
		return c.ifSeen(s, r, number, as, &e, c.state.Last(), then)
	}
	if number > c.tail.After() {
		return unknownMessage(number)
	}
	if c.log.Failing() != nil {
		return domainError(c.failing(), s.name)
	}
	asOf, at := c.state.Last(), c.log.Applied()
	back := readFor(c, s, r, "That message", func(r call, found *tail.Entry) *protocol.Error {
		if c.renamed > at { // it may be of a guest who is an account now
			return c.find(s, r, number, as, then)
		}
		return c.ifSeen(s, r, number, as, found, asOf, then)
	})
	c.held.call(func() { c.reader.Find(number, back) })
	return nil
}

func (c *Core) ifSeen(s *session, r call, number uint64, as sight, found *tail.Entry, asOf uint64, then finder) *protocol.Error {
	if found == nil || !c.maySee(s, found) && !(as == asKeeper && c.keepsOrder(s, found)) {
		return unknownMessage(number)
	}
	return then(r, found, asOf)
}

// readAsOf returns the number up to which what is read now has all that has become of
// messages, if it waits until all is kept that was decided, or if it does not.
func (c *Core) readAsOf(waits bool) uint64 {
	if waits || c.volatile {
		return c.state.Last()
	}
	return c.safe
}

// atHand returns a message as it is now, if the tail has it, or has its last change.
func (c *Core) atHand(number uint64) (e tail.Entry, is bool) {
	if e, is = c.tail.Find(number); is {
		return e, true
	}
	return c.tail.FindChange(c.state.LastChange(number))
}

// refresh makes entries that were read some time ago what they are now, as far as they are at
// hand. It reports whether they are that then: none of the others was changed behind a
// number.
func (c *Core) refresh(entries []tail.Entry, asOf uint64) bool {
	for i := range entries {
		e := &entries[i]
		if now, is := c.atHand(e.Of()); is {
			e.Message, e.Direct = now.Message, now.Direct
		} else if c.state.Changed(e.Of(), asOf) {
			return false
		}
	}
	return true
}

// refreshPages is refresh of all pages.
func (c *Core) refreshPages(pages []tail.HistoryPage, asOf uint64) bool {
	for _, p := range pages {
		if !c.refresh(p.Entries, asOf) {
			return false
		}
	}
	return true
}

// refreshMessages is refresh of messages in rooms.
func (c *Core) refreshMessages(messages []*state.Message, asOf uint64) bool {
	for i, m := range messages {
		if now, is := c.atHand(m.Number); is {
			messages[i] = now.Message
		} else if c.state.Changed(m.Number, asOf) {
			return false
		}
	}
	return true
}

// maySee reports whether a session's user may see a message: one of a room that they are in,
// unless it was said there before a private room was theirs or by somebody whom they have
// blocked, one of their own, and a direct message to or from them.
func (c *Core) maySee(s *session, e *tail.Entry) bool {
	person := c.person(s)
	if d := e.Direct; d != nil {
		return d.From == person || d.Person == person && !c.state.Blocks().Has(s.name, d.Sender)
	}
	m := e.Message
	room, there := c.state.Room(m.Room)
	if !there || m.Number <= room.Number { // that of an older room of the name
		return false
	}
	if c.state.Owns(person, m.Person, m.Number) {
		return true
	}
	since, in := c.state.Member(person, room.Name)
	return in && m.Number > c.seenFrom(&room, since) && !c.state.Blocks().Has(s.name, m.Sender)
}

// keepsOrder reports whether a session's user keeps order where a message was said, and so may
// see it if they name its number. Nobody keeps order among direct messages.
func (c *Core) keepsOrder(s *session, e *tail.Entry) bool {
	m := e.Message
	if m == nil || !c.state.May(c.person(s), "versions", m.Room) {
		return false
	}
	room, there := c.state.Room(m.Room)
	return there && m.Number > room.Number
}
