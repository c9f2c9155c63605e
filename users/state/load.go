package state

import (
	"slices"
	"strings"
	"time"

	"parley/users"
	"parley/users/command"
)

// defaultLimits are what holds until there is a Limits command.
func defaultLimits() command.Limits {
	return command.Limits{Accounts: users.MaxAccounts, Lockouts: users.DefaultLockoutLimits(), GuestGrace: DefaultGuestGrace}
}

// DefaultGuestGrace is for how long a guest's token is good after the session where the
// owner says nothing else.
const DefaultGuestGrace = time.Hour

// New returns the state that goes on from what is kept, at a time. Nobody is there.
// Guests may come back as if they had left just now.
func New(kept Kept, now time.Time) *State {
	now = now.UTC().Round(0) // without a reading of the monotonic clock
	s := newState(defaultLimits(), now)
	s.last, s.time = kept.Last, kept.Time
	s.lockouts.Restore(kept.Lockouts)
	s.loadPeople(kept, now)
	for _, q := range kept.Requests {
		s.requests.load(q)
	}
	for _, c := range kept.Changes {
		s.changes.load(c)
	}
	for _, u := range kept.Unseen {
		s.directs.add(u)
	}
	s.loadRooms(kept, now)
	for _, h := range kept.Hooks {
		s.hooks.put(h)
	}
	for _, p := range kept.Pruned {
		s.pruned[p.Room] = p.UpTo
	}
	s.loadOrder(kept)
	return s
}

// newState returns a state in which there is nothing.
func newState(limits command.Limits, swept time.Time) *State {
	s := &State{limits: limits, swept: swept, presence: users.NewPresence(),
		invitations: users.NewInvitations(InvitationTimeout, invitationPause), requests: newRequests(), directs: make(directs), pruned: make(map[string]uint64), participants: make(participants)}
	s.lockouts = users.NewLockouts(limits.Lockouts, s.knows)
	s.blocks = users.NewBlocks(s.Spelling, s.sessionsOf)
	return s
}

func (s *State) loadOrder(kept Kept) {
	s.settings = kept.Settings
	for _, v := range kept.Sanctions {
		s.sanctions.put(&v)
	}
	for _, a := range kept.Reports {
		s.addReport(&a)
	}
}

func (s *State) loadPeople(kept Kept, now time.Time) {
	byName := func(a, b users.Account) int { return strings.Compare(users.Fold(a.Name), users.Fold(b.Name)) }
	for _, a := range slices.SortedFunc(slices.Values(kept.Accounts), byName) {
		s.accounts.Put(a)
		s.lookalikes.Put(a.Name)
		s.presence.Restore(a.Name, a.LastSeen, now)
	}
	for _, b := range kept.Blocks {
		s.blocks.Put(b)
	}
	for _, person := range kept.Guests {
		s.directs.of(person).note()
		s.guests.add(person, now)
	}
}
