package server

import (
	"fmt"
	"strconv"
	"strings"

	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
)

// listSessions lists where a session's user is logged in.
func listSessions(c *Core, s *session, r call) *protocol.Error {
	answer := c.info("", protocol.EventSessions, r.now)
	answer.Ref = r.Ref
	for _, l := range c.state.Sessions(s.name) {
		one := protocol.Session{ID: l.ID, Since: l.Since, Mine: l.Session == s.key()}
		if at := c.of(l.Session); at != nil && at.addr.IsValid() {
			one.Address = at.addr.Unmap().String()
		}
		answer.Data.Sessions = append(answer.Data.Sessions, one)
	}
	c.replyList(s, answer, 0)
	return nil
}

// logoutOrEnd logs out, or ends another session of the same user. In a plain session what
// stands there is passed over: some clients write all kinds of words.
func logoutOrEnd(c *Core, s *session, r call) *protocol.Error {
	word := strings.TrimSpace(r.args[0])
	if !s.extended || word == "" {
		return logout(c, s, r)
	}
	id, err := strconv.Atoi(word)
	if err != nil {
		return protocol.Errorf(protocol.BadRequest, "ID is the number of a session of yours. Use:").WithCommands("sessions", "logout ID")
	}
	for _, l := range c.state.Sessions(s.name) {
		if l.ID == id && l.Session == s.key() {
			return logout(c, s, r)
		}
	}
	return c.propose(s, &r, word, &command.EndSession{By: s.by(), ID: id}, func(c *Core, s *session, a asked, _ state.Result) {
		answer := c.info(fmt.Sprintf("You have ended your session %d.", id), protocol.EventSessionEnded, a.at)
		answer.Ref, answer.Data.ID = a.ref, uint64(id)
		c.reply(s, answer)
	})
}
