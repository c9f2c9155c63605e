package server

import (
	"container/heap"
	"net/netip"
	"slices"
	"time"

	"parley/protocol"
	"parley/users"
)

// FloodLimits are how much a user may ask for. The zero value is no limit.
type FloodLimits struct {
	PerSecond float64       // messages that each user may send a second; other requests cost less: protocol.Verb.Cost. 0: no limit
	Burst     float64       // messages that a user may send at once
	Wait      time.Duration // for which requests that come faster wait, at most; what would wait longer is refused
	Refusals  float64       // that a session is let get away with; each second one is forgotten. 0: any number
}

// What holds where an owner says nothing else.
const (
	// DefaultFloodPerSecond and DefaultFloodBurst are more than a person types, and less
	// than a room can bear from one: a paste of ten lines goes at once.
	DefaultFloodPerSecond = 2
	DefaultFloodBurst     = 10

	// DefaultFloodWait holds forty messages: a paste of fifty lines arrives whole.
	DefaultFloodWait = 20 * time.Second

	// DefaultFloodRefusals are a paste of a hundred lines, of which the last fifty are
	// refused: who does that has made a mistake, and who goes on means it.
	DefaultFloodRefusals = 50
)

// DefaultFlood returns these.
func DefaultFlood() FloodLimits {
	return FloodLimits{PerSecond: DefaultFloodPerSecond, Burst: DefaultFloodBurst, Wait: DefaultFloodWait, Refusals: DefaultFloodRefusals}
}

// rate returns the limit in units.
func (f FloodLimits) rate() Rate {
	return Rate{PerSecond: f.PerSecond * protocol.MessageCost, Burst: f.Burst * protocol.MessageCost}
}

// on reports whether there is a limit.
func (f FloodLimits) on() bool { return f.PerSecond > 0 }

// deferred is a request that waits.
type deferred struct {
	protocol.Request
	verb *protocol.Verb // nil: there is none of that name
	cost int            // that it will take from said
	at   time.Duration  // when it came, since the core began
}

// flood is what a core keeps to pace its users.
type flood struct {
	rate       Rate
	allowances map[string]*allowance       // of users, by their folded names
	left       map[string]*allowance       // of them, those without a session that are not full
	guests     map[netip.Addr][]*allowance // of these, those of guests, by the address they came from
	lines      lines                       // those for which requests wait
	hurried    bucket                      // requests of those who leave
}

func newFlood(limits FloodLimits) flood {
	return flood{rate: limits.rate(), allowances: make(map[string]*allowance), left: make(map[string]*allowance),
		guests: make(map[netip.Addr][]*allowance)}
}

// owes returns what the requests of a session cost that wait.
func (s *session) owes() (units int) {
	for _, d := range s.deferred() {
		units += d.cost
	}
	return units
}

// deferred returns the requests of a session that wait.
func (s *session) deferred() []deferred {
	if s.rare == nil {
		return nil
	}
	return s.rare.backlog
}

// mustWait takes what a request costs out of what its user has left, and reports whether
// there is not enough, or the log is crowded: then it takes nothing.
func (c *Core) mustWait(s *session, v *protocol.Verb, now time.Time) bool {
	if !c.cfg.Flood.on() || s.hurried {
		return false
	}
	a := c.allowanceOf(s)
	return len(a.line) > 0 || c.crowded(v) || a.said.take(costOf(v), c.flood.rate, c.since(now)) > 0
}

// mostUncommitted is how many commands are not yet safe, at most, before users wait with
// others, one request of each in turn. Hundreds who each send at once what they may would
// have somebody else's message behind all that; so it stands behind one of each. The disk keeps
// so many in 5 ms (50,000 a second; see package store).
const mostUncommitted = 256

// crowded reports whether a request has to wait for what is not safe yet. When the disk fails it
// has not: it is refused.
func (c *Core) crowded(v *protocol.Verb) bool {
	return v != nil && !v.ReadOnly && c.log.Waiting() >= mostUncommitted && c.log.Failing() == nil
}

// takeIdle does so for what programs ask for by themselves. If there is not enough it is
// refused: it never waits.
func (c *Core) takeIdle(s *session, r protocol.Request, cost int, now time.Time) bool {
	if !c.cfg.Flood.on() {
		return true
	}
	wait := c.allowanceOf(s).idle.take(cost, c.flood.rate, c.since(now))
	if wait > 0 {
		c.tooFast(s, r, wait, now)
	}
	return wait == 0
}

// spend takes what was sent because of a request out of what its user has left.
func (c *Core) spend(s *session, bytes int, now time.Time) {
	if units := bytes / bytesPerUnit; units > 0 && c.cfg.Flood.on() {
		c.allowanceOf(s).said.spend(units, c.flood.rate, c.since(now))
	}
}

