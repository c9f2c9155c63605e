package server

import (
	"slices"
	"strconv"
	"strings"

	"parley/protocol"
	"parley/users"
	"parley/users/state"
	"parley/users/tail"
)

// A message may answer another one. An extended session is told the number of that one, a
// plain session the beginning of its text, as far as that is at hand.

// answered reads the number of the message that another one answers; 0 if it answers none.
// One that is at hand must be one that the session's user may see.
func (c *Core) answered(s *session, word string) (uint64, *protocol.Error) {
	if word == "" {
		return 0, nil
	}
	number, err := strconv.ParseUint(strings.TrimSpace(word), 10, 64)
	if err != nil || number == 0 {
		return 0, protocol.Errorf(protocol.BadRequest, `"re" is the number of the message that you answer, such as 12, and not %q.`, shorten(word))
	}
	e, is := c.atHand(number)
	if is && !c.maySee(s, &e) || !is && number > c.tail.After() {
		return 0, unknownMessage(number)
	}
	return number, nil
}

// skips returns which senders a session's user is told nothing of, by their names; nil if
// there are none.
func (c *Core) skips(s *session) func(name string) bool {
	blocked := c.state.Blocks().Blocked(s.name)
	if len(blocked) == 0 {
		return nil
	}
	folded := make(map[string]bool, len(blocked)) // it is asked of each message
	for _, name := range blocked {
		folded[users.Fold(name)] = true
	}
	return func(name string) bool { return folded[users.Fold(name)] }
}

// quoted returns the message that another one answers, if it is at hand and has a text.
func (c *Core) quoted(re uint64) (e tail.Entry, is bool) {
	if e, is = c.atHand(re); is && e.Marks().IsRemoved() {
		return tail.Entry{}, false
	}
	return e, is
}

// note notes for a plain session what a message answers, if its user may see that.
func (c *Core) note(s *session, r *protocol.Response) {
	if s.extended || r.Data.Re == 0 {
		return
	}
	if e, is := c.quoted(r.Data.Re); is && c.maySee(s, &e) {
		addQuote(r, &e)
	}
}

// noteForAll notes it for all who are in the lobby and have blocked nobody.
func (c *Core) noteForAll(r *protocol.Response) {
	if r.Data.Re == 0 {
		return
	}
	if e, is := c.quoted(r.Data.Re); is && e.Message != nil && e.Message.Room == state.Lobby {
		addQuote(r, &e)
	}
}

func addQuote(r *protocol.Response, of *tail.Entry) {
	if r.Notes == nil {
		r.Notes = &protocol.Notes{}
	}
	said := response(of, nil)
	r.Notes.Quote = &protocol.Quote{Name: said.Sender, Text: said.Content}
}

// quoteInRoom notes what a message answers for the plain sessions that hear its room, and
// returns those of them that may not see that: they are told the message by themselves.
func (c *Core) quoteInRoom(r *protocol.Response, room string) (others []*session) {
	e, is := c.quoted(r.Data.Re)
	if !is || c.plain[room] == 0 || e.Message == nil || e.Message.Room != state.Lobby && e.Message.Room != room {
		return nil
	}
	addQuote(r, &e)
	ids := c.connections(c.state.Blocks().Deaf(e.Message.Sender))
	if in, _ := c.state.Room(e.Message.Room); in.Private {
		ids = c.addMembers(nil, room)
	}
	for _, id := range ids {
		if s := c.sessions.get(id); s != nil && !s.extended && !s.leaving && s.current() == room && !c.maySee(s, &e) {
			others = append(others, s)
		}
	}
	return others
}

// deliverBut delivers a message, of which some plain sessions are told without the quote.
func (c *Core) deliverBut(d Delivery, others []*session, r protocol.Response) {
	blind := slices.DeleteFunc(others, func(s *session) bool { return d.excepts(s.id) })
	for _, s := range blind {
		d.Except = append(d.Except, s.id)
	}
	slices.Sort(d.Except)
	c.fx.Deliver(d)
	r.Notes = nil
	c.counts.deliveries += uint64(len(blind))
	for _, s := range blind {
		c.fx.SendMessage(s.id, protocol.SaidFrames(r))
	}
}
