package state

import "parley/users"

// Lookalike returns the name for which another one can be taken that somebody has who has an
// account or is there. It is "" where that is allowed.
func (s *State) Lookalike(name string) (like string, is bool) {
	if s.limits.Lookalikes == users.AllowLookalikes {
		return "", false
	}
	return s.lookalikes.Find(name, nil)
}

func (s *State) isAccount(name string) bool {
	_, registered := s.Account(name)
	return registered
}

// showLookalike notes that somebody has come, of whom others are told whom they are not. An
// account is who it is: those who come later are told apart from it.
func (s *State) showLookalike(o Online, all []users.Announcement) {
	like, is := s.Lookalike(o.Name)
	if !is || o.Account || s.limits.Lookalikes != users.ShowLookalikes {
		return
	}
	for i := range all {
		if a := &all[i]; a.Change == users.LoggedIn && users.Fold(a.Name) == users.Fold(o.Name) {
			a.Like = like
		}
	}
}

// nameLeft notes that nobody is there any more under a name, or has an account with it.
func (s *State) nameLeft(name string) {
	if account, registered := s.Account(name); registered {
		s.lookalikes.Put(account.Name)
	} else if o, there := s.presence.Find(name); there {
		s.lookalikes.Put(o.Name)
	} else {
		s.lookalikes.Remove(name)
	}
}
