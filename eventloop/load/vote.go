package load

import (
	"fmt"
	"slices"
)

// vote decides about numbers as which not all were told the same, and tells of those
// who were told something else than most. It is called once, when all readers have ended.
func (l *ledger) vote() {
	slices.SortStableFunc(l.conflicts, func(a, b conflict) int { return int(int64(a.n - b.n)) })
	heard := l.listeners()
	l.mistaken = make(map[claim]bool)
	truth := make(map[uint64]voice)
	var wrong []conflict
	for i := 0; i < len(l.conflicts); {
		group := l.conflicts[i:]
		for end := range group {
			if group[end].n != group[0].n {
				group = group[:end]
				break
			}
		}
		i += len(group)
		first := group[0].first
		supporters := heard(group[0].n)
		if l.listenersOf != nil {
			supporters = l.listenersOf(first) - len(group)
		}
		votes := map[voice]int{first: max(supporters, 1)}
		most := first
		for _, c := range group {
			if !c.answer {
				if votes[c.voice]++; votes[c.voice] > votes[most] {
					most = c.voice
				}
			}
		}
		truth[group[0].n] = most
		if most != first {
			for range votes[first] {
				wrong = append(wrong, conflict{n: group[0].n, by: group[0].firstBy, voice: first})
			}
		}
		for _, c := range group {
			if c.answer && !most.isFrom(c.sender, c.seq) || !c.answer && c.voice != most {
				wrong = append(wrong, c)
			}
		}
	}
	l.tell(wrong, truth)
	l.tellAgain(truth)
}

// tellAgain tells of messages that were told as two numbers, unless one of them is another
// message's, as the vote has found.
func (l *ledger) tellAgain(truth map[uint64]voice) {
	is := func(n uint64, v voice) bool {
		most, voted := truth[n]
		return !voted || most.isFrom(v.sender, v.seq)
	}
	for _, a := range l.again {
		first := &l.numberOf[a.sender][a.seq-1]
		switch {
		case !is(a.n, a.voice):
		case !is(*first, a.voice):
			*first = a.n
		default:
			l.finds.add(&l.finds.doubled, fmt.Sprintf("doubled: message %d of %s was told again as number %d", a.seq, l.names[a.sender], a.n))
		}
	}
}

// listeners returns a function that tells how many receivers were told a number as
// its entry says.
func (l *ledger) listeners() func(n uint64) int {
	var from, to []uint64
	for _, r := range l.spans {
		from, to = append(from, r.from), append(to, r.to)
	}
	slices.Sort(from)
	slices.Sort(to)
	return func(n uint64) int {
		begun, _ := slices.BinarySearch(from, n+1)
		over, _ := slices.BinarySearch(to, n)
		return begun - over
	}
}

// tell tells of voices that are wrong. Two that have changed places are one fault.
func (l *ledger) tell(wrong []conflict, truth map[uint64]voice) {
	type place struct {
		by          int32
		sender, seq uint32
	}
	at := make(map[place]conflict)
	for _, c := range wrong {
		if !c.answer {
			at[place{c.by, c.sender, c.seq}] = c
			l.mistaken[claim{c.by, c.n}] = true
		}
	}
	swapped := make(map[conflict]bool)
	for _, c := range wrong {
		right := truth[c.n]
		other, known := at[place{c.by, right.sender, right.seq}]
		switch {
		case swapped[c]:
		case c.answer:
			if l.told[c.sender].has(c.seq) { // otherwise it is lost
				l.finds.add(&l.finds.altered, fmt.Sprintf("altered: %s was answered that %s is number %d, which is %s", l.names[c.sender], l.which(c.voice), c.n, l.which(right)))
			}
		case known && !c.isFrom(right.sender, right.seq) && truth[other.n].isFrom(c.sender, c.seq):
			swapped[other] = true
			l.finds.add(&l.finds.disordered, fmt.Sprintf("out of order: %s was told %s before %s", l.names[c.by], l.which(c.voice), l.which(right)))
		case c.isFrom(right.sender, right.seq):
			l.finds.add(&l.finds.altered, fmt.Sprintf("altered: %s was told the time %.40q of %s, others %.40q", l.names[c.by], c.stamp, l.which(right), right.stamp))
		default:
			l.finds.add(&l.finds.altered, fmt.Sprintf("altered: %s was told %s as number %d, others %s", l.names[c.by], l.which(c.voice), c.n, l.which(right)))
		}
	}
}

// doubtful reports whether what a receiver was told as a number is a fault that the vote
// has told, or its message has another number, too.
func (l *ledger) doubtful(by int32, n uint64) bool {
	v := l.number(n)
	return l.mistaken[claim{by, n}] || v.seq > 0 && l.twice[v.sender].has(v.seq)
}
