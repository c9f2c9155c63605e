package server

import (
	"fmt"

	"parley/protocol"
	"parley/users/state"
	"parley/users/tail"
)

// versions shows who keeps order what an edited message said before.
func versions(c *Core, s *session, r call) *protocol.Error {
	number, err := messageNumber(r.args[0], "versions ID")
	if err != nil {
		return err
	}
	return c.find(s, r, number, asKeeper, func(r call, found *tail.Entry, asOf uint64) *protocol.Error {
		return c.readVersions(s, r, found, asOf, maxRead)
	})
}

// readVersions reads what a message said before, so often at most, and answers.
func (c *Core) readVersions(s *session, r call, found *tail.Entry, asOf uint64, tries int) *protocol.Error {
	m := found.Message
	if !c.keepsOrder(s, found) {
		return protocol.Errorf(protocol.Forbidden, "What a message said before is shown only to those who keep order where it was said.")
	}
	back := readFor(c, s, r, "What that message said before", func(r call, versions []state.Version) *protocol.Error {
		now := []*state.Message{m}
		switch current := c.refreshMessages(now, asOf); {
		case current && now[0].Marks.IsRemoved():
			c.answerVersions(s, r, now[0], nil)
		case current:
			c.answerVersions(s, r, now[0], versions)
		case tries > 1: // it may have been removed
			return c.find(s, r, m.Number, asKeeper, func(r call, found *tail.Entry, asOf uint64) *protocol.Error {
				return c.readVersions(s, r, found, asOf, tries-1)
			})
		default:
			return changing()
		}
		return nil
	})
	c.held.call(func() { c.reader.Versions(m.Number, back) })
	return nil
}

func (c *Core) answerVersions(s *session, r call, m *state.Message, versions []state.Version) {
	history := protocol.Response{Time: r.now, Sender: protocol.ServerName, Kind: protocol.KindHistory, Ref: r.Ref,
		Data: &protocol.Data{Event: protocol.EventVersions, ID: m.Number, Room: roomOnWire(m.Room)}}
	for _, v := range versions {
		said := protocol.Response{Time: v.Time, Sender: m.Sender, Kind: protocol.KindMessage, Content: v.Text,
			Data: &protocol.Data{Event: protocol.EventMessage, ID: m.Number, Room: roomOnWire(m.Room)}}
		c.tellLikes(&said)
		history.History = append(history.History, said)
	}
	if c.volatile && len(versions) == 0 && m.Marks != nil && !m.Marks.Edited.IsZero() {
		history.Data.State = protocol.StateNotKept
	}
	if s.extended {
		frames, _ := protocol.ExtendedHistory(history)
		for _, frame := range frames {
			c.fx.Send(s.id, frame)
		}
		return
	}
	most := max(capacity(c.cfg.Pace)-1, 1)
	frames, told := protocol.PlainHistory(history, protocol.HistoryReplay, most)
	c.reply(s, c.info(c.versionsSentence(m, told, len(versions)-told, history.Data.State), protocol.EventVersions, r.now))
	if told > 0 {
		c.fx.Replay(s.id, frames)
	}
}

// versionsSentence says what follows in a plain session.
func (c *Core) versionsSentence(m *state.Message, told, left int, kept string) string {
	of := m.Target(0)
	which := c.whichMessage(&of, "")
	switch {
	case kept == protocol.StateNotKept:
		return fmt.Sprintf("What %s said before is gone: this server keeps only what is now.", which)
	case told == 0:
		return fmt.Sprintf("There is nothing that %s said before.", which)
	case left > 0:
		return fmt.Sprintf("The last %d of %d texts that %s had before follow.", told, told+left, which)
	case told == 1:
		return fmt.Sprintf("The text that %s had before follows.", which)
	}
	return fmt.Sprintf("%d texts that %s had before follow.", told, which)
}
