package users

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What is saved of the parts of a state, so that they go on elsewhere as if nothing had
// happened, is in types of its own: what is written stays readable, however the parts change.
// Numbers of fields are never given to another one. Types that are converted into each other
// have the same fields, so that none can be forgotten. What can be derived is derived again.
//
// Save copies only, and is quick. What it finds in maps is in no order: Sort puts it into one,
// at leisure. LoadSaved refuses what does not fit together.

// A SavedAccount is an Account.
type SavedAccount struct {
	Name       string     `cbor:"1,keyasint"`
	Hash       string     `cbor:"2,keyasint"`
	Registered time.Time  `cbor:"3,keyasint,omitzero"`
	LastSeen   time.Time  `cbor:"4,keyasint,omitzero"`
	Number     uint64     `cbor:"5,keyasint,omitzero"`
	Guest      string     `cbor:"6,keyasint,omitzero"`
	Role       Role       `cbor:"7,keyasint,omitzero"`
	Known      KnownAddrs `cbor:"8,keyasint,omitzero"`
}

// Save returns all accounts, in no order.
func (s *Accounts) Save() []SavedAccount {
	all := make([]SavedAccount, 0, len(s.byName))
	for _, a := range s.byName {
		all = append(all, SavedAccount(a))
	}
	return all
}

// SortSavedAccounts puts them into the order of the folded names.
func SortSavedAccounts(all []SavedAccount) {
	sortBy(all, func(a *SavedAccount) string { return Fold(a.Name) })
}

// LoadSaved puts saved accounts where there are none.
func (s *Accounts) LoadSaved(all []SavedAccount) error {
	s.byName = make(map[string]Account, len(all))
	for _, a := range all {
		if _, err := s.Lookup(a.Name); err == nil {
			return fmt.Errorf("the account %q is there twice", a.Name)
		}
		s.Put(Account(a))
	}
	return nil
}

// A SavedBlock is a Block.
type SavedBlock struct {
	Blocker string `cbor:"1,keyasint"`
	Blocked string `cbor:"2,keyasint"`
}

// Save returns all blocks, in no order.
func (s *Blocks) Save() (all []SavedBlock) {
	for _, of := range s.made {
		for _, b := range of {
			all = append(all, SavedBlock(b))
		}
	}
	return all
}

// SortSavedBlocks puts them into the order of the folded names.
func SortSavedBlocks(all []SavedBlock) {
	slices.SortFunc(all, func(a, b SavedBlock) int {
		if c := compareNames(a.Blocker, b.Blocker); c != 0 {
			return c
		}
		return compareNames(a.Blocked, b.Blocked)
	})
}

// LoadSaved puts saved blocks where there are none, of people some of whom are online by now.
func (s *Blocks) LoadSaved(all []SavedBlock) error {
	for _, b := range all {
		if s.Has(b.Blocker, b.Blocked) {
			return fmt.Errorf("the block of %q by %q is there twice", b.Blocked, b.Blocker)
		}
		s.Put(Block(b))
	}
	return nil
}

// A SavedLockout is a Lockout, and when the failures were that count, which is known of
// addresses only.
type SavedLockout struct {
	Lockout savedLockout `cbor:"1,keyasint"`
	Recent  []time.Time  `cbor:"2,keyasint,omitempty"`
}

type savedLockout struct {
	Key      string    `cbor:"1,keyasint"`
	Failures int       `cbor:"2,keyasint,omitzero"`
	Level    int       `cbor:"3,keyasint,omitzero"`
	Until    time.Time `cbor:"4,keyasint,omitzero"`
	First    time.Time `cbor:"5,keyasint,omitzero"`
	Last     time.Time `cbor:"6,keyasint,omitzero"`
}

// Save returns all that was counted, in no order.
func (g *Lockouts) Save() []SavedLockout {
	all := make([]SavedLockout, 0, g.Len())
	for _, table := range g.tables() {
		for _, w := range table {
			all = append(all, SavedLockout{Lockout: savedLockout(w.Lockout), Recent: slices.Clone(w.recent)})
		}
	}
	return all
}

// SortSavedLockouts puts them into the order of the keys.
func SortSavedLockouts(all []SavedLockout) {
	sortBy(all, func(l *SavedLockout) string { return l.Lockout.Key })
}

// LoadSaved puts what was saved where nothing was counted, under the limits of then.
func (g *Lockouts) LoadSaved(all []SavedLockout) error {
	for _, l := range all {
		table := g.table(l.Lockout.Key)
		if table[l.Lockout.Key] != nil {
			return fmt.Errorf("the lockout %q is there twice", l.Lockout.Key)
		}
		table[l.Lockout.Key] = &watched{Lockout: Lockout(l.Lockout), recent: l.Recent}
	}
	return nil
}

// SavedInvitations are Invitations.
type SavedInvitations struct {
	Last   uint64            `cbor:"1,keyasint,omitzero"`
	Queue  []savedInvitation `cbor:"2,keyasint,omitempty"`
	Paused []savedPause      `cbor:"3,keyasint,omitempty"`
}

type savedInvitation struct {
	Session  uint64     `cbor:"1,keyasint"`
	From     savedOffer `cbor:"2,keyasint"`
	To       string     `cbor:"3,keyasint"`
	Until    time.Time  `cbor:"4,keyasint"`
	Asker    Session    `cbor:"5,keyasint"`
	Answerer Session    `cbor:"6,keyasint,omitzero"`
	Over     bool       `cbor:"7,keyasint,omitzero"`
}

type savedOffer struct {
	Name        string   `cbor:"1,keyasint"`
	Fingerprint string   `cbor:"2,keyasint,omitzero"`
	Paths       []string `cbor:"3,keyasint"` // none is another one than an empty one: the sums of nodes show it
}

type savedPause struct {
	From  string    `cbor:"1,keyasint"`
	To    string    `cbor:"2,keyasint"`
	Until time.Time `cbor:"3,keyasint"`
}

// Save returns those that wait, and who may not invite whom.
func (v *Invitations) Save() SavedInvitations {
	saved := SavedInvitations{Last: v.last}
	for _, i := range v.queue {
		saved.Queue = append(saved.Queue, savedInvitation{i.Session, savedOffer(i.From), i.To, i.Until, i.Asker, i.Answerer, i.over})
	}
	for _, p := range v.paused {
		saved.Paused = append(saved.Paused, savedPause{p.who[0], p.who[1], p.until})
	}
	return saved
}

// LoadSaved puts what was saved where nothing waits.
func (v *Invitations) LoadSaved(saved SavedInvitations) error {
	v.last = saved.Last
	for _, i := range saved.Queue {
		if !i.Over && (Fold(i.From.Name) == Fold(i.To) || v.find(i.From.Name, i.To) != nil || v.find(i.To, i.From.Name) != nil) {
			return fmt.Errorf("the invitation of %q by %q is one that cannot be", i.To, i.From.Name)
		}
		v.put(&Invitation{Session: i.Session, From: Offer(i.From), To: i.To, Until: i.Until, Asker: i.Asker, Answerer: i.Answerer, over: i.Over})
	}
	for _, p := range saved.Paused {
		v.putPause(pause{[2]string{p.From, p.To}, p.Until})
	}
	return nil
}

// sortBy sorts by what is found once for each.
func sortBy[T any](all []T, key func(*T) string) {
	type keyed struct {
		key string
		v   T
	}
	by := make([]keyed, len(all))
	for i := range all {
		by[i] = keyed{key(&all[i]), all[i]}
	}
	slices.SortFunc(by, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	for i := range by {
		all[i] = by[i].v
	}
}
