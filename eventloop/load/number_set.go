package load

import (
	"maps"
	"slices"
)

// A numberSet is a set of numbers of the server's log, a bit for each, by pages.
type numberSet map[uint64]*[pageSize / 64]uint64

func (s numberSet) add(n uint64) {
	p := s[n/pageSize]
	if p == nil {
		p = new([pageSize / 64]uint64)
		s[n/pageSize] = p
	}
	p[n%pageSize/64] |= 1 << (n % 64)
}

func (s numberSet) has(n uint64) bool {
	p := s[n/pageSize]
	return p != nil && p[n%pageSize/64]&(1<<(n%64)) != 0
}

// runs returns those between two numbers, both included, in order and with neighbours
// together.
func (s numberSet) runs(from, to uint64) (runs []span) {
	for _, page := range s.pages(from/pageSize, to/pageSize) {
		for n := max(from, page*pageSize); n <= min(to, page*pageSize+pageSize-1); n++ {
			switch last := len(runs) - 1; {
			case !s.has(n):
			case last >= 0 && runs[last].to == n-1:
				runs[last].to = n
			default:
				runs = append(runs, span{n, n})
			}
		}
	}
	return runs
}

// pages returns the pages between two that there are. What is between two numbers may be
// more than can be gone through.
func (s numberSet) pages(from, to uint64) (pages []uint64) {
	if to-from >= uint64(len(s)) {
		return slices.DeleteFunc(slices.Sorted(maps.Keys(s)), func(page uint64) bool { return page < from || page > to })
	}
	for page := from; page <= to; page++ {
		if s[page] != nil {
			pages = append(pages, page)
		}
	}
	return pages
}
