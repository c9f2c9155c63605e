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
// made end with ForgetBlocker when the guest leaves. One goroutine owns them.
type Blocks struct {
	find    func(name string) (spelled string, ok bool)
	made    map[string]map[string]Block // by blocker, by blocked, both folded
	against map[string]map[string]Block // by blocked, by blocker
}

// NewBlocks returns an empty set. find tells how a name is spelled that somebody
// has, as an account or as a guest who is logged in.
func NewBlocks(find func(name string) (spelled string, ok bool)) *Blocks {
	return &Blocks{find: find, made: make(map[string]map[string]Block), against: make(map[string]map[string]Block)}
}

// Block has blocker hear nothing of blocked any more, and returns what is to be
// kept if blocker has an account. It returns ErrSelf, ErrUnknownUser,
// ErrAlreadyBlocked or ErrTooManyBlocked, and then nothing has changed.
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
	b := Block{Blocker: blocker, Blocked: spelled}
	s.Put(b)
	return b, nil
}

// Put adds what the store has kept.
func (s *Blocks) Put(b Block) {
	from, to := Fold(b.Blocker), Fold(b.Blocked)
	enterBlock(s.made, from, to, b)
	enterBlock(s.against, to, from, b)
}

// Unblock undoes a block and returns what is to be kept no more. It returns
// ErrNotBlocked, or ErrUnknownUser if nobody has that name: a block of a name
// that is gone can be undone.
func (s *Blocks) Unblock(blocker, blocked string) (Block, error) {
	from, to := Fold(blocker), Fold(blocked)
	b, ok := s.made[from][to]
	if !ok {
		if _, known := s.find(blocked); !known && from != to {
			return Block{}, ErrUnknownUser
		}
		return Block{}, ErrNotBlocked
	}
	s.remove(from, to)
	return b, nil
}

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

// Blockers returns the names of those who have blocked a user, in order: who
// must not get what that user says. It costs as much as there are, which for
// most users is nothing.
func (s *Blocks) Blockers(blocked string) []string {
	name := func(b Block) string { return b.Blocker }
	return namesOf(sortedBlocks(s.against[Fold(blocked)], name), name)
}

// ForgetBlocker undoes all blocks that a user made, and returns them: a guest
// who leaves takes them along.
func (s *Blocks) ForgetBlocker(name string) []Block {
	gone := s.Made(name)
	for _, b := range gone {
		s.remove(Fold(b.Blocker), Fold(b.Blocked))
	}
	return gone
}

// Forget undoes all blocks by and of a user, and returns them: the account is
// deleted, and whoever takes the name next is somebody else.
func (s *Blocks) Forget(name string) []Block {
	gone := s.ForgetBlocker(name)
	of := sortedBlocks(s.against[Fold(name)], func(b Block) string { return b.Blocker })
	for _, b := range of {
		s.remove(Fold(b.Blocker), Fold(b.Blocked))
	}
	return append(gone, of...)
}

func (s *Blocks) remove(from, to string) {
	dropBlock(s.made, from, to)
	dropBlock(s.against, to, from)
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
