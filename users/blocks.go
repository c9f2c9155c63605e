package users

import (
	"errors"
	"slices"
)

var (
	// ErrSelf is returned for what cannot be done to oneself.
	ErrSelf = errors.New("that is yourself")

	// ErrAlreadyBlocked is returned for a second block of one user by another.
	ErrAlreadyBlocked = errors.New("you have blocked that user already")

	// ErrNotBlocked is returned for the end of a block that there is not.
	ErrNotBlocked = errors.New("you have not blocked that user")

	// ErrTooManyBlocked is returned when a user has blocked MaxBlocked others.
	ErrTooManyBlocked = errors.New("you have blocked as many users as you can: unblock one first")
)

// MaxBlocked is how many users one user may have blocked. A block costs some 220
// bytes, so one user can make the server keep 220 KB.
const MaxBlocked = 1000

// Blocks are who has blocked whom. They go by name, not by session: a block
// holds when either of the two logs out, until it is undone. Those that a guest
// made end with ForgetBlocker when the guest does not come back. One goroutine owns them.
//
// Messages are many, and blocks, logins and logouts are few: so it is kept which
// sessions do not hear a user.
type Blocks struct {
	find     func(name string) (spelled string, ok bool)
	sessions func(name string) []Session
	made     map[string]map[string]Block // by blocker, by blocked, both folded
	against  map[string]map[string]Block // by blocked, by blocker
	deaf     map[string][]Session        // by blocked: the blockers' sessions, ascending
}

// NewBlocks returns an empty set. find tells how a name is spelled that somebody
// has, as an account or as a guest who is logged in; sessions tells the sessions of
// somebody, none if they are not logged in.
func NewBlocks(find func(name string) (spelled string, ok bool), sessions func(name string) []Session) *Blocks {
	return &Blocks{find: find, sessions: sessions, made: make(map[string]map[string]Block), against: make(map[string]map[string]Block),
		deaf: make(map[string][]Session)}
}

// Block decides whether blocker may block blocked, and returns the block, which Put
// makes: when it is on the disk if blocker has an account. It returns ErrSelf,
// ErrUnknownUser, ErrAlreadyBlocked or ErrTooManyBlocked. Nothing changes.
func (s *Blocks) Block(blocker, blocked string) (Block, error) {
	from, to := Fold(blocker), Fold(blocked)
	if from == to {
		return Block{}, ErrSelf
	}
	if _, ok := s.made[from][to]; ok {
		return Block{}, ErrAlreadyBlocked
	}
	spelled, ok := s.find(blocked)
	if !ok {
		return Block{}, ErrUnknownUser
	}
	if len(s.made[from]) >= MaxBlocked {
		return Block{}, ErrTooManyBlocked
	}
	return Block{Blocker: blocker, Blocked: spelled}, nil
}

// Put has one user hear nothing of another any more.
func (s *Blocks) Put(b Block) {
	from, to := Fold(b.Blocker), Fold(b.Blocked)
	enterBlock(s.made, from, to, b)
	enterBlock(s.against, to, from, b)
	for _, session := range s.sessions(b.Blocker) {
		s.deafen(to, session)
	}
}

// Arrive is called for each session with which a user has logged in.
func (s *Blocks) Arrive(name string, session Session) {
	for to := range s.made[Fold(name)] {
		s.deafen(to, session)
	}
}

// Leave is called for each session of a user that is over, which is not found any more.
func (s *Blocks) Leave(name string, session Session) {
	for to := range s.made[Fold(name)] {
		s.undeafen(to, session)
	}
}

func (s *Blocks) deafen(to string, session Session) {
	sessions := s.deaf[to]
	if i, has := slices.BinarySearchFunc(sessions, session, Session.Compare); !has {
		s.deaf[to] = slices.Insert(sessions, i, session)
	}
}

// undeafen leaves no empty lists behind.
func (s *Blocks) undeafen(to string, session Session) {
	sessions := s.deaf[to]
	if i, has := slices.BinarySearchFunc(sessions, session, Session.Compare); has {
		s.deaf[to] = slices.Delete(sessions, i, i+1)
	}
	if len(s.deaf[to]) == 0 {
		delete(s.deaf, to)
	}
}

