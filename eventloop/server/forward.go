package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
)

// What is said in rooms with outgoing hooks goes to other programs. The core sends nothing: it
// says when this node is the one that sends, and that there is something new, when that is kept,
// and tells people which rooms those are.

// A Forwarder sends what is said in rooms to the URLs of their outgoing hooks. Its methods are
// called on the loop that owns the core, and wait for nothing.
type Forwarder interface {
	// Send has it send, until it is told otherwise, under the name of the log whose numbers
	// messages have; "": nothing, and at once.
	Send(log string)

	// Wake says that there is something new for the hooks of a room; "": the hooks are others.
	Wake(room string)

	// End has it send nothing any more, and calls done on that loop when it is kept how far the
	// receivers are, or that has failed.
	End(done func())
}

// sendOrNot has this node send, if it is the one to do so and was not, or the other way round.
func (c *Core) sendOrNot() {
	sends := c.isSender()
	if c.cfg.Forward == nil || sends == c.sends {
		return
	}
	if c.sends = sends; !sends {
		c.cfg.Forward.Send("")
		return
	}
	c.held.call(func() { // it reads from the file how far the receivers are
		if c.sends {
			c.cfg.Forward.Send(c.log.Name())
		}
	})
}

// isSender reports whether this node is the one that sends: the first that lives, as long as it
// reaches the log. It begins when all nodes know the command that keeps how far the receivers
// are, since the next one would send all again.
func (c *Core) isSender() bool {
	switch {
	case c.drain.over:
		return false
	case c.shared == nil:
		return true
	}
	return c.node != 0 && c.first() && c.log.Failing() == nil && (c.sends || c.shared.Known(command.KindHooksSent) == nil)
}

// endSending has this node send nothing any more, and then calls a function.
func (c *Core) endSending(then func()) {
	if c.cfg.Forward == nil {
		then()
		return
	}
	c.sends = false
	c.cfg.Forward.End(then)
}

// noteHooks notes which rooms have outgoing hooks that send something.
func (c *Core) noteHooks() {
	c.forwarded = make(map[string]bool)
	for _, h := range c.state.Hooks() {
		if h.Outgoing() && !h.Stopped {
			c.forwarded[h.Room] = true
		}
	}
}

// forward says, when that is kept, that something was said in a room or has become of what
// was said there.
func (c *Core) forward(room string) {
	if c.cfg.Forward != nil && c.forwarded[room] {
		c.held.call(func() { c.cfg.Forward.Wake(room) })
	}
}

// tellHook tells those in a room that what is said there goes to a program from now on, or
// does no more. Where a hook has ended with its room nobody is left.
func (c *Core) tellHook(cmd command.Command, r state.Result, now time.Time) {
	ended := func(room *state.Room) bool { return c.forwarded[room.Name] }
	if r.Hook == nil && !slices.ContainsFunc(r.RoomsEnded, ended) {
		return // rooms end all the time
	}
	c.noteHooks()
	if c.cfg.Forward != nil {
		c.held.call(func() { c.cfg.Forward.Wake("") })
	}
	h := r.Hook
	if h == nil || !h.Outgoing() {
		return
	}
	_, stops := cmd.(*command.StopHook)
	if h.Stopped && !stops {
		return // they know
	}
	text := fmt.Sprintf("What is said in %s does not go to another program any more by %s.", inWords(h.Room), h.Name)
	if _, begins := cmd.(*command.AddOutgoingHook); begins {
		text = fmt.Sprintf("What is said in %s goes to another program, too, from now on (%s).", inWords(h.Room), h.Name)
	}
	c.fx.Deliver(c.encode(c.aboutHooks(h.Room, text, now), h.Room, true))
}

// aboutHooks tells by which hooks what is said in a room goes to other programs.
func (c *Core) aboutHooks(room, text string, now time.Time) protocol.Response {
	r := c.info(text, protocol.EventForwarded, now)
	r.Data.Room, r.Data.Names = roomOnWire(room), c.state.Forwarded(room)
	return r
}

// forwardedText says that what is said in a room goes to other programs; "": it does not.
func (c *Core) forwardedText(room string) string {
	if !c.forwarded[room] {
		return ""
	}
	names, where := c.state.Forwarded(room), "another program"
	if len(names) > 1 {
		where = "other programs"
	}
	return fmt.Sprintf("What is said in %s goes to %s, too (%s).", inWords(room), where, strings.Join(names, ", "))
}

// tellForwarded tells a session that has logged in which of its rooms have outgoing hooks that
// were made behind a number.
func (c *Core) tellForwarded(s *session, person string, after uint64, now time.Time) {
	if len(c.forwarded) == 0 {
		return
	}
	told := make(map[string]bool)
	for _, h := range c.state.Hooks() {
		_, in := c.state.Member(person, h.Room)
		if !h.Outgoing() || h.Stopped || h.Number <= after || told[h.Room] || !in && h.Room != state.Lobby {
			continue
		}
		told[h.Room] = true
		c.reply(s, c.aboutHooks(h.Room, c.forwardedText(h.Room), now))
	}
}
