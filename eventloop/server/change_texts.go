package server

import (
	"errors"
	"fmt"
	"time"

	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
	"parley/users/tail"
)

// What is said of changes of messages.

// changeResponse tells of a change of a message, which is in a room or to a person. Its
// marks are what has changed: who has the message keeps the rest.
func (c *Core) changeResponse(ch *state.Change, to string) protocol.Response {
	of := &ch.Of
	d := &protocol.Data{ID: of.Number, Room: roomOnWire(of.Room), Name: of.Sender, To: to}
	switch {
	case ch.Removed != nil:
		d.Event, d.Marks = protocol.EventRemoved, &protocol.Marks{Removed: removal(ch.Removed)}
	case ch.Word == "":
		d.Event, d.Text, d.Marks = protocol.EventEdited, ch.Text, &protocol.Marks{Edited: ch.Time}
	default:
		d.Event, d.Name, d.To, d.Text = protocol.EventReacted, ch.By.Name, otherOf(ch, to), ch.Word
		if ch.Gone {
			d.Event = protocol.EventUnreacted
		}
	}
	return protocol.Response{Time: ch.Time, Sender: protocol.ServerName, Kind: protocol.KindInfo, Content: c.changeText(ch, c.whoHas(ch.By.Name)+" has"), Data: d}
}

// whoHas returns the name of who has done something, as a sentence has it: nobody is the
// server's owner at its command line.
func (c *Core) whoHas(name string) string { return c.toldApart((&protocol.Removal{By: name}).Who()) }

// changeText says that somebody has changed a message: "alice has" or "You have".
func (c *Core) changeText(ch *state.Change, who string) string {
	which := c.whichMessage(&ch.Of, ch.By.Name)
	switch {
	case ch.Removed != nil:
		return fmt.Sprintf("%s removed %s%s", who, which, because(ch.Removed.Why))
	case ch.Word == "":
		return fmt.Sprintf("%s edited %s: %s", who, which, protocol.EndSentence(protocol.OneLine(ch.Text)))
	case ch.Gone:
		return fmt.Sprintf("%s taken %s back from %s.", who, ch.Word, which)
	}
	return fmt.Sprintf("%s put %s to %s.", who, ch.Word, which)
}

// otherOf returns the name of the one of two between whom a direct message is that has not
// put a reaction to it; "" of a message in a room.
func otherOf(ch *state.Change, to string) string {
	if to != "" && ch.By.Person != ch.Of.From {
		return ch.Of.Sender
	}
	return to
}

// whichMessage says which message something is about that somebody has done: whose it is is
// said of those of others.
func (c *Core) whichMessage(of *command.Target, by string) string {
	whose := " of " + c.toldApart(of.Sender)
	if sameName(of.Sender, by) {
		whose = ""
	}
	switch of.Room {
	case "":
		return fmt.Sprintf("the direct message %d%s", of.Number, whose)
	case state.Lobby:
		return fmt.Sprintf("message %d%s", of.Number, whose)
	}
	return fmt.Sprintf("message %d%s in %s", of.Number, whose, of.Room)
}

// because says why.
func because(why string) string {
	if why == "" {
		return "."
	}
	return ": " + protocol.EndSentence(why)
}

func removal(r *state.Removal) *protocol.Removal { return &protocol.Removal{By: r.By, Why: r.Why} }

// marks returns what has become of a message for who is told of it, without those reactions
// whose names are passed over.
func marks(m *state.Marks, skip func(name string) bool) *protocol.Marks {
	if m == nil {
		return nil
	}
	shown := &protocol.Marks{Edited: m.Edited}
	if m.Removed != nil {
		shown.Removed = removal(m.Removed)
	}
	for _, r := range m.Reactions {
		names := make([]string, 0, len(r.By))
		for _, by := range r.By {
			if skip == nil || !skip(by.Name) {
				names = append(names, by.Name)
			}
		}
		if len(names) > 0 {
			shown.Reactions = append(shown.Reactions, protocol.Reaction{Word: r.Word, Names: names})
		}
	}
	if shown.Edited.IsZero() && shown.Removed == nil && shown.Reactions == nil {
		return nil
	}
	return shown
}

