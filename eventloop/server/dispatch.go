package server

import (
	"strings"
	"time"

	"parley/eventloop"
	"parley/protocol"
)

// Request runs one request: the verb table says whether it is allowed, what it
// costs and which arguments it has.
func (c *Core) Request(id eventloop.ConnID, r protocol.Request, now time.Time) {
	s := c.sessions.get(id)
	if s == nil || s.leaving {
		return
	}
	s.strikes = 0
	c.silent.Reset(&s.pulse, now)
	c.sawDirects(s, now) // when it comes: what goes out while it waits was not seen by who has asked
	c.request(s, r, now)
}

// request runs one request, or has it wait: while its session is busy, for what its user
// may send, or behind what waits. What programs send by themselves waits for what costs
// nothing else: it has no answer that could be out of order, or an own allowance. What is relayed
// waits for nothing: no command concerns it, and what has waited would be overtaken when the log
// stands still.
func (c *Core) request(s *session, r protocol.Request, now time.Time) {
	v := c.verbs.Lookup(r.Verb)
	if v != nil && v.Name == logoutVerb && s.name != "" && r.Content.IsZero() {
		if c.hurryLeaver(s, now); s.leaving {
			return
		}
	}
	undecided := s.undecided && c.log.Failing() == nil && (v == nil || v.Name != relayVerb || s.name == "")
	wait := s.busy && (costOf(v) > 0 || undecided) || paced(v) && (len(s.deferred()) > 0 || c.mustWait(s, v, now))
	if wait {
		c.put(s, v, r, now)
		return
	}
	c.perform(s, v, r, 0, now)
}

// costOf returns what a request costs, v is nil for a word that is none.
func costOf(v *protocol.Verb) int {
	if v == nil {
		return 1
	}
	return v.Cost
}

// paced reports whether a request waits if its user sends too many. v is nil for a word that
// is none.
func paced(v *protocol.Verb) bool { return v == nil || !v.Idle }

// perform runs one request that has waited for a time.
func (c *Core) perform(s *session, v *protocol.Verb, r protocol.Request, waited time.Duration, now time.Time) {
	was, free := c.acting, c.held.free
	c.acting, c.held.free = s, true // but for what a command has brought about
	defer func() {
		c.acting, c.held.free = was, free
		if p := recover(); p != nil {
			c.survive(p, "a request failed", "conn", s.id, "request", r.Verb)
			c.Failed(s.id, now)
		}
	}()
	if err := c.dispatch(s, v, r, waited, now); err != nil {
		c.refuse(s, r, err, now)
	}
}

func (c *Core) dispatch(s *session, v *protocol.Verb, r protocol.Request, waited time.Duration, now time.Time) *protocol.Error {
	cost := costOf(v)
	if !paced(v) && cost > 0 && !c.takeIdle(s, r, cost, now) {
		return nil
	}
	told := s.name != "" && cost > 0 // a login is told what others have said, and a relay has a window of its own
	c.fx.take()
	err := c.run(v, s, r, waited, now)
	if told {
		c.spend(s, c.fx.take(), now)
	}
	if err != nil && cost == 0 && !c.takeIdle(s, r, 1, now) { // refusing costs something in any case
		return nil
	}
	return err
}

// run does what a verb of the table, nil for none, asks for.
func (c *Core) run(v *protocol.Verb, s *session, r protocol.Request, waited time.Duration, now time.Time) *protocol.Error {
	if v == nil {
		return protocol.Errorf(protocol.UnknownRequest, "There is no request %q. Ask what there is with:", shorten(r.Verb)).WithCommands("help")
	}
	if v.States&s.state() == 0 {
		if s.name == "" {
			return protocol.Errorf(protocol.NotLoggedIn, "Log in first, with:").WithCommands("login NAME")
		}
		return protocol.Errorf(protocol.AlreadyLoggedIn, "You are logged in as %s already. To change your name, log out first.", s.name)
	}
	if v.Name == loginVerb {
		s.asked = r.Extended
	}
	if v.Extended && !s.extended {
		return protocol.Errorf(protocol.NotAllowed, "Your client cannot do that; parley chat can.")
	}
	args, err := v.Parse(r.Content)
	if err != nil {
		return err
	}
	c.held.free = v.Shows != protocol.ShowsKept
	err = c.requests[v.Name](c, s, call{Request: r, args: args, waited: waited, now: now})
	c.held.free = true
	if err != nil {
		return err
	}
	if !v.Idle && s.name != "" {
		c.idle.Reset(&s.seat, now)
	}
	return nil
}

// maxQuoted is how many bytes of bad input an error repeats.
const maxQuoted = 32

func shorten(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	return strings.ToValidUTF8(s[:maxQuoted], "") + "..."
}
