package state

import (
	"time"

	"parley/users"
)

// Of an account it is known from where somebody has logged in to it, who is then not locked
// out by what others guess (users.Lockouts).

// knows reports whether an address is known of the account with a folded name: somebody is
// logged in from there now, or was not long ago.
func (s *State) knows(name, addr string) bool {
	account, registered := s.Account(name)
	if !registered {
		return false
	}
	for _, l := range s.presence.Sessions(name) {
		if l.Addr == addr {
			return true
		}
	}
	return account.Known != "" && account.Known.Has(users.AddrMark(account.Hash, addr))
}

// noteKnown notes that somebody has logged in to an account from an address.
func (s *State) noteKnown(at time.Time, name, addr string, rows *Rows) {
	account, registered := s.Account(name)
	if !registered || !s.limits.Lockouts.KeepsKnown() {
		return
	}
	known := account.Known.With(users.AddrMark(account.Hash, addr), users.Day(at))
	if known == account.Known {
		return
	}
	account, _ = s.accounts.SetKnown(name, known)
	rows.account(account, false)
}

// noteKnownSessions does so for all sessions of an account: their addresses are known although
// it has another password, or has just become one.
func (s *State) noteKnownSessions(name string, rows *Rows) {
	for _, l := range s.presence.Sessions(name) {
		s.noteKnown(s.time, name, l.Addr, rows)
	}
}

// forgetKnown forgets addresses from which nobody has logged in for too long: all, where none
// are to be kept.
func (s *State) forgetKnown(at time.Time, rows *Rows) {
	const always = 1 << 62
	oldest := int64(always)
	if l := s.limits.Lockouts; l.KeepsKnown() {
		oldest = users.Day(at) - int64(l.KnownDays)
	}
	for _, name := range s.accounts.KnownBefore(oldest) {
		account, _ := s.Account(name)
		account, _ = s.accounts.SetKnown(name, account.Known.Since(oldest))
		rows.account(account, false)
	}
}