// tooFast refuses a request that would have to wait for too long. Who goes on regardless
// is sent away.
func (c *Core) tooFast(s *session, r protocol.Request, wait time.Duration, now time.Time) {
	defer c.freely()()
	c.counts.flooded++
	seconds := inSeconds(wait)
	err := protocol.Errorf(protocol.RateLimited, "Too many requests: wait %d s and send that again.", seconds)
	err.Seconds = seconds
	most := c.cfg.Flood.Refusals
	if most <= 0 || s.few().refusals.take(1, Rate{PerSecond: 1, Burst: most}, c.since(now)) == 0 {
		c.refuse(s, r, err, now)
		return
	}
	err.Text = "Good bye: those were too many requests, and you went on after you were told to wait."
	c.refuse(s, r, err, now)
	c.cfg.Log.Warn("a connection was dropped", "conn", s.id, "user", s.name, "remote", remoteName(netip.AddrPortFrom(s.addr, s.port)),
		"reason", "more requests than a user may send, again and again")
	c.counts.dropped[DropFlood]++
	c.close(s, users.LostConnection, now)
}

// put has a request wait behind the others of its session, or refuses it. v is nil if there is
// no such verb.
func (c *Core) put(s *session, v *protocol.Verb, r protocol.Request, now time.Time) {
	d := deferred{Request: r, verb: v, at: c.since(now)}
	wait, few := time.Duration(0), s.few()
	if paced(v) && c.cfg.Flood.on() {
		d.cost = costOf(v)
		if a := c.allowanceOf(s); !s.hurried {
			wait = a.said.behind(a.owed+d.cost, c.flood.rate, c.since(now))
		}
	}
	full := len(few.backlog) >= c.cfg.Deferred || few.backlogSize+r.Size() > protocol.MaxDeferredSize
	switch {
	case wait > c.cfg.Flood.Wait, full && wait > 0:
		c.tooFast(s, r, wait, now)
		return
	case full:
		c.refuse(s, r, protocol.Errorf(protocol.Busy, "Wait for the answer to what you asked before."), now)
		return
	}
	few.backlog = append(few.backlog, d)
	few.backlogSize += r.Size()
	if d.cost > 0 {
		s.allowance.owed += d.cost
	}
	if !s.busy {
		c.counts.delayed++
		c.standInLine(s, now)
	}
}

// resume goes on with what waits of a session, unless it is busy or has to wait for what
// that costs.
func (c *Core) resume(s *session, now time.Time) {
	for s.goesOn() {
		d := &s.rare.backlog[0]
		if d.cost > 0 && s.hurried {
			c.allowanceOf(s).said.spend(d.cost, c.flood.rate, c.since(now))
		} else if d.cost > 0 && c.mustWait(s, d.verb, now) {
			c.counts.delayed++
			c.standInLine(s, now)
			return
		}
		c.advance(s, 0, now)
	}
}

// goesOn reports whether something waits of a session that is not busy.
func (s *session) goesOn() bool { return !s.busy && !s.leaving && len(s.deferred()) > 0 }

// advance carries out what waits first of a session, for which there was enough after a time.
func (c *Core) advance(s *session, waited time.Duration, now time.Time) {
	few := s.rare
	d := few.backlog[0]
	few.backlog[0] = deferred{}
	if few.backlog = few.backlog[1:]; len(few.backlog) == 0 {
		few.backlog = nil
	}
	s.waitsNoMore(d)
	c.perform(s, d.verb, d.Request, waited, now)
}

// deferOnly has only some requests wait of those that do of a session which is not in line.
func (s *session) deferOnly(stays func(d *deferred) bool) {
	if len(s.deferred()) == 0 {
		return
	}
	s.rare.backlog = slices.DeleteFunc(s.rare.backlog, func(d deferred) bool {
		if stays(&d) {
			return false
		}
		s.waitsNoMore(d)
		return true
	})
}

// waitsNoMore notes that a request has left the backlog.
func (s *session) waitsNoMore(d deferred) {
	s.rare.backlogSize -= d.Size()
	if s.allowance != nil {
		s.allowance.owed -= d.cost
	}
}

// hurry carries out what waits of a session that is about to end, as far as it is not busy:
// what was sent before counts. The user's allowance pays for it later.
func (c *Core) hurry(s *session, now time.Time) {
	s.hurried = true
	c.leaveLine(s, now)
	c.resume(s, now)
}

// hurriedRate returns for how many requests that is done of all who leave: for one at once, in any
// case. Four hundred who leave in one moment, with eighty requests each, would have everybody
// wait, and others refused because too much is to be kept.
func (c *Core) hurriedRate() Rate {
	n := float64(2 * c.cfg.Deferred)
	return Rate{PerSecond: n, Burst: n}
}

