package server

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
)

// asServer is what one types in place of a number of days or of messages that is to be as the
// server says.
const asServer = "-"

// keep says how much is kept of a room, or tells it.
func keep(c *Core, s *session, r call) *protocol.Error {
	room, err := c.named(s, r.args[0])
	if err == nil && !c.shows(c.person(s), &room) {
		err = domainError(state.ErrNoMember, room.Name)
	}
	if err != nil {
		return err
	}
	if r.args[1] == "" && r.args[2] == "" {
		answer := c.keptOf(&room, r.now)
		answer.Ref = r.Ref
		c.reply(s, answer)
		return nil
	}
	cmd := &command.Keep{By: s.by(), Room: room.Name, Days: room.KeepDays, Messages: room.KeepMessages}
	if err := keptNumber(r.args[1], &cmd.Days); err != nil {
		return err
	}
	if err := keptNumber(r.args[2], &cmd.Messages); err != nil {
		return err
	}
	return c.propose(s, &r, room.Name, cmd, func(c *Core, s *session, a asked, result state.Result) {
		answer := c.keptOf(result.Room, a.at)
		answer.Ref = a.ref
		c.reply(s, answer)
	})
}

// maxKept is how many days, or messages, one may say.
const maxKept = 1_000_000_000

// keptNumber reads a number of days or messages: "" leaves it as it is.
func keptNumber(word string, number *int) *protocol.Error {
	switch word = strings.TrimSpace(word); word {
	case "":
		return nil
	case asServer:
		*number = 0
		return nil
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > maxKept {
		return protocol.Errorf(protocol.BadRequest, "DAYS and MESSAGES are whole numbers from 1 on, or %s for as the server says, and not %q. Use:", asServer, shorten(word)).
			WithCommands("keep ROOM DAYS", "keep ROOM DAYS MESSAGES", "keep ROOM - MESSAGES")
	}
	*number = n
	return nil
}

// keptOf says how much is kept of a room.
func (c *Core) keptOf(room *state.Room, now time.Time) protocol.Response {
	kept := c.state.Kept(room)
	var what []string
	if kept.Days > 0 {
		what = append(what, "what was said in the last "+amount(kept.Days, "day"))
	}
	if kept.Messages > 0 {
		what = append(what, "the newest "+amount(kept.Messages, "message"))
	}
	text := "All that is said in " + inWords(room.Name) + " is kept."
	if len(what) > 0 {
		text = "Of " + inWords(room.Name) + " is kept " + strings.Join(what, ", and of that ") + "."
	}
	r := c.info(text, protocol.EventKeep, now)
	r.Data.Room, r.Data.Rooms = roomOnWire(room.Name), []protocol.Room{{Name: room.Name, KeepDays: kept.Days, KeepMessages: kept.Messages}}
	return r
}

// amount says how many there are.
func amount(n int, what string) string {
	if n == 1 {
		return what
	}
	return fmt.Sprint(n, " ", what, "s")
}
