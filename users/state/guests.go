package state

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// guests are those who have left and may come back. The zero value is empty.
type guests struct {
	left  map[string]time.Time // when, by person
	queue []guest              // who left first in front
}

// A guest is one who has left.
type guest struct {
	person string
	left   time.Time
}

// add remembers a guest.
func (g *guests) add(person string, left time.Time) {
	g.remove(person)
	if g.left == nil {
		g.left = make(map[string]time.Time)
	}
	g.left[person] = left
	i, _ := slices.BinarySearchFunc(g.queue, guest{person, left}, compareGuests)
	g.queue = slices.Insert(g.queue, i, guest{person, left})
}

// has reports whether a guest is among them.
func (g *guests) has(person string) bool { _, ok := g.left[person]; return ok }

// remove reports whether a guest was among them.
func (g *guests) remove(person string) bool {
	left, ok := g.left[person]
	if !ok {
		return false
	}
	delete(g.left, person)
	switch i, _ := slices.BinarySearchFunc(g.queue, guest{person, left}, compareGuests); i {
	case 0: // as almost always where there are many: the others need not move
		g.queue[0] = guest{}
		g.queue = g.queue[1:]
	default:
		g.queue = slices.Delete(g.queue, i, i+1)
	}
	return true
}

func compareGuests(a, b guest) int {
	return cmp.Or(a.left.Compare(b.left), strings.Compare(a.person, b.person))
}
