package server

import (
	"strings"
	"time"

	"parley/eventloop"
	"parley/protocol"
)

// maxDeferred is how many requests of a connection wait while it is busy: more than a
// client sends before it knows how its login went.
const maxDeferred = 32

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

// request runs one request, or has it wait while its session is busy.
func (c *Core) request(s *session, r protocol.Request, now time.Time) {
	if s.busy && c.waits(r) {
		if len(s.few().backlog) >= maxDeferred {
			c.refuse(s, r, protocol.Errorf(protocol.Busy, "Wait for the answer to what you asked before."), now)
			return
		}
		s.rare.backlog = append(s.rare.backlog, r)
		return
	}
	was, free := c.acting, c.held.free
	c.acting, c.held.free = s, true // but for what a command has brought about
	defer func() { c.acting, c.held.free = was, free }()
	if err := c.dispatch(s, r, now); err != nil {
		c.refuse(s, r, err, now)
	}
}

// waits reports whether a request waits while its session is busy. One without a
// cost has no answer that could be out of order, and must not be refused because
// too many wait.
func (c *Core) waits(r protocol.Request) bool {
	v := c.verbs.Lookup(r.Verb)
	return v == nil || v.Cost > 0
}

// resume goes on with a session that was busy, unless it is again.
func (c *Core) resume(s *session, now time.Time) {
	for s.rare != nil && len(s.rare.backlog) > 0 && !s.busy && !s.leaving {
		r := s.rare.backlog[0]
		s.rare.backlog = s.rare.backlog[1:]
		c.request(s, r, now)
	}
}

func (c *Core) dispatch(s *session, r protocol.Request, now time.Time) *protocol.Error {
	v := c.verbs.Lookup(r.Verb)
	cost := 1 // of a word that is no request
	if v != nil {
		cost = v.Cost
	}
	if err := c.charge(s, cost, now); err != nil {
		return err
	}
	told := s.name != "" && cost > 0 // a login is told what others have said, and a relay has a window of its own
	c.fx.take()
	err := c.run(v, s, r, now)
	if told {
		s.bucket.spend(c.fx.take()/bytesPerUnit, c.cfg.Rate, c.since(now))
	}
	if err != nil && cost == 0 { // refusing costs something in any case
		if over := c.charge(s, 1, now); over != nil {
			return over
		}
	}
	return err
}

// charge takes units from what a session has left, if they cost anything.
func (c *Core) charge(s *session, cost int, now time.Time) *protocol.Error {
	if cost == 0 {
		return nil
	}
	if wait := s.bucket.take(cost, c.cfg.Rate, c.since(now)); wait > 0 {
		return protocol.Errorf(protocol.RateLimited, "Too many requests: wait %s and send that again.", wait.Round(10*time.Millisecond))
	}
	return nil
}

// run does what a verb of the table, nil for none, asks for.
func (c *Core) run(v *protocol.Verb, s *session, r protocol.Request, now time.Time) *protocol.Error {
	if v == nil {
		return protocol.Errorf(protocol.UnknownRequest, "There is no request %q. Ask what there is with:", shorten(r.Verb)).WithCommands("help")
	}
	if v.States&s.state() == 0 {
		if s.name == "" {
			return protocol.Errorf(protocol.NotLoggedIn, "Log in first, with:").WithCommands("login NAME")
		}
		return protocol.Errorf(protocol.AlreadyLoggedIn, "You are logged in as %s already. To change your name, log out first.", s.name)
	}
	if v.Extended && !s.extended {
		return protocol.Errorf(protocol.NotAllowed, "Your client cannot do that; parley chat can.")
	}
	args, err := v.Parse(r.Content)
	if err != nil {
		return err
	}
	c.held.free = v.Shows != protocol.ShowsKept
	err = c.requests[v.Name](c, s, call{Request: r, args: args, now: now})
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
