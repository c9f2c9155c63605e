package server

import (
	"net/netip"
	"slices"
	"time"

	"parley/users"
)

// An allowance is what a user may ask for, in all sessions together, or a connection
// before its login. It outlives the sessions until it is full: who comes back has no more
// than before, nor has a guest who comes from the same address under another name.
type allowance struct {
	key      string     // the user's folded name; "" before a login
	said     bucket     // of what people ask for
	idle     bucket     // of what programs ask for by themselves: neither waits for the other
	sessions int        // that have it
	owed     int        // units that the requests cost which wait
	line     []*session // have requests that wait for said, in turn
	next     time.Duration
	slot     int        // index in the core's lines, plus 1; 0 if it is not there
	addr     netip.Addr // of a guest who is gone
}

// allowanceOf returns what a session may use.
func (c *Core) allowanceOf(s *session) *allowance {
	if s.allowance == nil {
		s.allowance = c.findAllowance(s)
		s.allowance.sessions++
		s.allowance.owed += s.owes()
	}
	return s.allowance
}

func (c *Core) findAllowance(s *session) *allowance {
	if s.name == "" {
		return new(allowance)
	}
	f, key := &c.flood, users.Fold(s.name)
	a := f.allowances[key]
	if a == nil && !s.account {
		a = f.heritage(c.counted(s))
	}
	if a == nil {
		a = new(allowance)
	}
	f.forget(a)
	a.key = key
	f.allowances[key] = a
	return a
}

// dropAllowance has a session whose name is about to change, or to be given up, use
// nothing more of what it has used until now.
func (c *Core) dropAllowance(s *session, now time.Time) {
	a := s.allowance
	if a == nil {
		return
	}
	c.leaveLine(s, now)
	s.allowance = nil
	a.owed -= s.owes()
	if a.sessions--; a.sessions > 0 || s.name == "" {
		return
	}
	c.flood.left[a.key] = a
	if addr := c.counted(s); !s.account && addr.IsValid() {
		a.addr = addr
		c.flood.guests[addr] = append(c.flood.guests[addr], a)
	}
}

// heritage returns what a guest has left who was here from an address and is gone, nil if
// there is none. So who comes and goes under one name after the other may say no more than so
// many guests as may be here at once from one address.
func (f *flood) heritage(addr netip.Addr) *allowance {
	if gone := f.guests[addr]; len(gone) > 0 {
		return gone[len(gone)-1]
	}
	return nil
}

// forget takes an allowance out of those that are kept.
func (f *flood) forget(a *allowance) {
	delete(f.left, a.key)
	delete(f.allowances, a.key)
	if !a.addr.IsValid() {
		return
	}
	gone := slices.DeleteFunc(f.guests[a.addr], func(other *allowance) bool { return other == a })
	if f.guests[a.addr] = gone; len(gone) == 0 {
		delete(f.guests, a.addr)
	}
	a.addr = netip.Addr{}
}

// forgetAllowances forgets what is full again of users who are not here.
func (c *Core) forgetAllowances(now time.Time) {
	for _, a := range c.flood.left {
		a.said.refill(c.flood.rate, c.since(now))
		a.idle.refill(c.flood.rate, c.since(now))
		if a.said.used+a.idle.used == 0 {
			c.flood.forget(a)
		}
	}
}
