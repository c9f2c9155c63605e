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
	wait, changed := s.guard.Failed(c.Name, c.Addr, at)
	rows.loginBlocks(changed)
	return Result{Wait: max(wait, 0)}
}

// rightPassword ends the row of wrong ones, unless that came too late.
func (s *State) rightPassword(at time.Time, c *command.RightPassword, rows *Rows) Result {
	wait, locked, changed := s.guard.Succeeded(c.Name, c.Addr, at)
	if locked {
		return Result{Err: ErrLocked, Wait: wait}
	}
	rows.loginBlocks(changed)
	return Result{}
}

// unlock ends a lockout for the owner.
func (s *State) unlock(c *command.Unlock, rows *Rows) Result {
	gone, ok := s.guard.Unblock(c.Who)
	if !ok {
		return refused(users.ErrUnknownUser)
	}
	rows.loginBlocks([]users.LoginBlock{gone})
	return Result{}
}

// sweep forgets lockouts that are over, and who left too long ago.
func (s *State) sweep(at time.Time, rows *Rows) Result {
	s.swept = at
	rows.loginBlocks(s.guard.Sweep(at))
	s.presence.Sweep(at)
	return Result{}
}

// setLimits puts others in the place of those that decide.
func (s *State) setLimits(at time.Time, c *command.Limits, rows *Rows) Result {
	s.limits = *c
	rows.loginBlocks(s.guard.SetLimits(c.Lockouts, at))
	return Result{}
}
