package state

import (
	"time"

	"parley/users/command"
)

// block has one hear nothing more of a person. Invitations between the two end as if
// they had lapsed.
func (s *State) block(at time.Time, c *command.Block, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	b, err := s.blocks.Block(who.Name, c.Name)
	if err != nil {
		return refused(err)
	}
	s.blocks.Put(b)
	if who.Account {
		rows.block(b, false)
	}
	r := Result{Name: b.Blocked}
	for _, way := range [...][2]string{{b.Blocker, b.Blocked}, {b.Blocked, b.Blocker}} {
		if i, err := s.invitations.Decline(way[0], way[1], at); err == nil {
			r.Void = append(r.Void, i)
		}
	}
	return r
}

// unblock has one hear a person again.
func (s *State) unblock(c *command.Unblock, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	b, err := s.blocks.Unblock(who.Name, c.Name)
	if err != nil {
		return refused(err)
	}
	s.blocks.Delete(b)
	if who.Account {
		rows.block(b, true)
	}
	return Result{Name: b.Blocked}
}
