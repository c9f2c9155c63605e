package state

import "parley/users/command"

// away notes that somebody is, and why.
func (s *State) away(c *command.Away) Result {
	who, err := s.caller(c.By)
	if err == nil {
		err = s.presence.Away(who.Name, c.Text)
	}
	return Result{Err: err}
}

// back is for those who are away.
func (s *State) back(c *command.Back) Result {
	who, err := s.caller(c.By)
	switch {
	case err != nil:
		return refused(err)
	case !s.presence.Back(who.Name):
		return refused(ErrNotAway)
	}
	return Result{}
}
