package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// wrongPassword counts one. Keys of lockouts must be such as can be told apart.
func (s *State) wrongPassword(at time.Time, c *command.WrongPassword, rows *Rows) Result {
	if !users.ValidName(c.Name) || !users.ValidAddrKey(c.Addr) {
		return refused(ErrName)
	}
	wait, late, changed := s.lockouts.Failed(c.Name, c.Addr, at)
	if late {
		return Result{Err: ErrLocked, Wait: wait}
	}
	rows.lockouts(changed)
	return Result{Wait: max(wait, 0)}
}

// rightPassword ends the row of wrong ones, unless that came too late.
func (s *State) rightPassword(at time.Time, c *command.RightPassword, rows *Rows) Result {
	wait, locked, changed := s.lockouts.Succeeded(c.Name, c.Addr, at)
	if locked {
		return Result{Err: ErrLocked, Wait: wait}
	}
	rows.lockouts(changed)
	return Result{}
}

// unlock ends a lockout for the owner.
func (s *State) unlock(c *command.Unlock, rows *Rows) Result {
	gone := s.lockouts.Unblock(c.Who)
	if len(gone) == 0 {
		return refused(users.ErrUnknownUser)
	}
	rows.lockouts(gone)
	return Result{}
}

// sweep forgets lockouts and sanctions that are over, who left too long ago, and once a day
// addresses that are known no more.
func (s *State) sweep(at time.Time, rows *Rows) Result {
	if users.Day(at) != users.Day(s.swept) {
		s.forgetKnown(at, rows)
	}
	s.swept = at
	rows.lockouts(s.lockouts.Sweep(at))
	s.presence.Sweep(at)
	s.sweepSanctions(at, rows)
	return Result{}
}

// setLimits puts others in the place of those that decide.
func (s *State) setLimits(at time.Time, c *command.Limits, rows *Rows) Result {
	s.limits = *c
	rows.lockouts(s.lockouts.SetLimits(c.Lockouts, at))
	s.forgetKnown(at, rows)
	return Result{}
}
