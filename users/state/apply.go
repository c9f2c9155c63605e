package state

import (
	"time"

	"parley/users/command"
)

// Apply carries out a command at the log's time, which never goes back, and notes in rows
// what is to be kept. It first decides, and then changes what cannot fail.
func (s *State) Apply(at time.Time, c command.Command, rows *Rows) Result {
	at = at.UTC() // without a reading of the monotonic clock
	if at.Before(s.time) {
		at = s.time
	}
	s.time = at
	r := s.carryOut(at, c, rows)
	s.finish(&r)
	rows.end(s.last, at)
	return r
}

// finish adds to a result which rooms have ended, and those that the ones are in, or were in
// until now, who are announced.
func (s *State) finish(r *Result) {
	for i := range r.Announce {
		a := &r.Announce[i]
		if p := s.participants[a.Person]; p != nil && len(p.joined) > 0 {
			a.Rooms = roomNames(p.joined)
		}
		for _, e := range s.exits {
			if e.person == a.Person {
				a.Rooms = e.rooms
			}
		}
	}
	r.RoomsEnded, s.ended, s.exits = s.ended, nil, nil
}

func (s *State) carryOut(at time.Time, c command.Command, rows *Rows) Result {
	switch c := c.(type) {
	case *command.Enter:
		return s.enter(at, c, rows)
	case *command.Leave:
		return s.leave(at, c, rows)
	case *command.EndSession:
		return s.endSession(c)
	case *command.Register:
		return s.register(at, c, rows)
	case *command.SetHash:
		return s.setHash(c, rows)
	case *command.WrongPassword:
		return s.wrongPassword(at, c, rows)
	case *command.RightPassword:
		return s.rightPassword(at, c, rows)
	case *command.LapseInvitations:
		return Result{Void: s.invitations.Lapse(at)}
	case *command.Depart:
		return Result{Announce: s.presence.Depart(c.Name, c.Until)}
	case *command.ForgetGuest:
		return s.forgetGuest(at, c, rows)
	case *command.Sweep:
		return s.sweep(at, rows)
	case *command.AddAccount:
		return s.addAccount(at, c, rows)
	case *command.DeleteAccount:
		return s.deleteAccount(at, c, rows)
	case *command.Unlock:
		return s.unlock(c, rows)
	case *command.Limits:
		return s.setLimits(at, c, rows)
	default:
		return s.say(at, c, rows)
	}
}

// say carries out what people do who are logged in.
func (s *State) say(at time.Time, c command.Command, rows *Rows) Result {
	switch c := c.(type) {
	case *command.Message:
		return s.message(at, c, rows)
	case *command.Direct:
		return s.direct(at, c, rows)
	case *command.Seen:
		return s.seen(c, rows)
	case *command.Block:
		return s.block(at, c, rows)
	case *command.Unblock:
		return s.unblock(c, rows)
	case *command.Away:
		return s.away(c)
	case *command.Back:
		return s.back(c)
	case *command.CreateRoom:
		return s.createRoom(c, rows)
	case *command.JoinRoom:
		return s.joinRoom(at, c, rows)
	case *command.LeaveRoom:
		return s.leaveRoom(c, rows)
	case *command.SetTopic:
		return s.setTopic(at, c, rows)
	case *command.InviteToRoom:
		return s.inviteToRoom(at, c, rows)
	case *command.Read:
		return s.read(c, rows)
	case *command.Invite:
		return s.invite(at, c)
	case *command.Accept:
		return s.accept(c)
	case *command.Decline:
		return s.decline(at, c)
	case *command.Withdraw:
		return s.withdraw(c)
	case *command.Edit, *command.Remove, *command.React:
		return s.change(at, c, rows)
	case *command.Begin, *command.Heartbeat, *command.Gone:
		return s.node(at, c, rows)
	case *command.AddHook, *command.DropHook, *command.HookMessage, *command.AddOutgoingHook, *command.StopHook, *command.HooksSent:
		return s.hook(at, c, rows)
	case *command.Keep, *command.Prune, *command.ForgetMe:
		return s.retain(at, c, rows)
	}
	return s.order(at, c, rows)
}
