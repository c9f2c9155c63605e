package server

import (
	"cmp"
	"slices"
	"time"

	"parley/protocol"
	"parley/users/state"
)

// What was said in a room is told to who joins it, and at a login to an extended session. The
// newest is in the tail. What is older is read from the file before somebody joins, so that
// what was said and what is said now are told without a gap, and in order.

const (
	// loginPerRoom and loginBytes are how many messages of each room beside the lobby a
	// login is told, and of how many bytes of texts in all.
	loginPerRoom = 20
	loginBytes   = 64 << 10
)

// readPast reads what a joining person is to be told of a room and the tail does not have any
// more, and goes on. The session is busy until then.
func (c *Core) readPast(s *session, r call, room *state.Room, then func(r call, past []*state.Message) *protocol.Error) *protocol.Error {
	return c.readPastAgain(s, r, room, maxRead, then)
}

// readPastAgain is readPast, that reads so often at most if what it reads is changed
// meanwhile.
func (c *Core) readPastAgain(s *session, r call, room *state.Room, tries int, then func(r call, past []*state.Message) *protocol.Error) *protocol.Error {
	from, upTo := c.seenFrom(room, 0), c.tail.After()
	if since, in := c.state.Member(c.person(s), room.Name); room.Private && in {
		from = c.seenFrom(room, since)
	} else if room.Private { // who joins it is shown nothing from before
		return then(r, nil)
	}
	inTail, last := c.tail.NewestAfter(room.Name, from, c.cfg.History), c.state.Last()
	if room.Newest == 0 || c.volatile || from >= upTo || len(inTail) >= c.cfg.History {
		return then(r, nil)
	}
	hold := tries < maxRead || upTo > c.safe // the tail has dropped what the file does not have yet
	asOf := c.readAsOf(hold)
	back := readFor(c, s, r, "What was said in "+room.Name, func(r call, found []state.Message) *protocol.Error {
		defer c.freely()()                                 // but for what a command has brought about
		past := append(upToNumber(found, upTo), inTail...) // what the tail has dropped of what it had then is in inTail
		switch {
		case c.tail.After() > last: // of what was said meanwhile it has dropped some
			return c.readPastAgain(s, r, room, tries, then)
		case c.refreshMessages(past, asOf):
			return then(r, past)
		case tries > 1:
			return c.readPastAgain(s, r, room, tries-1, then)
		}
		return changing()
	})
	c.readBehind(hold, func() { c.reader.Newest(room.Name, from, upTo, c.cfg.History, back) })
	return nil
}

// upToNumber returns those of some messages that have a number up to one.
func upToNumber(messages []state.Message, upTo uint64) []*state.Message {
	all := make([]*state.Message, 0, len(messages))
	for i := range messages {
		if messages[i].Number <= upTo {
			all = append(all, &messages[i])
		}
	}
	return all
}

// tellRoomHistory tells a session what roomHistory has returned.
func (c *Core) tellRoomHistory(s *session, h earlier) {
	if s.extended {
		for _, frame := range h.frames {
			c.fx.Send(s.id, frame)
		}
		return
	}
	c.fx.Replay(s.id, h.said)
}

// roomHistory returns the newest of what was said in a room since a number, n messages at
// most, of which past is what readPast has found and the tail may have dropped, but for
// people whom the session's user has blocked.
func (c *Core) roomHistory(s *session, room *state.Room, since uint64, past []*state.Message, n int, now time.Time) (h earlier) {
	from := since
	if len(past) > 0 {
		from = max(since, past[len(past)-1].Number)
	}
	messages := slices.Concat(past, c.tail.NewestAfter(room.Name, from, n))
	if i, found := slices.BinarySearchFunc(messages, since, func(m *state.Message, number uint64) int { return cmp.Compare(m.Number, number) }); found {
		messages = messages[i+1:]
	} else {
		messages = messages[i:]
	}
	if blocks := c.state.Blocks(); blocks.Any(s.name) {
		messages = slices.DeleteFunc(messages, func(m *state.Message) bool { return blocks.Has(s.name, m.Sender) })
	}
	messages = messages[max(0, len(messages)-n):]
	if len(messages) == 0 {
		return earlier{}
	}
	response := c.historyOf(messages, c.skips(s), func(r *protocol.Response) { c.note(s, r) }, now)
	response.Data.Room = roomOnWire(room.Name)
	if s.extended {
		h.frames, h.told = protocol.ExtendedHistory(response)
	} else {
		h.said, h.told = protocol.PlainHistory(response, protocol.HistoryReplay, max(capacity(c.cfg.Pace)-1, 1))
	}
	h.left = len(messages) - h.told
	return h
}

// seenFrom returns behind which number a person who is in a room is shown what was said in
// it: nothing that is of an older room of that name or kept no more, and in a private one
// nothing from before the newest joining.
func (c *Core) seenFrom(room *state.Room, since uint64) uint64 {
	from := max(room.Number, c.state.Pruned(room.Name))
	if room.Private {
		return max(from, since)
	}
	return from
}

// tellRooms tells an extended session that has logged in the newest of each room that its
// person is in, the rooms first in which something was said last.
func (c *Core) tellRooms(s *session, person string, now time.Time) {
	joined := slices.Clone(c.state.Joined(person))
	slices.SortFunc(joined, func(a, b state.Joined) int { return cmp.Compare(b.Room.Newest, a.Room.Newest) })
	left := loginBytes
	for _, in := range joined {
		if left <= 0 || in.Room.Newest <= c.tail.After() {
			return
		}
		h := c.roomHistory(s, in.Room, c.seenFrom(in.Room, in.Since), nil, loginPerRoom, now)
		for _, frame := range h.frames {
			left -= len(frame)
			c.fx.Send(s.id, frame)
		}
	}
}
