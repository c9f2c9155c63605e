package server

import (
	"errors"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// orderError makes an answer of why a command was refused because somebody keeps order, or
// could not be carried out for that; nil if it is nothing of that. name is whom it is about,
// or who asks.
func (c *Core) orderError(cmd command.Command, r state.Result, name string, now time.Time) *protocol.Error {
	switch {
	case errors.Is(r.Err, state.ErrBanned), errors.Is(r.Err, state.ErrMuted):
		return c.sanctioned(r.Sanction, now)
	case errors.Is(r.Err, state.ErrLockdown):
		return c.lockedDown()
	case errors.Is(r.Err, state.ErrSlow):
		return slowed(cmd, r.Wait)
	case errors.Is(r.Err, state.ErrHigher), errors.Is(r.Err, users.ErrSelf):
		return higher(cmd, r)
	case errors.Is(r.Err, state.ErrNotSo):
		return protocol.Errorf(protocol.BadRequest, "%s", notSo(cmd, name))
	}
	if _, is := cmd.(*command.Kick); is && errors.Is(r.Err, state.ErrOffline) {
		return protocol.Errorf(protocol.UserOffline, "%s is not connected.", name)
	}
	set, is := cmd.(*command.SetRole)
	switch {
	case is && errors.Is(r.Err, state.ErrLastOwner) && set.Room != "":
		return protocol.Errorf(protocol.NotAllowed, "A room has an owner: give it to somebody else. Use:").WithCommands("role NAME owner " + set.Room)
	case errors.Is(r.Err, state.ErrLastOwner):
		return protocol.Errorf(protocol.NotAllowed, "%s is the last owner of the server: make somebody else one first. Use:", name).WithCommands("role NAME owner lobby")
	}
	return nil
}

// sanctioned refuses somebody because of a ban or a mute.
func (c *Core) sanctioned(v *state.Sanction, now time.Time) *protocol.Error {
	act := sanctionOnWire(v)
	act.Name = "you" // also where it is about addresses
	err := &protocol.Error{Code: protocol.Banned, Text: act.Sentence("", c.toldApart), Order: &protocol.Order{By: v.By, Why: v.Why, Until: v.Until}}
	if v.Kind == users.Mute {
		err.Code = protocol.Muted
	}
	if !v.Until.IsZero() {
		err.Seconds = inSeconds(v.Until.Sub(c.log.Time(now)))
	}
	return err
}

// inSeconds returns a time in seconds that have gone by when it has.
func inSeconds(d time.Duration) int { return int((max(d, 0) + time.Second - 1) / time.Second) }

// lockedDown refuses a guest, or a registration.
func (c *Core) lockedDown() *protocol.Error {
	set := c.state.Settings()
	act := protocol.Act{Act: state.ActLockdown, By: set.By, Set: protocol.On, Why: set.Why}
	return &protocol.Error{Code: protocol.LockedDown, Text: act.Sentence("", c.toldApart), Order: &protocol.Order{By: set.By, Why: set.Why, On: true}}
}

// higher refuses to do something to somebody who is as high, or to oneself; nil if it is
// nothing of that.
func higher(cmd command.Command, r state.Result) *protocol.Error {
	ban, is := cmd.(*command.Sanction)
	switch self := errors.Is(r.Err, users.ErrSelf); {
	case self && is && ban.Addr != "":
		return protocol.Errorf(protocol.Forbidden, "You come from %s yourself.", ban.Addr)
	case self:
		return nil
	case is && ban.Addr != "":
		return protocol.Errorf(protocol.Forbidden, "%s comes from %s, and has the same role as you, or a higher one.", r.Name, ban.Addr)
	}
	return domainError(r.Err, r.Name)
}

// slowed refuses a message in a slow room.
func slowed(cmd command.Command, wait time.Duration) *protocol.Error {
	room := "The room"
	if m, is := cmd.(*command.Message); is && m.Room == state.Lobby {
		room = "The lobby"
	} else if is {
		room += " " + m.Room
	}
	seconds := inSeconds(wait)
	err := protocol.Errorf(protocol.RateLimited, "%s is slow: wait %d s and send that again.", room, seconds)
	err.Seconds = seconds
	return err
}

// notSo says that there is nothing to be done.
func notSo(cmd command.Command, name string) string {
	switch cmd := cmd.(type) {
	case *command.Lift:
		if cmd.Kind == users.Mute {
			return name + " is not muted there."
		}
		return name + " is not banned there."
	case *command.SetRole:
		if cmd.Role == users.NoRole {
			return name + " has no role there."
		}
		return name + " is " + string(cmd.Role) + " there already."
	case *command.Lockdown:
		if cmd.On {
			return "The server is locked already, for that reason."
		}
		return "The server is not locked."
	}
	return "It is so already."
}
