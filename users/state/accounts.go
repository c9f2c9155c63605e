package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// register makes a guest who is there an account, to which goes what was the guest's.
func (s *State) register(at time.Time, c *command.Register, rows *Rows) Result {
	o, err := s.caller(c.By)
	like, _ := s.lookalikes.Find(o.Name, s.isAccount) // another guest was there later, or both were let in
	switch {
	case err != nil:
		return refused(err)
	case o.Account:
		return refused(users.ErrRegistered)
	case s.settings.Lockdown:
		return refused(ErrLockdown)
	case like != "" && s.limits.Lookalikes == users.RefuseLookalikes:
		return Result{Err: ErrLookalike, Name: like}
	case s.accounts.Len() >= s.limits.Accounts:
		return refused(users.ErrTooManyAccounts)
	}
	person := users.Fold(o.Name)
	s.createAccount(users.Account{Name: o.Name, Hash: c.Hash, Registered: at, LastSeen: at, Guest: o.Person}, rows)
	renamed := s.renamePerson(o.Person, person, rows)
	s.presence.Register(o.Name, person)
	s.noteKnownSessions(o.Name, rows)
	o.Person, o.Account = person, true
	s.personArrived(o) // which a guest need not have been noted to be under this name
	return Result{Name: o.Name, Renamed: renamed}
}

// createAccount makes an account, and keeps the blocks that the guest of that name made.
func (s *State) createAccount(account users.Account, rows *Rows) {
	account.Number = s.last
	s.accounts.Put(account)
	s.lookalikes.Put(account.Name)
	rows.account(account, false)
	for _, b := range s.blocks.Made(account.Name) {
		rows.block(b, false)
	}
}

// setHash gives an account another password.
func (s *State) setHash(c *command.SetHash, rows *Rows) Result {
	account, err := s.accounts.Lookup(c.Name)
	switch {
	case err != nil:
		return refused(err)
	case c.Was != "" && c.Was != account.Hash:
		return refused(ErrStale)
	case s.hooks.of(account.Name) != nil:
		return refused(ErrHook)
	}
	_, _ = s.accounts.SetHash(c.Name, c.Hash)
	account, _ = s.accounts.SetKnown(c.Name, "") // their marks were made with the other hash
	rows.account(account, false)
	s.noteKnownSessions(c.Name, rows)
	return Result{Name: account.Name}
}

// addAccount makes an account for the owner. A guest of that name is logged out.
func (s *State) addAccount(at time.Time, c *command.AddAccount, rows *Rows) Result {
	if _, registered := s.Account(c.Name); registered {
		return refused(users.ErrRegistered)
	}
	if !users.ValidName(c.Name) {
		return refused(ErrName)
	}
	var r Result
	if guest, there := s.presence.Find(c.Name); there {
		r = s.expel(at, guest, rows)
	}
	s.takeBlocks(c.Name, users.Fold(c.Name))
	s.createAccount(users.Account{Name: c.Name, Hash: c.Hash, Registered: at}, rows)
	r.Name = c.Name
	return r
}

// deleteAccount forgets an account: whoever takes the name next is somebody else.
func (s *State) deleteAccount(at time.Time, c *command.DeleteAccount, rows *Rows) Result {
	account, err := s.accounts.Lookup(c.Name)
	if err != nil {
		return refused(err)
	}
	return s.dropAccount(at, account, rows)
}

// dropAccount ends an account, with all that is its own, and its sessions.
func (s *State) dropAccount(at time.Time, account users.Account, rows *Rows) Result {
	untold := s.Untold(account.Name) // while there are its blocks
	_, _ = s.accounts.Delete(account.Name)
	s.nameLeft(account.Name)
	for _, b := range s.blocks.Forget(account.Name) {
		if _, kept := s.Account(b.Blocker); kept || users.Fold(b.Blocker) == users.Fold(account.Name) {
			rows.block(b, true)
		}
	}
	rows.account(account, true)
	hook := s.forgetHook(account.Name, rows)
	r := Result{Name: account.Name, Hook: hook}
	if o, there := s.presence.Find(account.Name); there {
		r = s.expel(at, o, rows)
		r.Hook = hook
		tellNot(r.Announce, o, untold)
		return r
	}
	s.forgetPerson(users.Fold(account.Name), rows)
	return r
}
