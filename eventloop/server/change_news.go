package server

import (
	"slices"
	"strings"

	"parley/eventloop"
	"parley/users/command"
	"parley/users/state"
)

// deliverChange tells of a change those who were told of the message or may see it, but for
// the session that has asked for it, which is answered. What was encoded with the message as
// it was is forgotten.
func (c *Core) deliverChange(ch *state.Change, by command.Session) {
	now := c.tail.Change(ch, c.changing)
	if ch.Removed != nil {
		c.fx.Withdraw(ch.Of.Number)
	}
	if c.changed != nil {
		c.changed(now)
	}
	if ch.Of.Room == "" {
		to := c.personName(ch.Of.To)
		if now.Direct != nil {
			to = now.Direct.To
		}
		c.deliverDirectChange(ch, to, by)
		return
	}
	if ch.Of.Room == state.Lobby {
		c.history = history{}
	}
	c.forward(ch.Of.Room)
	d := c.encode(c.changeResponse(ch, ""), ch.Of.Room, true)
	if ch.Removed == nil {
		d.Number = ch.Of.Number
	}
	d.Except = c.addConnection(c.connections(c.state.Blocks().Deaf(ch.Of.Sender)), by)
	if ch.Word != "" {
		d.Except = append(d.Except, c.connections(c.state.Blocks().Deaf(ch.By.Name))...)
	}
	d.Except = append(d.Except, c.joinedLater(ch.Of.Room, ch.Of.Number)...)
	slices.Sort(d.Except)
	d.Except = slices.Compact(d.Except)
	c.fx.Deliver(d)
}

// joinedLater returns the sessions of those in a private room who have joined it behind a
// number: what was said up to it they may not see. In a public one all may.
func (c *Core) joinedLater(name string, number uint64) (ids []eventloop.ConnID) {
	room, _ := c.state.Room(name)
	if !room.Private {
		return nil
	}
	for _, name := range c.state.NamesIn(room.Name) {
		there, _ := c.state.Online(name)
		if since, _ := c.state.Member(there.Person, room.Name); since < number {
			continue
		}
		for _, login := range c.state.Sessions(name) {
			ids = c.addConnection(ids, login.Session)
		}
	}
	return ids
}

// deliverDirectChange tells both between whom a direct message is. Who is told of the past
// meets it there.
func (c *Core) deliverDirectChange(ch *state.Change, to string, by command.Session) {
	blocks := c.state.Blocks()
	for _, s := range append(c.sessionsOfPerson(ch.Of.From), c.sessionsOfPerson(ch.Of.To)...) {
		if s.key() == by || s.catch() != nil || blocks.Has(s.name, ch.Of.Sender) || blocks.Has(s.name, ch.By.Name) {
			continue
		}
		c.reply(s, c.changeResponse(ch, to))
	}
}

// personName returns the name of a person, however it is spelled; "" of a guest who is not
// here.
func (c *Core) personName(person string) string {
	if strings.HasPrefix(person, command.GuestPrefix) {
		name, _ := c.state.Guest(person)
		return name
	}
	return c.spelled(person)
}

// sessionsOfPerson returns those of a person that are here and not about to end.
func (c *Core) sessionsOfPerson(person string) []*session {
	name := c.personName(person)
	if there, is := c.state.Online(name); !is || there.Person != person { // somebody else has that name now
		return nil
	}
	return c.sessionsOf(name)
}
