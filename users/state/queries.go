package state

import (
	"slices"
	"time"

	"parley/users"
	"parley/users/command"
)

// What can be asked: nothing of it changes anything.

// Last returns the number that was given last.
func (s *State) Last() uint64 { return s.last }

// Time returns the time of the last command.
func (s *State) Time() time.Time { return s.time }

// Online returns who is logged in under a name, however it is spelled: of several sessions
// with the first.
func (s *State) Online(name string) (Online, bool) { return s.presence.Find(name) }

// Sessions returns those of somebody who is logged in, the one first that began first, in
// memory of the caller's own; nil of nobody.
func (s *State) Sessions(name string) []users.Login { return s.presence.Sessions(name) }

// Holds reports whether one of the sessions of a name was given the token of that id.
func (s *State) Holds(name, token string) bool {
	return token != "" && slices.ContainsFunc(s.Sessions(name), func(l users.Login) bool { return l.Token == token })
}

// Guest returns under which name a guest is there, who is a person.
func (s *State) Guest(person string) (name string, there bool) { return s.presence.Guest(person) }

// Elsewhere reports whether the guest who has the token of that id is there under another
// name.
func (s *State) Elsewhere(token, name string) bool {
	other, there := s.Guest(command.GuestPrefix + token)
	return there && users.Fold(other) != users.Fold(name)
}

// Len returns how many are logged in.
func (s *State) Len() int { return s.presence.Len() }

// Names returns the names of those who are logged in, in alphabetical order, in memory of
// the caller's own.
func (s *State) Names() []string { return s.presence.Names() }

// Presence returns who is and was there, for its queries.
func (s *State) Presence() *users.Presence { return s.presence }

// Account returns the account with a name, however it is spelled.
func (s *State) Account(name string) (users.Account, bool) {
	a, err := s.accounts.Lookup(name)
	return a, err == nil
}

// Accounts returns how many accounts there are.
func (s *State) Accounts() int { return s.accounts.Len() }

// AccountList returns all accounts in the order of their names.
func (s *State) AccountList() []users.Account {
	names := s.accounts.Names()
	all := make([]users.Account, 0, len(names))
	for _, name := range names {
		a, _ := s.accounts.Lookup(name)
		all = append(all, a)
	}
	return all
}

// Blocks returns who has blocked whom, for its queries.
func (s *State) Blocks() *users.Blocks { return s.blocks }

// Locked returns for how long a name or an address (users.AddrKey) is locked out; 0: it
// is not.
func (s *State) Locked(name, addr string, now time.Time) time.Duration {
	wait, _ := s.lockouts.Check(name, addr, now)
	return wait
}

// Draw returns for how long a name is locked out for an address before a password is looked at,
// which may depend on a lot; see users.Lockouts.
func (s *State) Draw(secret, name, addr string, now time.Time) time.Duration {
	wait, _ := s.lockouts.Draw(secret, name, addr, now)
	return wait
}

// Untold returns the sessions that are not told that a user comes or goes, ascending:
// those of who has blocked them, of whom they have blocked, and their own.
func (s *State) Untold(name string) []command.Session {
	sessions := slices.Clone(s.blocks.Deaf(name))
	for _, other := range append(s.blocks.Blocked(name), name) {
		sessions = s.presence.AppendSessions(sessions, other)
	}
	slices.SortFunc(sessions, command.Session.Compare)
	return slices.Compact(sessions)
}

// Invitations returns those that wait for an answer, for their queries.
func (s *State) Invitations() *users.Invitations { return s.invitations }

// Spelling returns how the name of an account is spelled, or of somebody who is there.
func (s *State) Spelling(name string) (string, bool) {
	if a, ok := s.Account(name); ok {
		return a.Name, true
	}
	o, ok := s.presence.Find(name)
	return o.Name, ok
}
