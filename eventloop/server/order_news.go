package server

import (
	"maps"
	"slices"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// tellAct tells those whom it concerns what somebody has done to keep order, but for the
// session that has asked for it: whom it was done to, and all who hear the room, or the
// lobby. Addresses are told to those only who keep order.
func (c *Core) tellAct(cmd command.Command, r state.Result, now time.Time) {
	a := r.Act
	if a == nil || actEvents[a.Act] == "" {
		return
	}
	by := orderedBy(cmd)
	switch {
	case a.Act == state.ActReport:
		c.tellReport(a, by, now)
		return
	case a.Act == state.ActAnnounce:
		c.tellAll(c.aboutAct(a, "", now), by.Session)
		return
	case a.Addr != "":
		c.tellKeepers(c.aboutAct(a, "", now), a.Room, by.Session)
		return
	}
	except := c.addConnection(nil, by.Session)
	for _, name := range hit(r) {
		for _, s := range c.sessionsOf(name) {
			except = append(except, s.id)
			if s.key() != by.Session {
				c.reply(s, c.doneTo(s, a, now))
			}
		}
	}
	room := a.Room
	if room == "" {
		room = state.Lobby
	}
	d := c.encode(c.aboutAct(a, "", now), room, true)
	slices.Sort(except)
	d.Except = slices.Compact(except)
	c.fx.Deliver(d)
}

// hit returns the names under which those are there whom an act was done to: who was put out
// of a room may have another one than that which was named.
func hit(r state.Result) (names []string) {
	names = append(names, r.Act.Name) // "" is nobody
	for _, out := range r.Out {
		names = append(names, out.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// doneTo tells a session what was done to its user.
func (c *Core) doneTo(s *session, a *state.Act, now time.Time) protocol.Response {
	act := *a
	act.Name = s.name
	r := c.aboutAct(&act, s.name, now)
	if (a.Act == state.ActKick || a.Act == state.ActBan) && a.Room != "" {
		r.Content += " What you say goes to " + inWords(s.current()) + " now."
	}
	return r
}

// orderedBy returns who has asked for something that keeps order: nobody if it is the
// server's owner at its command line.
func orderedBy(cmd command.Command) command.By {
	switch cmd := cmd.(type) {
	case *command.SetRole:
		return cmd.By
	case *command.Kick:
		return cmd.By
	case *command.Sanction:
		return cmd.By
	case *command.Lift:
		return cmd.By
	case *command.Lockdown:
		return cmd.By
	case *command.Slow:
		return cmd.By
	case *command.Announce:
		return cmd.By
	case *command.Report:
		return cmd.By
	}
	return command.By{}
}

// tellAll tells all who are connected, but for one session. A plain session hears its current
// room only, so it is told there; an extended one that catches up hears none yet.
func (c *Core) tellAll(r protocol.Response, but command.Session) {
	except := c.addConnection(nil, but)
	for _, room := range slices.Sorted(maps.Keys(c.plain)) {
		if room != state.Lobby {
			d := c.encode(r, room, true)
			d.Extended, d.Except = nil, except
			c.fx.Deliver(d)
		}
	}
	d := c.encode(r, state.Lobby, true)
	d.Except = except
	c.fx.Deliver(d)
	c.sessions.all(func(s *session) {
		if past := s.catch(); past != nil && past.rooms && !s.leaving && s.key() != but {
			c.reply(s, r)
		}
	})
}

// tellKeepers tells those who are connected and keep order in a room, or in the whole server,
// but for one session.
func (c *Core) tellKeepers(r protocol.Response, room string, but command.Session) {
	for _, name := range c.state.Keepers(room) {
		for _, s := range c.sessionsOf(name) {
			if s.key() != but {
				c.reply(s, r)
			}
		}
	}
}

// putOut has those hear a room no more who were put out of it.
func (c *Core) putOut(r state.Result) {
	for _, out := range r.Out {
		if out.Name != "" {
			c.exitRoom(out.Name, out.Room.Name)
		}
	}
}

// tellPutOut tells those who are in a room that others are so no more.
func (c *Core) tellPutOut(r state.Result, now time.Time) {
	for _, out := range r.Out {
		if out.Name != "" && !out.Gone {
			c.announceInRoom(out.Room.Name, out.Name, users.LeftRoom, now)
		}
	}
}

// goodBye is the last that a session is told that ends because of an act. Which others an
// address means one does not learn.
func (c *Core) goodBye(a *state.Act, name string, now time.Time) protocol.Response {
	act := *a
	act.Name, act.Addr = name, ""
	r := c.aboutAct(&act, name, now)
	r.Content, r.Data.Event, r.Data.Code = "Good bye. "+r.Content, protocol.EventLogout, protocol.NotAllowed
	if a.Act == state.ActBan {
		r.Data.Code = protocol.Banned
	}
	return r
}
