package server

import (
	"strings"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// forget has an account forgotten by who has it, who must say its name for that.
func forget(c *Core, s *session, r call) *protocol.Error {
	me, name, texts := r.args[0], r.args[1], strings.ToLower(strings.TrimSpace(r.args[2]))
	if !strings.EqualFold(strings.TrimSpace(me), "me") || texts != "" && texts != "texts" {
		return protocol.Errorf(protocol.BadRequest, "Only you yourself can be forgotten. Use:").WithCommands("forget me")
	}
	if !s.account {
		return protocol.Errorf(protocol.NotAllowed, "You have no account: what is yours is forgotten when you log out. Use:").WithCommands("logout")
	}
	if name == "" {
		answer := c.info(protocol.WithCommands("That deletes your account, "+s.name+", and cannot be undone: your direct messages, also with those to whom you have sent them, "+
			"where you have read to, whom you have blocked and which rooms you are in; rooms that you have made have no owner then, and where order was kept another name stands in place of yours. "+
			"What you have said in rooms stays, unless you ask for that to go, too. To get it all before, use export. If you want that, use:", "forget me "+s.name, "forget me "+s.name+" texts"), protocol.EventForget, r.now)
		answer.Ref = r.Ref
		c.reply(s, answer)
		return nil
	}
	if !sameName(name, s.name) {
		return protocol.Errorf(protocol.BadRequest, "You are %s, and not %s: nothing was deleted. Use:", s.name, shorten(name)).WithCommands("forget me " + s.name)
	}
	cmd := &command.ForgetMe{By: s.by(), Texts: texts != "", Pseudonym: c.pseudonym()}
	return c.propose(s, &r, s.name, cmd, func(c *Core, s *session, a asked, result state.Result) {
		text := "Your account is deleted. Good bye, " + result.Name + "."
		if cmd.Texts {
			text = "Your account is deleted, with all that you have said. Good bye, " + result.Name + "."
		}
		answer := c.info(text, protocol.EventForgotten, a.at)
		answer.Ref = a.ref
		c.endWith(s, answer, a.at)
	})
}

// pseudonym returns a name that nobody has, of six letters drawn by chance.
func (c *Core) pseudonym() string {
	letters := []byte(c.cfg.Token()[:6]) // hexadecimal
	for i, digit := range letters {
		if '0' <= digit && digit <= '9' {
			letters[i] = 'g' + digit - '0'
		}
	}
	return state.PseudonymPrefix + string(letters)
}

// forgetAuthor has the tail forget who is forgotten by a command.
func (c *Core) forgetAuthor(cmd *command.ForgetMe, r state.Result) {
	c.tail.Forget(users.Fold(r.Name))
	if cmd.Texts {
		c.tail.ForgetAuthor(r.Erased.Author, c.state.Last())
	}
	c.tail.Erase(r.Erased, c.state.Last())
	if c.erased != nil {
		c.erased(r.Erased)
	}
	c.history.at = 0
}

// endWith ends a session that the state does not have any more, with a last answer.
func (c *Core) endWith(s *session, last protocol.Response, now time.Time) {
	c.reply(s, last)
	s.leaving = true
	c.fx.Close(s.id)
	c.journalLogout(s, users.LoggedOut)
	c.left(s, now)
}
