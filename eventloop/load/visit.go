package load

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// A visit is what a client was told in a room from one joining to the next leaving, by the
// senders who speak there. It is the client's reader's.
type visit struct {
	first, last []uint32 // turns of each speaker; 0: none was heard
	gaps        []gap    // turns between them that were not
	heard       uint64   // different messages

	// What has a number between these two was to be heard.
	after uint64 // what is told in the history of the joining is behind it
	known bool   // after is
	until uint64 // is set at the end
}

// newVisit returns a visit of a room with so many speakers. If nothing was said before, all
// that is said is to be heard; otherwise the history tells from when on.
func newVisit(speakers int, nothingSaid bool) *visit {
	return &visit{first: make([]uint32, speakers), last: make([]uint32, speakers), known: nothingSaid, until: math.MaxUint64}
}

// An outcome is what became of a message that was told.
type outcome int

const (
	heardInTurn outcome = iota
	heardLate           // behind a later one of its sender
	heardAgain
)

// hear judges a message by its turn.
func (v *visit) hear(t turn) outcome {
	first, last := &v.first[t.place], &v.last[t.place]
	switch {
	case *last == 0:
		*first, *last = t.k, t.k
	case t.k == *last+1:
		*last = t.k
	case t.k > *last:
		v.gaps = append(v.gaps, gap{int(t.place), uint64(*last) + 1, uint64(t.k) - 1})
		*last = t.k
	case t.k < *first:
		if t.k+1 < *first {
			v.gaps = append(v.gaps, gap{int(t.place), uint64(t.k) + 1, uint64(*first) - 1})
		}
		*first = t.k
		v.heard++
		return heardLate
	default:
		var skipped bool
		if v.gaps, skipped = fill(v.gaps, int(t.place), uint64(t.k)); !skipped {
			return heardAgain
		}
		v.heard++
		return heardLate
	}
	v.heard++
	return heardInTurn
}

// from notes the number that the visit's first message has, of the history or said since.
func (v *visit) from(n uint64) {
	if !v.known {
		v.after, v.known = n-1, true
	}
}

// A toldTurn is a message of a speaker that somebody was told, and its number.
type toldTurn struct {
	k uint32
	n uint64
}

// missing returns the turns of a speaker that a visit lacks, of those that somebody was
// told, in ascending order, with neighbours together. told is in the order of both.
func (v *visit) missing(place int32, told []toldTurn) (runs []span) {
	told = told[search(told, func(t toldTurn) bool { return t.n > v.after }):search(told, func(t toldTurn) bool { return t.n > v.until })]
	lacks := []gap{{int(place), 1, math.MaxUint32}}
	if first, last := uint64(v.first[place]), uint64(v.last[place]); last > 0 {
		lacks = append([]gap{{int(place), 1, first - 1}, {int(place), last + 1, math.MaxUint32}}, v.gaps...)
		slices.SortFunc(lacks, func(a, b gap) int { return cmp.Compare(a.from, b.from) })
	}
	for _, g := range lacks {
		if g.sender != int(place) {
			continue
		}
		from, to := search(told, func(t toldTurn) bool { return uint64(t.k) >= g.from }), search(told, func(t toldTurn) bool { return uint64(t.k) > g.to })
		for _, t := range told[from:max(from, to)] {
			if last := len(runs) - 1; last >= 0 && runs[last].to == uint64(t.k)-1 {
				runs[last].to++
				continue
			}
			runs = append(runs, span{uint64(t.k), uint64(t.k)})
		}
	}
	return runs
}

// search returns the index of the first of which is is true, as it is of all behind it.
func search(told []toldTurn, is func(toldTurn) bool) int {
	return sort.Search(len(told), func(i int) bool { return is(told[i]) })
}
