package server

import (
	"time"

	"parley/protocol"
)

// reply sends a response to one session in its form.
func (c *Core) reply(s *session, r protocol.Response) {
	c.tellLikes(&r)
	if s.extended {
		c.fx.Send(s.id, c.frame(r))
		return
	}
	if r.About() != 0 { // it may be removed while it waits
		c.fx.SendMessage(s.id, protocol.SaidFrames(r))
		return
	}
	for _, frame := range protocol.PlainFrames(r) {
		c.fx.Send(s.id, frame)
	}
}

// replyNames sends a response that lists names. It is not reply, whose responses can
// do without memory of their own: most are small, and there are many.
func (c *Core) replyNames(s *session, r protocol.Response) {
	c.tellLikes(&r)
	frames := protocol.NamesFrames
	if !s.extended {
		frames = func(r protocol.Response) [][]byte { return protocol.PlainFrames(protocol.ShortList(r)) }
	}
	for _, frame := range frames(r) {
		c.fx.Send(s.id, frame)
	}
}

// frame returns a response for one extended session, which is valid until the next
// one.
func (c *Core) frame(r protocol.Response) []byte {
	c.scratch = protocol.AppendExtended(c.scratch[:0], r)
	return c.scratch
}

// extendedFrame returns a response for extended sessions.
func extendedFrame(r protocol.Response) []byte {
	return protocol.AppendExtended(make([]byte, 0, 256+len(r.Content)), r) // enough for most
}

// refuse answers to a request that failed. Nobody is extended before the login,
// but who asked for it is given the code.
func (c *Core) refuse(s *session, r protocol.Request, err *protocol.Error, now time.Time) {
	if r.Verb == loginVerb {
		c.refusedLogin(s, r, err.Code)
	}
	answer := protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindError, Content: err.Text,
		Ref: r.Ref, Data: &protocol.Data{Event: protocol.EventError, Code: err.Code, Seconds: err.Seconds, State: err.State, Order: err.Order}}
	if r.Extended && !s.extended {
		c.fx.Send(s.id, protocol.AppendExtended(nil, answer))
		return
	}
	c.reply(s, answer)
}

// info makes one of the server's own sentences.
func (c *Core) info(text, event string, now time.Time) protocol.Response {
	return protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindInfo, Content: text, Data: &protocol.Data{Event: event}}
}
