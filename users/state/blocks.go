package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// block has one hear nothing more of a person. Invitations between the two end, those to
// private sessions as if they had lapsed.
func (s *State) block(at time.Time, c *command.Block, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	b, err := s.blocks.Block(who.Name, c.Name)
	if err != nil {
		return refused(err)
	}
	s.blocks.Put(b)
	if who.Account {
		rows.block(b, false)
	}
	s.uninviteBlocked(b.Blocker, b.Blocked, rows)
	r := Result{Name: b.Blocked}
	for _, way := range [...][2]string{{b.Blocker, b.Blocked}, {b.Blocked, b.Blocker}} {
		if i, err := s.invitations.Decline(way[0], way[1], at); err == nil {
			r.Void = append(r.Void, i)
		}
	}
	return r
}

// unblock has one hear a person again.
func (s *State) unblock(c *command.Unblock, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	b, err := s.blocks.Unblock(who.Name, c.Name)
	if err != nil {
		return refused(err)
	}
	s.blocks.Delete(b)
	if who.Account {
		rows.block(b, true)
	}
	return Result{Name: b.Blocked}
}

// maxLeftBlocks is how many blocks are kept of all guests together who have left and may
// come back. Those of who leaves when there is no place for them end. 22 MB.
const maxLeftBlocks = 100_000

// leftBlocks are whose the blocks are of guests who have left and may come back: blocks go
// by name, and somebody else may take it. The zero value is empty.
type leftBlocks struct {
	persons map[string]leftBlock // by person
	names   map[string]string    // the persons, by folded name
	n       int                  // blocks in all
}

// A leftBlock is under which name a guest has left, folded, and with how many blocks.
type leftBlock struct {
	name string
	n    int
}

func (l *leftBlocks) add(person string, b leftBlock) {
	if l.persons == nil {
		l.persons, l.names = make(map[string]leftBlock), make(map[string]string)
	}
	l.persons[person], l.names[b.name] = b, person
	l.n += b.n
}

func (l *leftBlocks) remove(person string) (name string, ok bool) {
	b, ok := l.persons[person]
	if ok {
		delete(l.persons, person)
		delete(l.names, b.name)
		l.n -= b.n
	}
	return b.name, ok
}

// leaveBlocks keeps the blocks of a guest who has left and may come back.
func (s *State) leaveBlocks(name, person string) {
	b := leftBlock{users.Fold(name), s.blocks.Count(name)}
	if b.n == 0 {
		return
	}
	s.forgetBlocks(person) // of before, under another name
	if s.leftBlocks.n+b.n > maxLeftBlocks {
		s.blocks.ForgetBlocker(name)
		return
	}
	s.leftBlocks.add(person, b)
}

// takeBlocks gives a name to a person: the blocks that another one has left under it end,
// and those that this one has left are of this name now.
func (s *State) takeBlocks(name, person string) {
	if other, ok := s.leftBlocks.names[users.Fold(name)]; ok && other != person {
		s.forgetBlocks(other)
	}
	if before, ok := s.leftBlocks.remove(person); ok && before != users.Fold(name) {
		s.blocks.Rename(before, name)
	}
}

// forgetBlocks ends the blocks that a guest has left.
func (s *State) forgetBlocks(person string) {
	if name, ok := s.leftBlocks.remove(person); ok {
		s.blocks.ForgetBlocker(name)
	}
}
