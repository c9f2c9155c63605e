package server

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parley/protocol"
	"parley/users/state"
)

// The audit log is kept, and not in the state: pages of it are read as those of what was said
// are. A server that keeps nothing has the newest in its attic.

// auditWords are the arguments of audit as the object has them.
type auditWords struct{ room, name, before string }

// typedAudit reads what somebody has typed: [ROOM] [NAME] [before ID]. A word alone is a room
// if there is one of that name.
func typedAudit(text string, isRoom func(string) bool) (words auditWords, ok bool) {
	rest := strings.Fields(text)
	if n := len(rest); n >= 2 && strings.EqualFold(rest[n-2], "before") {
		words.before, rest = rest[n-1], rest[:n-2]
	}
	if len(rest) > 0 && (len(rest) > 1 || isRoom(rest[0])) {
		words.room, rest = rest[0], rest[1:]
	}
	if len(rest) > 0 {
		words.name, rest = rest[0], rest[1:]
	}
	return words, len(rest) == 0
}

// askedAudit reads the arguments of audit.
func (c *Core) askedAudit(s *session, r call) (f state.ActFilter, err *protocol.Error) {
	words, ok := auditWords{r.args[0], r.args[1], r.args[2]}, true
	if r.Content.Text != "" && r.Content.Text != "None" {
		words, ok = typedAudit(r.Content.Text, c.isRoom)
	}
	if words.before != "" && ok {
		before, bad := strconv.ParseUint(strings.TrimSpace(words.before), 10, 64)
		f.Before, ok = before, bad == nil && before > 0
	}
	if !ok {
		return f, protocol.Errorf(protocol.BadRequest, "That is not how to ask for it: ID is the number of an act. Use:").
			WithCommands("audit", "audit ROOM", "audit NAME before ID")
	}
	if words.name != "" && protocol.CheckName(words.name) != nil {
		return f, protocol.Errorf(protocol.BadName, "Nobody can be called %q.", shorten(words.name))
	}
	f.Name = words.name
	f.Room, err = c.place(s, words.room)
	return f, err
}

// mayAudit returns the filter as it holds now, or why one is not shown that. In a room it is
// nothing of an older one of that name.
func (c *Core) mayAudit(s *session, f state.ActFilter) (state.ActFilter, *protocol.Error) {
	if !c.state.May(c.person(s), "audit", f.Room) {
		return f, domainError(state.ErrForbidden, f.Room)
	}
	if room, there := c.state.Room(f.Room); there {
		f.After = room.Number
	}
	return f, nil
}

// audit lists who has done what to keep order, the newest first.
func audit(c *Core, s *session, r call) *protocol.Error {
	asked, err := c.askedAudit(s, r)
	if err == nil {
		asked, err = c.mayAudit(s, asked)
	}
	switch {
	case err != nil:
		return err
	case c.log.Failing() != nil:
		return domainError(c.failing(), s.name)
	}
	back := readFor(c, s, r, "The audit log", func(r call, acts []state.Act) *protocol.Error { // oldest first
		if _, err := c.mayAudit(s, asked); err != nil { // the role was taken away meanwhile
			return err
		}
		c.answerAudit(s, r, asked, acts)
		return nil
	})
	c.held.call(func() { c.reader.Acts(asked, protocol.MaxActs+1, back) }) // the file has all then
	return nil
}

// answerAudit tells a page, of which there may be one act more than it can have.
func (c *Core) answerAudit(s *session, r call, f state.ActFilter, acts []state.Act) {
	c.fx.take()
	order, before := &protocol.Order{Acts: []protocol.Act{}}, uint64(0)
	if len(acts) > protocol.MaxActs {
		acts = acts[len(acts)-protocol.MaxActs:]
		before = acts[0].Number
	}
	for _, a := range slices.Backward(acts) {
		order.Acts = append(order.Acts, actOnWire(&a))
	}
	answer := c.info("Nothing was done to keep order.", protocol.EventAudit, r.now)
	d := answer.Data
	answer.Ref, d.Room, d.Name, d.Before, d.Order = r.Ref, f.Room, f.Name, before, order
	c.replyList(s, answer, 0)
	if before > 0 && !s.extended {
		words := []string{"audit", f.Room, f.Name, fmt.Sprintf("before %d", before)}
		more := strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " ")
		c.reply(s, c.info(protocol.WithCommands("There is more. Use:", more), protocol.EventAudit, r.now))
	}
	c.spend(s, c.fx.take(), r.now)
}

// Acts implements Reader.
func (r FileReader) Acts(f state.ActFilter, n int, done func([]state.Act, error)) {
	within(r, func(ctx context.Context) ([]state.Act, error) { return r.Source.Acts(ctx, f, n) }, done)
}
