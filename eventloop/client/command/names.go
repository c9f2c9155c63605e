package command

import (
	"slices"
	"strings"
	"sync/atomic"
)

// maxNames is how many names are known for completion. When there are more, the
// half that was met the longest ago is forgotten.
const maxNames = 2_000

// names are the people that were met. One goroutine notes them, each in constant
// time; another one may search meanwhile. What stands in the list that it sees is
// never overwritten: names are added behind it, until a new list takes its place.
type names struct {
	byName map[string]*person // by the name in lower case; of the goroutine that notes
	list   []*person          // in the order they were met, twice if they were met again
	seen   atomic.Pointer[[]*person]
}

// A person is somebody that was met.
type person struct {
	name string
	last int         // where in the list; of the goroutine that notes
	left atomic.Bool // is not there any more
}

// come notes that somebody of that name is there.
func (n *names) come(name string) {
	p := n.byName[strings.ToLower(name)]
	if p == nil {
		p = &person{name: name}
		n.byName[strings.ToLower(name)] = p
	} else {
		p.left.Store(false)
		if len(n.list)-p.last <= maxNames/4 {
			return // not to be forgotten soon
		}
	}
	p.last = len(n.list)
	n.list = append(n.list, p)
	if len(n.list) == maxNames {
		n.forget()
	}
	list := n.list
	n.seen.Store(&list)
}

// forget puts the newer half into a list of its own.
func (n *names) forget() {
	const half = maxNames / 2
	for i, p := range n.list[:half] {
		if p.last == i {
			delete(n.byName, strings.ToLower(p.name))
		}
	}
	n.list = append(make([]*person, 0, maxNames), n.list[half:]...)
	for i, p := range n.list {
		if p.last == i+half {
			p.last = i
		}
	}
}

// goAway notes that somebody has left.
func (n *names) goAway(name string) {
	if p := n.byName[strings.ToLower(name)]; p != nil {
		p.left.Store(true)
	}
}

// beginning returns the names that begin with prefix in the order of the alphabet,
// those of people who have left last.
func (n *names) beginning(prefix string) []string {
	var found, left []string
	for _, p := range *n.seen.Load() {
		switch {
		case !hasPrefixFold(p.name, prefix):
		case p.left.Load():
			left = append(left, p.name)
		default:
			found = append(found, p.name)
		}
	}
	return append(inOrder(found), inOrder(left)...)
}

// inOrder sorts names and leaves out those that are there twice.
func inOrder(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