// hurryLeaver is hurry for who leaves. When too many do, what waits is refused instead.
func (c *Core) hurryLeaver(s *session, now time.Time) {
	if n := len(s.deferred()); n > 0 && c.cfg.Flood.on() && c.flood.hurried.take(n, c.hurriedRate(), c.since(now)) > 0 {
		c.abandon(s, now)
	}
	c.hurry(s, now)
}

// abandon refuses all that waits of a session, in one answer: it may be thirty thousand of all.
func (c *Core) abandon(s *session, now time.Time) {
	defer c.freely()()
	c.leaveLine(s, now)
	n := len(s.deferred())
	s.deferOnly(func(*deferred) bool { return false })
	c.counts.abandoned += uint64(n)
	c.cfg.Log.Warn("requests were not carried out", "conn", s.id, "user", s.name, "requests", n,
		"reason", "too many users left at once who had sent more than they may")
	c.refuse(s, protocol.Request{}, protocol.Errorf(protocol.Busy, "Not done: %d requests that waited when you left. Too many leave at this moment.", n), now)
}

// hurryOut is hurryLeaver for a session whose connection is gone. Nobody waits for answers: what
// only asks is left out.
func (c *Core) hurryOut(s *session, now time.Time) {
	if s.name == "" || s.leaving {
		return
	}
	c.leaveLine(s, now)
	s.deferOnly(func(d *deferred) bool { return d.verb != nil && !d.verb.ReadOnly })
	s.busy = false
	c.hurryLeaver(s, now)
	for s.name != "" && !s.leaving && len(s.deferred()) > 0 {
		s.busy = false
		c.hurry(s, now)
	}
}

// standInLine has a session wait for what its next request costs.
func (c *Core) standInLine(s *session, now time.Time) {
	if s.inLine {
		return
	}
	a := c.allowanceOf(s)
	s.inLine = true
	if a.line = append(a.line, s); len(a.line) == 1 {
		c.await(a, now)
	}
}

// leaveLine has a session wait no more.
func (c *Core) leaveLine(s *session, now time.Time) {
	if a := s.allowance; s.inLine {
		s.inLine = false
		a.line = slices.DeleteFunc(a.line, func(other *session) bool { return other == s })
		c.await(a, now)
	}
}

// await has an allowance looked at when there is enough for the next request in line.
func (c *Core) await(a *allowance, now time.Time) {
	if len(a.line) == 0 {
		if a.line = nil; a.slot > 0 {
			heap.Remove(&c.flood.lines, a.slot-1)
		}
		return
	}
	wait := max(a.said.until(a.line[0].rare.backlog[0].cost, c.flood.rate, c.since(now)), time.Millisecond)
	if a.next = c.since(now) + wait; a.slot > 0 {
		heap.Fix(&c.flood.lines, a.slot-1)
	} else {
		heap.Push(&c.flood.lines, a)
	}
	c.fx.WakeAt(now.Add(wait))
}

// mostPassed is how many requests that have waited are carried out in one turn. Those of a
// hundred users may be due in the same moment, and others are served between the turns.
const mostPassed = 8

// passDeferred carries out what has waited for long enough, of the sessions of one user
// in turn. It returns when there will be more.
func (c *Core) passDeferred(now time.Time) (next time.Time) {
	for passed := 0; len(c.flood.lines) > 0; {
		a := c.flood.lines[0]
		switch {
		case a.next > c.since(now):
			return c.began.Add(a.next)
		case passed == mostPassed:
			return now
		case c.crowded(a.line[0].rare.backlog[0].verb):
			return now.Add(time.Millisecond)
		}
		s := a.line[0]
		if a.said.take(s.rare.backlog[0].cost, c.flood.rate, c.since(now)) > 0 { // something was spent meanwhile
			c.await(a, now)
			continue
		}
		c.leaveLine(s, now)
		passed++
		c.advance(s, c.since(now)-s.rare.backlog[0].at, now)
		if s.goesOn() {
			c.standInLine(s, now)
		}
	}
	return time.Time{}
}

// lines is a heap of the allowances for which requests wait, that first which has enough first.
type lines []*allowance

func (l lines) Len() int           { return len(l) }
func (l lines) Less(i, j int) bool { return l[i].next < l[j].next }

func (l lines) Swap(i, j int) {
	l[i], l[j] = l[j], l[i]
	l[i].slot, l[j].slot = i+1, j+1
}

func (l *lines) Push(x any) {
	a := x.(*allowance)
	*l = append(*l, a)
	a.slot = len(*l)
}

func (l *lines) Pop() any {
	last := len(*l) - 1
	a := (*l)[last]
	(*l)[last] = nil
	*l = (*l)[:last]
	a.slot = 0
	return a
}
