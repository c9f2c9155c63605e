package server

import (
	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
	"parley/users/tail"
)

// dm says something to one person, who gets it at the next login if not here now.
func dm(c *Core, s *session, r call) *protocol.Error {
	name, text := r.args[0], r.args[1]
	if sameName(name, s.name) {
		return protocol.Errorf(protocol.BadRequest, "That is you. Use:").WithCommands("dm NAME TEXT")
	}
	say := &command.Direct{By: s.by(), ID: r.ID, To: name, Text: text}
	var err *protocol.Error
	if say.Re, err = c.checkSaid(s, text, r.args[2]); err != nil {
		return c.unlessAgain(say, c.teller(s, &r, name, say, answerDirect), err)
	}
	return c.propose(s, &r, name, say, answerDirect)
}

// answerDirect tells the sender what became of a direct message.
func answerDirect(c *Core, s *session, a asked, result state.Result) {
	to := result.Name
	text, event := "Your message was delivered to "+c.toldApart(to)+".", protocol.EventDelivered
	if result.There == (command.Session{}) {
		text, event = c.toldApart(to)+" is not connected; your message will be delivered at the next login.", protocol.EventStored
	}
	answer := c.info(text, event, a.at)
	answer.Ref, answer.Data.To, answer.Data.ID, answer.Data.Seconds = a.ref, to, result.Number, int(a.waited)
	c.addAway(&answer, to)
	if s.extended {
		c.tellLikes(&answer)
		c.fx.SendLater(s.id, c.frame(answer))
		return
	}
	c.reply(s, answer)
}

// deliverDirect tells a direct message to its receiver, who may not be here, and to the
// other sessions of who has sent it with one. Who is told of the past meets it there.
func (c *Core) deliverDirect(d *state.Direct, by command.Session) {
	c.tail.Add(tail.Entry{Direct: d})
	if s := c.of(by); s != nil && s.catch() != nil {
		s.rare.catch.own = append(s.rare.catch.own, d.Number)
	}
	var few [4]command.Session // most have one session: no memory is taken for so many
	people := c.state.Presence()
	for _, session := range people.AppendSessions(people.AppendSessions(few[:0], d.To), d.Sender) {
		to := c.of(session)
		if to == nil || session == by || to.leaving || to.catch() != nil {
			continue
		}
		c.counts.deliveries++
		r := directMessage(d, nil)
		c.note(to, &r)
		if to.extended {
			c.reply(to, r)
			continue
		}
		c.tellLikes(&r)
		c.fx.SendMessage(to.id, protocol.SaidFrames(r))
		c.fx.TellOut(to.id, d.Number)
	}
}

// directMessage makes a response of a direct message, without reactions of those who are
// skipped.
func directMessage(d *state.Direct, skip func(name string) bool) protocol.Response {
	return protocol.Response{Time: d.Time, Sender: d.Sender, Kind: protocol.KindMessage, Content: d.Text,
		Data: &protocol.Data{Event: protocol.EventDirect, To: d.To, ID: d.Number, Re: d.Re, Marks: marks(d.Marks, skip)}}
}
