package server

import (
	"strconv"
	"strings"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// What those ask for who keep order. Whether somebody may do it, the state says when it is
// decided.

// kick ends a person's sessions, or has them be in a room no more.
func kick(c *Core, s *session, r call) *protocol.Error {
	asked, err := c.askedOrder(s, r)
	if err != nil {
		return err
	}
	return c.proposeOrder(s, &r, asked.name, &command.Kick{By: s.by(), Name: asked.name, Room: asked.room, Why: asked.why})
}

func mute(c *Core, s *session, r call) *protocol.Error { return c.sanction(s, r, users.Mute) }

func unmute(c *Core, s *session, r call) *protocol.Error { return c.lift(s, r, users.Mute) }

func ban(c *Core, s *session, r call) *protocol.Error { return c.sanction(s, r, users.Ban) }

func unban(c *Core, s *session, r call) *protocol.Error { return c.lift(s, r, users.Ban) }

// sanction mutes or bans.
func (c *Core) sanction(s *session, r call, kind users.Penalty) *protocol.Error {
	asked, err := c.askedOrder(s, r)
	if err != nil {
		return err
	}
	return c.proposeOrder(s, &r, asked.whom(), &command.Sanction{By: s.by(), Kind: kind, Name: asked.name, Addr: asked.addr, Room: asked.room, For: asked.lasts, Why: asked.why})
}

// lift ends a ban or a mute.
func (c *Core) lift(s *session, r call, kind users.Penalty) *protocol.Error {
	asked, err := c.askedOrder(s, r)
	if err != nil {
		return err
	}
	return c.proposeOrder(s, &r, asked.whom(), &command.Lift{By: s.by(), Kind: kind, Name: asked.name, Addr: asked.addr, Room: asked.room})
}

// whom returns what a request is about.
func (o *orderRequest) whom() string {
	if o.name == "" {
		return o.addr
	}
	return o.name
}

// bans lists who is banned or muted in a room, or on the whole server.
func bans(c *Core, s *session, r call) *protocol.Error {
	room, err := c.place(s, strings.TrimSpace(r.args[0]))
	if err != nil {
		return err
	}
	if !c.state.May(c.person(s), "bans", room) {
		return domainError(state.ErrForbidden, room)
	}
	order := &protocol.Order{Acts: []protocol.Act{}}
	for _, v := range c.state.Sanctions(room, c.log.Time(r.now)) {
		order.Acts = append(order.Acts, sanctionOnWire(&v))
	}
	where := "on the server"
	if room != "" {
		where = "in " + room
	}
	answer := c.info("Nobody is banned or muted "+where+".", protocol.EventBans, r.now)
	answer.Ref, answer.Data.Room, answer.Data.Order = r.Ref, room, order
	c.replyList(s, answer, 0)
	return nil
}

// setRole gives a person a role, or takes it away.
func setRole(c *Core, s *session, r call) *protocol.Error {
	name, role, known := r.args[0], users.NoRole, false
	if role, known = users.ParseRole(r.args[1]); !known {
		return protocol.Errorf(protocol.BadRequest, "There is no role %q. Use:", shorten(r.args[1])).WithCommands(c.verbs.Lookup(r.Verb).Syntax())
	}
	room, err := c.place(s, strings.TrimSpace(r.args[2]))
	if err != nil {
		return err
	}
	return c.proposeOrder(s, &r, name, &command.SetRole{By: s.by(), Name: name, Role: role, Room: room})
}

// announce tells everybody something who is connected.
func announce(c *Core, s *session, r call) *protocol.Error {
	if err := protocol.CheckText(r.args[0], c.cfg.MaxText); err != nil {
		return err
	}
	return c.proposeOrder(s, &r, s.name, &command.Announce{By: s.by(), Text: r.args[0]})
}

// lockdown lets no new guests in and no names be registered, or does again.
func lockdown(c *Core, s *session, r call) *protocol.Error {
	mode, why := strings.ToLower(r.args[0]), strings.TrimSpace(r.args[1])
	if mode != protocol.On && mode != protocol.Off {
		return protocol.Errorf(protocol.BadRequest, "A lockdown is on or off. Use:").WithCommands(c.verbs.Lookup(r.Verb).Syntax())
	}
	if why != "" {
		if err := protocol.CheckWhy(why); err != nil {
			return err
		}
	}
	return c.proposeOrder(s, &r, s.name, &command.Lockdown{By: s.by(), On: mode == protocol.On, Why: why})
}

// slow has each person wait between two messages in a room.
func slow(c *Core, s *session, r call) *protocol.Error {
	seconds, bad := strconv.Atoi(strings.TrimSpace(r.args[1]))
	if bad != nil || seconds < 0 || seconds > state.MaxSlow {
		return protocol.Errorf(protocol.BadRequest, "SECONDS is a whole number from 0, which is not slow, to %d. Use:", state.MaxSlow).WithCommands(c.verbs.Lookup(r.Verb).Syntax())
	}
	room, err := c.named(s, r.args[0])
	if err != nil {
		return err
	}
	return c.proposeOrder(s, &r, room.Name, &command.Slow{By: s.by(), Room: room.Name, Seconds: seconds})
}

// proposeOrder has something decided that keeps order, about a name, and answers with what
// was done.
func (c *Core) proposeOrder(s *session, r *call, name string, cmd command.Command) *protocol.Error {
	return c.propose(s, r, name, cmd, func(c *Core, s *session, a asked, result state.Result) {
		answer := c.aboutAct(result.Act, s.name, a.at)
		answer.Ref = a.ref
		c.reply(s, answer)
	})
}

// actEvents are what data.event says of acts.
var actEvents = map[string]string{
	state.ActKick: protocol.EventKicked, state.ActMute: protocol.EventMuted, state.ActUnmute: protocol.EventUnmuted,
	state.ActBan: protocol.EventBanned, state.ActUnban: protocol.EventUnbanned, state.ActRole: protocol.EventRole,
	state.ActAnnounce: protocol.EventAnnouncement, state.ActLockdown: protocol.EventLockdown, state.ActSlow: protocol.EventSlow,
	state.ActReport: protocol.EventReport,
}

// aboutAct tells of an act to the person of a name, "" for anybody.
func (c *Core) aboutAct(a *state.Act, to string, now time.Time) protocol.Response {
	act := actOnWire(a)
	r := c.info(act.Sentence(to, c.toldApart), actEvents[a.Act], now)
	d := r.Data
	d.Name, d.Room, d.ID = a.Name, roomOnWire(a.Room), a.Message
	d.Order = &protocol.Order{By: a.By, Why: a.Why, Until: a.Until}
	switch a.Act {
	case state.ActRole:
		d.Order.Role = a.Set
	case state.ActAnnounce:
		d.Text, d.Order.Why = a.Why, ""
	case state.ActLockdown:
		d.Order.On = a.Set == protocol.On
	case state.ActSlow:
		d.Seconds, _ = strconv.Atoi(a.Set)
	}
	if a.Addr != "" {
		d.Order.Acts = []protocol.Act{act}
	}
	return r
}

// actOnWire returns an act as data.acts has it.
func actOnWire(a *state.Act) protocol.Act {
	return protocol.Act{ID: a.Number, Time: a.Time, Act: a.Act, By: a.By, Name: a.Name, Address: a.Addr, Room: a.Room, Message: a.Message, Why: a.Why, Set: a.Set, Until: a.Until}
}

// sanctionOnWire returns a ban or a mute that holds as data.acts has it.
func sanctionOnWire(v *state.Sanction) protocol.Act {
	act := protocol.Act{Time: v.Since, Act: string(v.Kind), By: v.By, Name: v.Name, Room: v.Room, Why: v.Why, Until: v.Until}
	if v.Addr {
		act.Address = v.Target
	}
	return act
}
