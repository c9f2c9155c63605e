package server

import (
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/log"
	"parley/users/state"
)

// standstill is from when on it counts that a Tick comes late: the process was stopped, or its
// machine was.
const standstill = time.Second

// forgive has the time that the server stood still not count for anybody: what clients sent
// meanwhile waits in their sockets, and they could not know that they were to be warned. They
// get a little more than that, in which what waits is read, on all loops.
func (c *Core) forgive(now time.Time) {
	late := c.since(now) - c.due
	if c.due == 0 || late < standstill {
		return
	}
	lost := late + idleInterval
	c.idle.Skip(lost, now)
	c.silent.Skip(lost, now)
	most := c.since(now) + c.cfg.LoginTimeout
	for i := range c.waiting {
		c.waiting[i].until = min(c.waiting[i].until+lost, most)
	}
	c.cfg.Log.Warn("the server stood still", "for", late.Round(time.Millisecond))
}

// Tick does what is due. It returns when it is to be called again; zero if there
// is nothing to wait for.
func (c *Core) Tick(now time.Time) (next time.Time) {
	c.forgive(now)
	defer func() {
		if c.due = 0; !next.IsZero() {
			c.due = c.since(now) + max(next.Sub(now), 1)
		}
	}()
	soonest := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	soonest(c.endWaiting(now))
	if now.Sub(c.scanned) >= idleInterval { // it looks at everybody, and Tick is called for every connection
		c.scanned = now
		c.scanIdle(now)
		c.dropSilent(now)
		c.passOn(now)
		c.forgetAllowances(now)
	}
	if c.idle.Len() > 0 {
		soonest(c.scanned.Add(idleInterval))
	}
	soonest(c.passDeferred(now))
	c.passCredit(now)
	if at, ok := c.relays.NextDue(); ok {
		soonest(at)
	}
	soonest(c.log.Tick(now))
	c.tellStanding(now)
	c.sendOrNot()
	soonest(c.checkCrossings(now))
	soonest(c.moveOn(now))
	soonest(c.refuseAhead(now))
	soonest(c.lapse(now))
	soonest(c.retire(now))
	soonest(c.drainNext(now))
	soonest(c.keepSnapshot(now))
	return next
}

// lapse proposes what has to happen because time has passed. It returns when there will
// be something.
func (c *Core) lapse(now time.Time) time.Time {
	at := c.log.Time(now)
	if c.lapsing > 0 || !c.first() { // else all would say it, and again and again
		return now.Add(log.RetryAfter)
	}
	for _, due := range c.state.Due(at) {
		c.lapsing++
		if c.log.Propose(now, due, func(state.Result) { c.lapsing-- }) != nil {
			c.lapsing--
			return now.Add(log.RetryAfter)
		}
	}
	next, ok := c.state.NextDue()
	if !ok {
		return time.Time{}
	}
	return now.Add(max(next.Sub(at), time.Millisecond))
}

// endWaiting ends connections that have waited too long with their login. It
// returns when the next one has.
func (c *Core) endWaiting(now time.Time) time.Time {
	defer c.freely()()
	for len(c.waiting) > 0 {
		w := c.waiting[0]
		s := c.sessions.get(w.id)
		late := s != nil && s.name == "" && !s.leaving
		if late && c.since(now) < w.until {
			return c.began.Add(w.until)
		}
		c.waiting = c.waiting[1:]
		if late {
			c.refuse(s, protocol.Request{Extended: s.asked}, protocol.Errorf(protocol.Timeout, "Good bye: you did not log in within %s.", c.cfg.LoginTimeout), now)
			c.dropped(s, DropLoginTimeout)
			c.close(s, users.LoggedOut, now)
		}
	}
	c.waiting = nil
	return time.Time{}
}
