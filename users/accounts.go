package users

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

var (
	// ErrUnknownUser is returned for a name that nobody has: it is not registered
	// and, where guests count, nobody is logged in with it.
	ErrUnknownUser = errors.New("there is no user of that name")

	// ErrRegistered is returned for a name that is somebody's account.
	ErrRegistered = errors.New("that name is registered")

	// ErrTooManyAccounts is returned when MaxAccounts are there.
	ErrTooManyAccounts = errors.New("no more names can be registered here: ask the owner of the server")
)

// MaxAccounts is how many names can be registered by their users. An account is
// some 300 bytes here, so this is 60 MB; registration that is open to everybody
// must not eat the memory, and a hash of 50 ms each is no limit over weeks.
const MaxAccounts = 200_000

// Accounts are all registered users. One goroutine owns them. The zero value is empty.
type Accounts struct {
	byName map[string]Account        // by folded name
	roles  map[string]Role           // of those who have one of the server, by folded name
	guests map[string][]guestAccount // those that guests have become, the oldest first, by the guests' persons
	known  int                       // of how many addresses are known
}

// Put adds or replaces an account.
func (s *Accounts) Put(a Account) {
	if s.byName == nil {
		s.byName = make(map[string]Account)
	}
	s.set(a)
}

// set puts an account in place, and its role.
func (s *Accounts) set(a Account) {
	name := Fold(a.Name)
	before := s.byName[name]
	s.countKnown(before, a)
	s.byName[name] = a
	if before.Guest != a.Guest || before.Number != a.Number {
		s.forgetGuest(before)
		s.noteGuest(a)
	}
	switch {
	case a.Role == NoRole:
		delete(s.roles, name)
	case s.roles == nil:
		s.roles = map[string]Role{name: a.Role}
	default:
		s.roles[name] = a.Role
	}
}

// Delete removes the account with that name, however it is spelled, and returns
// it, or ErrUnknownUser.
func (s *Accounts) Delete(name string) (Account, error) {
	a, err := s.Lookup(name)
	if err == nil {
		s.countKnown(a, Account{})
		delete(s.byName, Fold(name))
		delete(s.roles, Fold(name))
		s.forgetGuest(a)
	}
	return a, err
}

// A guestAccount is an account that a guest has become.
type guestAccount struct {
	number uint64 // Account.Number
	name   string // folded
}

// OfGuest returns the account that a guest has become; the newest, if there are several.
func (s *Accounts) OfGuest(person string) (Account, bool) {
	all := s.guests[person]
	if len(all) == 0 {
		return Account{}, false
	}
	return s.byName[all[len(all)-1].name], true
}

// noteGuest notes which guest has become an account.
func (s *Accounts) noteGuest(a Account) {
	if a.Guest == "" {
		return
	}
	if s.guests == nil {
		s.guests = make(map[string][]guestAccount)
	}
	i, _ := s.findOfGuest(a)
	s.guests[a.Guest] = slices.Insert(s.guests[a.Guest], i, guestAccount{a.Number, Fold(a.Name)})
}

// forgetGuest forgets that about an account that is gone.
func (s *Accounts) forgetGuest(a Account) {
	i, is := s.findOfGuest(a)
	switch all := s.guests[a.Guest]; {
	case !is:
	case len(all) == 1:
		delete(s.guests, a.Guest)
	default:
		s.guests[a.Guest] = slices.Delete(all, i, i+1)
	}
}

// findOfGuest returns where an account is among those that its guest has become, or would be.
func (s *Accounts) findOfGuest(a Account) (int, bool) {
	return slices.BinarySearchFunc(s.guests[a.Guest], guestAccount{a.Number, Fold(a.Name)}, func(x, y guestAccount) int {
		return cmp.Or(cmp.Compare(x.number, y.number), cmp.Compare(x.name, y.name))
	})
}

// Lookup returns the account with that name, however it is spelled, or
// ErrUnknownUser.
func (s *Accounts) Lookup(name string) (Account, error) {
	a, ok := s.byName[Fold(name)]
	if !ok {
		return Account{}, ErrUnknownUser
	}
	return a, nil
}

// SetHash gives an account another password and returns it as it is now, or
// ErrUnknownUser.
func (s *Accounts) SetHash(name, hash string) (Account, error) {
	return s.change(name, func(a *Account) { a.Hash = hash })
}

// SetLastSeen notes the end of a time online. It never goes back.
func (s *Accounts) SetLastSeen(name string, at time.Time) (Account, error) {
	return s.change(name, func(a *Account) {
		if at.After(a.LastSeen) {
			a.LastSeen = at
		}
	})
}

func (s *Accounts) change(name string, do func(*Account)) (Account, error) {
	a, err := s.Lookup(name)
	if err != nil {
		return a, err
	}
	do(&a)
	s.set(a)
	return a, nil
}

// SetRole gives an account a role of the server.
func (s *Accounts) SetRole(name string, role Role) (Account, error) {
	return s.change(name, func(a *Account) { a.Role = role })
}

// countKnown notes that an account is another one than before.
func (s *Accounts) countKnown(before, after Account) {
	if before.Known != "" {
		s.known--
	}
	if after.Known != "" {
		s.known++
	}
}

// SetKnown gives an account other addresses that are known of it.
func (s *Accounts) SetKnown(name string, known KnownAddrs) (Account, error) {
	return s.change(name, func(a *Account) { a.Known = known })
}

// AnyKnown reports whether addresses are known of some account.
func (s *Accounts) AnyKnown() bool { return s.known > 0 }

// KnownBefore returns the names of the accounts of which an address is known from before a
// day, in alphabetical order. It looks at all.
func (s *Accounts) KnownBefore(day int64) (names []string) {
	if s.known == 0 {
		return nil
	}
	for _, a := range s.byName {
		if a.Known.Since(day) != a.Known {
			names = append(names, a.Name)
		}
	}
	slices.SortFunc(names, compareNames)
	return names
}

// WithRoles returns the names of those who have a role of the server, as they were
// registered, in alphabetical order.
func (s *Accounts) WithRoles() []string {
	names := make([]string, 0, len(s.roles))
	for name := range s.roles {
		names = append(names, s.byName[name].Name)
	}
	slices.SortFunc(names, compareNames)
	return names
}

// Owners returns how many accounts own the server.
func (s *Accounts) Owners() (n int) {
	for _, role := range s.roles {
		if role == Owner {
			n++
		}
	}
	return n
}

// Names returns the names, as they were registered, in alphabetical order.
func (s *Accounts) Names() []string {
	names := make([]string, 0, len(s.byName))
	for _, a := range s.byName {
		names = append(names, a.Name)
	}
	slices.SortFunc(names, compareNames)
	return names
}

// Len returns how many accounts there are.
func (s *Accounts) Len() int { return len(s.byName) }
