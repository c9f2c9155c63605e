package server

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
	"parley/users/tail"
)

// report tells those who keep order of a message or a person. What is no number is a name;
// the name that is one is written @12.
func report(c *Core, s *session, r call) *protocol.Error {
	about, why := r.args[0], strings.TrimSpace(r.args[1])
	if why != "" {
		if err := protocol.CheckWhy(why); err != nil {
			return err
		}
	}
	name, named := strings.CutPrefix(about, "@")
	if !named && isNumber(about) {
		return c.reportMessage(s, r, about, why)
	}
	if _, known := c.state.Presence().Lookup(name); !known {
		if _, known = c.state.Spelling(name); !known {
			return domainError(users.ErrUnknownUser, name)
		}
	}
	return c.propose(s, &r, name, &command.Report{By: s.by(), Name: name, Why: why}, answerReport)
}

// reportMessage reports a message that who asks may see.
func (c *Core) reportMessage(s *session, r call, about, why string) *protocol.Error {
	number, err := messageNumber(about, "report ID WHY")
	if err != nil {
		return err
	}
	return c.find(s, r, number, asMember, func(r call, found *tail.Entry, asOf uint64) *protocol.Error {
		of := target(found, asOf)
		return c.propose(s, &r, of.Sender, &command.Report{By: s.by(), Of: &of, Why: why}, answerReport)
	})
}

// answerReport tells who has reported something that it was noted.
func answerReport(c *Core, s *session, a asked, result state.Result) {
	answer := c.aboutAct(result.Act, s.name, a.at)
	answer.Ref = a.ref
	answer.Content += " Those who keep order are told."
	c.reply(s, answer)
}

// reports lists what was reported and who asks may be told of, the newest first.
func reports(c *Core, s *session, r call) *protocol.Error {
	person := c.person(s)
	all := c.state.Reports(person, math.MaxUint64, protocol.MaxActs)
	if len(all) == 0 && !c.state.May(person, "reports", s.current()) {
		return domainError(state.ErrForbidden, s.current())
	}
	order := &protocol.Order{Acts: []protocol.Act{}}
	for _, a := range slices.Backward(all) {
		order.Acts = append(order.Acts, actOnWire(&a))
	}
	answer := c.info("Nothing was reported.", protocol.EventReports, r.now)
	answer.Ref, answer.Data.Order = r.Ref, order
	c.replyList(s, answer, 0)
	return nil
}

// tellReport tells those who keep order what was reported.
func (c *Core) tellReport(a *state.Act, by command.By, now time.Time) {
	r := c.aboutAct(a, "", now)
	uses := []string{"reports"}
	if a.Message != 0 && a.Room != "" { // a direct message is between two
		uses = append(uses, fmt.Sprintf("remove %d", a.Message))
		if e, is := c.quoted(a.Message); is {
			r.Data.Text = e.Message.Text
			r.Content += " It says: " + protocol.Quoted(e.Message.Text) + "."
		}
	}
	r.Content = protocol.WithCommands(r.Content+" Use:", uses...)
	c.tellKeepers(r, a.Room, by.Session)
}

// tellReports tells a session that has logged in how many reports its user has not heard of.
func (c *Core) tellReports(s *session, n int, now time.Time) {
	if n == 0 {
		return
	}
	text := "There was one report while you were gone. Use:"
	if n > 1 {
		text = fmt.Sprintf("There were %d reports while you were gone. Use:", n)
	}
	c.reply(s, c.info(protocol.WithCommands(text, "reports"), protocol.EventReports, now))
}
