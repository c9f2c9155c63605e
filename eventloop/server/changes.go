package server

import (
	"errors"

	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
	"parley/users/tail"
)

// What becomes of messages: they are edited and removed, and get reactions. The state does
// not know what was said, so the message is found first, and the command says what it is
// about. If somebody else has changed it meanwhile, it is found again.

// maxFound is how often a message is found for one request that others keep changing.
const maxFound = 5

// edit gives a message of one's own another text.
func edit(c *Core, s *session, r call) *protocol.Error {
	number, err := messageNumber(r.args[0], "edit ID TEXT")
	text := r.args[1]
	if err == nil {
		err = protocol.CheckText(text, c.cfg.MaxText)
	}
	if err != nil {
		return err
	}
	return c.change(s, r, number, asMember, maxFound, func(of command.Target, _ *tail.Entry) command.Command {
		return &command.Edit{By: s.by(), Of: of, Text: text}
	})
}

// remove takes away what a message says.
func remove(c *Core, s *session, r call) *protocol.Error {
	number, err := messageNumber(r.args[0], "remove ID WHY")
	why := r.args[1]
	if err == nil && why != "" {
		err = protocol.CheckWhy(why)
	}
	if err != nil {
		return err
	}
	return c.change(s, r, number, asKeeper, maxFound, func(of command.Target, _ *tail.Entry) command.Command {
		return &command.Remove{By: s.by(), Of: of, Why: why}
	})
}

// react puts a word or an emoji to a message; unreact takes it back.
func react(c *Core, s *session, r call) *protocol.Error { return c.react(s, r, "react ID WORD", false) }
func unreact(c *Core, s *session, r call) *protocol.Error {
	return c.react(s, r, "unreact ID WORD", true)
}

func (c *Core) react(s *session, r call, usage string, gone bool) *protocol.Error {
	number, err := messageNumber(r.args[0], usage)
	word := r.args[1]
	if err == nil {
		err = protocol.CheckReaction(word)
	}
	if err != nil {
		return err
	}
	return c.change(s, r, number, asMember, maxFound, func(of command.Target, found *tail.Entry) command.Command {
		c.state.NoteReactions(&of, found.Marks(), c.person(s), word)
		return &command.React{By: s.by(), Of: of, Word: word, Gone: gone}
	})
}

// change finds a message and proposes what is to become of it, which is made of what it is
// now.
func (c *Core) change(s *session, r call, number uint64, as sight, tries int, make func(command.Target, *tail.Entry) command.Command) *protocol.Error {
	return c.find(s, r, number, as, func(r call, found *tail.Entry, asOf uint64) *protocol.Error {
		cmd := make(target(found, asOf), found)
		c.changing = *found
		defer func() { c.changing = tail.Entry{} }()
		err := c.proposeFor(s, r.now, cmd, func(result state.Result) {
			defer c.firmly()()
			switch {
			case !c.sessions.has(s) || s.leaving:
				return
			case errors.Is(result.Err, state.ErrChanged) && tries > 1:
				if err := c.change(s, r, number, as, tries-1, make); err != nil {
					c.refuse(s, r.Request, err, r.now)
				}
			case result.Err != nil:
				c.refuse(s, r.Request, c.changeError(cmd, result, target(found, 0), r.now), r.now)
			default:
				c.answerChange(s, r, result, found)
			}
		})
		if err != nil {
			return domainError(err, s.name)
		}
		return nil
	})
}

// target returns the facts about a message for a command, as it was when the last number was
// one.
func target(e *tail.Entry, asOf uint64) command.Target {
	if e.Message != nil {
		return e.Message.Target(asOf)
	}
	return e.Direct.Target(asOf)
}

// answerChange tells who has asked for a change what it was, or that it was so before.
func (c *Core) answerChange(s *session, r call, result state.Result, found *tail.Entry) {
	to := ""
	if found.Direct != nil {
		to = found.Direct.To
	}
	answer := c.changeResponse(result.Change, to)
	answer.Ref, answer.Content = r.Ref, c.changeText(result.Change, "You have")
	c.reply(s, answer)
}
