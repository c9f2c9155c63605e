package users

import (
	"hash/maphash"
	"math/bits"
)

// A guestIndex finds the guests who are online by who they are. There is one for nearly
// everybody, and it is asked only when somebody comes with a token: so it is a hash table
// of the spans alone, of 11 to 16 bytes for each, where a map would take four times as
// much. The zero value is empty.
type guestIndex struct {
	seed  maphash.Seed // nobody can choose tokens that meet; what is found does not depend on it
	slots []*span      // nil: nobody was there; a guest is in the first free one from theirs on
	used  int          // that are not nil
	n     int          // guests
}

// goneGuest is in the place of one who has left: others may be behind it.
var goneGuest = new(span)

// add puts in a guest who is not there.
func (g *guestIndex) add(s *span) {
	if 4*g.used >= 3*len(g.slots) {
		g.refit()
	}
	i := g.first(s.Person)
	for g.slots[i] != nil {
		i = g.next(i)
	}
	g.slots[i] = s
	g.used++
	g.n++
}

// refit makes place for half as many again as are there.
func (g *guestIndex) refit() {
	if g.slots == nil {
		g.seed = maphash.MakeSeed()
	}
	all := g.slots
	g.slots, g.used, g.n = make([]*span, 2*g.n+8), 0, 0
	for _, s := range all {
		if s != nil && s != goneGuest {
			g.add(s)
		}
	}
}

// remove takes a guest out, whose Person is what it was.
func (g *guestIndex) remove(s *span) {
	if len(g.slots) == 0 {
		return
	}
	for i := g.first(s.Person); g.slots[i] != nil; i = g.next(i) {
		if g.slots[i] == s {
			g.slots[i] = goneGuest
			g.n--
			return
		}
	}
}

// find returns a guest who is that person, nil if none is there.
func (g *guestIndex) find(person string) *span {
	if len(g.slots) == 0 {
		return nil
	}
	for i := g.first(person); g.slots[i] != nil; i = g.next(i) {
		if g.slots[i].Person == person && g.slots[i] != goneGuest {
			return g.slots[i]
		}
	}
	return nil
}

// first returns where it is looked for a person first.
func (g *guestIndex) first(person string) int {
	i, _ := bits.Mul64(maphash.String(g.seed, person), uint64(len(g.slots)))
	return int(i)
}

func (g *guestIndex) next(i int) int {
	if i++; i == len(g.slots) {
		return 0
	}
	return i
}
