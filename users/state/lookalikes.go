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

// MistakenFor returns whom others are told that somebody is not, because the name can be
// taken for theirs: an account, or else who is there; "" if nobody, or if nothing is told. An
// account is who it is: the others are told apart from it.
func (s *State) MistakenFor(name string) string {
	if s.limits.Lookalikes != users.ShowLookalikes || s.isAccount(name) {
		return ""
	}
	like, is := s.lookalikes.Find(name, s.isAccount)
	if !is {
		like, _ = s.lookalikes.Find(name, nil)
	}
	return like
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