// Unblock returns a block that blocker may undo, with Delete: when it is off the disk
// if blocker has an account. It returns ErrNotBlocked, or ErrUnknownUser if nobody
// has that name: a block of a name that is gone can be undone. Nothing changes.
func (s *Blocks) Unblock(blocker, blocked string) (Block, error) {
	from, to := Fold(blocker), Fold(blocked)
	b, ok := s.made[from][to]
	if !ok {
		if _, known := s.find(blocked); !known && from != to {
			return Block{}, ErrUnknownUser
		}
		return Block{}, ErrNotBlocked
	}
	return b, nil
}

// Delete undoes a block, if there is one.
func (s *Blocks) Delete(b Block) { s.remove(Fold(b.Blocker), Fold(b.Blocked)) }

// Has reports whether blocker has blocked blocked.
func (s *Blocks) Has(blocker, blocked string) bool {
	if len(s.made) == 0 {
		return false
	}
	_, ok := s.made[Fold(blocker)][Fold(blocked)]
	return ok
}

// Either reports whether one of two users has blocked the other.
func (s *Blocks) Either(a, b string) bool { return s.Has(a, b) || s.Has(b, a) }

// Made returns the blocks that a user made, in the order of the names.
func (s *Blocks) Made(blocker string) []Block {
	return sortedBlocks(s.made[Fold(blocker)], func(b Block) string { return b.Blocked })
}

// Blocked returns the names of those whom a user has blocked, in order.
func (s *Blocks) Blocked(blocker string) []string {
	return namesOf(s.Made(blocker), func(b Block) string { return b.Blocked })
}

// Count returns how many others a user has blocked.
func (s *Blocks) Count(blocker string) int { return len(s.made[Fold(blocker)]) }

// Any reports whether a user has blocked anybody.
func (s *Blocks) Any(blocker string) bool { return len(s.made[Fold(blocker)]) > 0 }

// Deaf returns the sessions of those who are logged in and have blocked a user,
// ascending: who must not get what that user says. It is valid until the next
// change and costs the same however many there are.
func (s *Blocks) Deaf(blocked string) []Session {
	if len(s.deaf) == 0 {
		return nil
	}
	return s.deaf[Fold(blocked)]
}

// ForgetBlocker undoes all blocks that a user made, and returns them.
func (s *Blocks) ForgetBlocker(name string) []Block {
	gone := s.Made(name)
	for _, b := range gone {
		s.Delete(b)
	}
	return gone
}

// Rename makes the blocks of one name another's: of a guest who comes back under that one.
// Nobody blocks themselves then, nor more than MaxBlocked others.
func (s *Blocks) Rename(from, to string) {
	for _, b := range s.ForgetBlocker(from) {
		if folded := Fold(to); Fold(b.Blocked) != folded && len(s.made[folded]) < MaxBlocked {
			s.Put(Block{Blocker: to, Blocked: b.Blocked})
		}
	}
}

// Forget undoes all blocks by and of a user, and returns them: the account is
// deleted, and whoever takes the name next is somebody else.
func (s *Blocks) Forget(name string) []Block {
	gone := s.ForgetBlocker(name)
	of := sortedBlocks(s.against[Fold(name)], func(b Block) string { return b.Blocker })
	for _, b := range of {
		s.Delete(b)
	}
	return append(gone, of...)
}

func (s *Blocks) remove(from, to string) {
	dropBlock(s.made, from, to)
	dropBlock(s.against, to, from)
	for _, session := range s.sessions(from) {
		s.undeafen(to, session)
	}
}

func enterBlock(table map[string]map[string]Block, a, b string, block Block) {
	if table[a] == nil {
		table[a] = make(map[string]Block)
	}
	table[a][b] = block
}

// dropBlock leaves no empty maps behind.
func dropBlock(table map[string]map[string]Block, a, b string) {
	delete(table[a], b)
	if len(table[a]) == 0 {
		delete(table, a)
	}
}

func sortedBlocks(of map[string]Block, name func(Block) string) []Block {
	blocks := make([]Block, 0, len(of))
	for _, b := range of {
		blocks = append(blocks, b)
	}
	slices.SortFunc(blocks, func(a, b Block) int { return compareNames(name(a), name(b)) })
	return blocks
}

func namesOf(blocks []Block, name func(Block) string) []string {
	names := make([]string, len(blocks))
	for i, b := range blocks {
		names[i] = name(b)
	}
	return names
}