// changedResponse tells what an older message is now, to who has missed a change of it.
func (c *Core) changedResponse(e *tail.Entry, skip func(name string) bool, now time.Time) protocol.Response {
	r := response(e, skip)
	d := r.Data
	c.tellLikes(&r)
	d.Event, d.Name, d.Text = protocol.EventChanged, r.Sender, r.Content
	of := target(e, 0)
	switch m := d.Marks; {
	case m != nil && m.Removed != nil:
		r.Content = fmt.Sprintf("%s has removed %s%s", c.whoHas(m.Removed.By), c.whichMessage(&of, m.Removed.By), because(m.Removed.Why))
	case m != nil && !m.Edited.IsZero():
		r.Content = fmt.Sprintf("%s has edited %s: %s", c.toldApart(r.Sender), c.whichMessage(&of, r.Sender), protocol.EndSentence(protocol.OneLine(d.Text)))
	case m != nil:
		r.Content = fmt.Sprintf("Reactions to %s: %s.", c.whichMessage(&of, ""), m.ReactionList(d.Likes))
	default:
		r.Content = fmt.Sprintf("There are no reactions to %s.", c.whichMessage(&of, ""))
	}
	r.Time, r.Sender, r.Kind = now, protocol.ServerName, protocol.KindInfo
	return r
}

// changeError says why a message was not changed.
func (c *Core) changeError(cmd command.Command, result state.Result, of command.Target, now time.Time) *protocol.Error {
	number := of.Number
	_, editing := cmd.(*command.Edit)
	switch err := result.Err; {
	case errors.Is(err, state.ErrNoMessage):
		return unknownMessage(number)
	case errors.Is(err, state.ErrChanged):
		return protocol.Errorf(protocol.Busy, "Others are changing message %d again and again. Send that again later.", number)
	case errors.Is(err, state.ErrNotOwn) && editing:
		return protocol.Errorf(protocol.Forbidden, "Message %d is not yours: only who has said something can edit it.", number)
	case errors.Is(err, state.ErrNotOwn), errors.Is(err, state.ErrForbidden):
		return protocol.Errorf(protocol.Forbidden, "Message %d is not yours, and your role does not let you remove what others have said there.", number)
	case errors.Is(err, state.ErrHigher):
		return protocol.Errorf(protocol.Forbidden, "You cannot remove message %d: who has said it has the same role there as you, or a higher one.", number)
	case errors.Is(err, state.ErrTooLate):
		return protocol.Errorf(protocol.TooLate, "Message %d is too old to be edited: that can be done for %s. Say it anew.", number, inWordsFor(c.cfg.EditFor))
	case errors.Is(err, state.ErrRemoved):
		return protocol.Errorf(protocol.BadRequest, "Message %d was removed.", number)
	case errors.Is(err, state.ErrKinds):
		return protocol.Errorf(protocol.NotAllowed, "There are as many reactions to message %d as it can have: %d kinds, and %d in all.", number, state.MaxKinds, state.MaxReactions)
	case errors.Is(err, state.ErrNoMember):
		return domainError(err, of.Room)
	case errors.Is(err, state.ErrBlocked):
		return protocol.Errorf(protocol.BlockedByUser, "You cannot do that with message %d: the other one has blocked you.", number)
	case errors.Is(err, state.ErrNoReaction):
		return protocol.Errorf(protocol.BadRequest, "You have not put that to message %d.", number)
	}
	return c.resultError(cmd, result, result.Name, now)
}

// inWordsFor says how long something is, such as "15 minutes".
func inWordsFor(d time.Duration) string {
	if d%time.Minute == 0 && d > time.Minute {
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return d.String()
}
