package users

import (
	"slices"
	"strings"
)

// A LookalikeRule is what becomes of somebody whose name can be taken for another one's.
type LookalikeRule string

// The rules.
const (
	AllowLookalikes  LookalikeRule = ""       // nothing
	RefuseLookalikes LookalikeRule = "refuse" // they are not let in
	ShowLookalikes   LookalikeRule = "show"   // others are told whom they are not
)

// skeleton returns what is the same for names that look the same, after the idea of UTS #39,
// section 4, for ASCII letters and digits: zero is an o, five an s, rn an m and vv a w. Upper
// case is lower case, as names are the same then, but for a capital I among small letters,
// which looks like an l. That and a one are written as 1, which stands for an i as well as for
// an l: an i and an l are not taken for each other ("Ali" is not "all").
func skeleton(name string) string {
	small := strings.ContainsAny(name, "abcdefghijklmnopqrstuvwxyz")
	b := make([]byte, 0, len(name))
	for i := range len(name) {
		c := name[i]
		switch {
		case c == 'I' && small:
			c = '1'
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c == '0':
			c = 'o'
		case c == '5':
			c = 's'
		}
		last := len(b) - 1
		switch {
		case c == 'n' && last >= 0 && b[last] == 'r':
			b[last] = 'm'
		case c == 'v' && last >= 0 && b[last] == 'v':
			b[last] = 'w'
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// coarse returns what is the same for all skeletons that can be taken for each other, and for
// others that differ in i and l.
func coarse(skeleton string) string {
	return strings.Map(func(c rune) rune {
		if c == '1' || c == 'i' {
			return 'l'
		}
		return c
	}, skeleton)
}

// LookAlike reports whether two names can be taken for each other. One name, spelled in two
// ways, is not two.
func LookAlike(a, b string) bool {
	return Fold(a) != Fold(b) && alike(skeleton(a), skeleton(b))
}

func alike(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x != y && !(x == '1' && (y == 'i' || y == 'l')) && !(y == '1' && (x == 'i' || x == 'l')) {
			return false
		}
	}
	return true
}

// Lookalikes are names among which those are found that can be taken for another one. One
// goroutine owns them. The zero value is empty.
type Lookalikes struct {
	groups map[string][]string // by coarse, in the order of compareNames
}

// Put adds a name, or puts another spelling in its place.
func (l *Lookalikes) Put(name string) {
	if l.groups == nil {
		l.groups = make(map[string][]string)
	}
	key := coarse(skeleton(name)) // i and l are the same in it, so that the spelling does not matter
	group := l.groups[key]
	i, there := slices.BinarySearchFunc(group, name, compareNames)
	if there {
		group[i] = name
		return
	}
	l.groups[key] = slices.Insert(group, i, name)
}

// Remove takes a name out, however it is spelled.
func (l *Lookalikes) Remove(name string) {
	key := coarse(skeleton(name))
	group := l.groups[key]
	i, there := slices.BinarySearchFunc(group, name, compareNames)
	switch {
	case !there:
	case len(group) == 1:
		delete(l.groups, key)
	default:
		l.groups[key] = slices.Delete(group, i, i+1)
	}
}

// Find returns the first name for which another one can be taken, of those for which is says
// so; nil: of all.
func (l *Lookalikes) Find(name string, is func(string) bool) (like string, found bool) {
	s := skeleton(name)
	for _, other := range l.groups[coarse(s)] {
		if Fold(other) != Fold(name) && alike(s, skeleton(other)) && (is == nil || is(other)) {
			return other, true
		}
	}
	return "", false
}
