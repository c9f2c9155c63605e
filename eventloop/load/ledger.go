package load

import (
	"fmt"
	"hash/crc32"
	"slices"
	"sync"
	"sync/atomic"

	"parley/protocol"
)

// A voice is what somebody was told as one number of the server's log.
type voice struct {
	sender uint32 // stranger: somebody else who uses the server
	seq    uint32 // of a stranger a checksum of what was said
	stamp  string
}

const stranger = 1<<32 - 1

func (v voice) isFrom(sender, seq uint32) bool { return v.sender == sender && v.seq == seq }

// strange returns the voice that tells what somebody else said.
func strange(r protocol.Response) voice {
	return voice{stranger, crc32.Checksum([]byte(r.Sender+"\x00"+r.Content), castagnoli), r.Stamp}
}

// A ledger is what the clients of a round were told as the numbers of the server's
// log. All must be told the same as a number, and every message that was sent must
// have one, once. Who is told a number first enters it, the others are compared
// with it, and where they differ the end of the round decides by majority. So
// nobody has to be believed: neither the server's numbers nor the first receiver.
//
// Every reader looks things up; that takes no lock. What changes the ledger is rare, once
// per message, and behind a mutex.
type ledger struct {
	finds *findings
	names []string
	sent  func(sender uint32) int64 // how many messages it has sent
	pages [ledgerPages]atomic.Pointer[page]
	old   atomic.Int64 // deliveries that came when their page was gone

	recent recentFrames

	mu        sync.Mutex
	newest    uint64
	told      []bits              // by sender: which messages have a number
	twice     []bits              // and which have two
	blank     map[uint64]struct{} // numbers that were told, but not so that they could be read
	conflicts []conflict
	spans     []span
}

// The newest 262,144 numbers are remembered, in about 10 MB: as many as can wait
// for one reader before Parley closes its connection, and ten times more.
const (
	ledgerPages = 64
	pageSize    = 4096
)

type page struct {
	first   uint64 // number of its first entry
	entries [pageSize]entry
}

// An entry does not change once it is known.
type entry struct {
	known atomic.Bool
	by    int32 // receiver who was told it first
	voice
}

// A conflict is a voice that is not that of the entry.
type conflict struct {
	n      uint64
	by     int32
	answer bool // to its sender, who was told only that it has this number
	voice
	first   voice // what it was compared with
	firstBy int32
}

// A span is numbers that a receiver was told and that agreed with the entries.
type span struct{ from, to uint64 }

// Bounds of what is remembered of one round; what is beyond is counted.
const (
	maxConflicts = 1 << 16
	maxSpans     = 1 << 20
)

func newLedger(finds *findings, names []string, sent func(uint32) int64) *ledger {
	return &ledger{finds: finds, names: names, sent: sent, told: make([]bits, len(names)), twice: make([]bits, len(names)), blank: make(map[uint64]struct{})}
}

// compare judges what receiver by was told as number n. It is false if others were
// told something else.
func (l *ledger) compare(n uint64, by int32, sender, seq uint32, stamp []byte) bool {
	p := l.pages[n/pageSize%ledgerPages].Load()
	if p == nil || p.first != n-n%pageSize {
		if p = l.turn(n); p == nil {
			l.old.Add(1)
			return true
		}
	}
	e := &p.entries[n%pageSize]
	if !e.known.Load() && l.enter(e, n, by, voice{sender, seq, string(stamp)}) {
		return true
	}
	if e.sender == sender && e.seq == seq && e.stamp == string(stamp) {
		return true
	}
	l.conflict(conflict{n: n, by: by, voice: voice{sender, seq, string(stamp)}, first: e.voice, firstBy: e.by})
	return false
}

// find returns what is known of a number.
func (l *ledger) find(n uint64) (e *entry, known bool) {
	p := l.pages[n/pageSize%ledgerPages].Load()
	if p == nil || p.first != n-n%pageSize {
		return nil, false
	}
	e = &p.entries[n%pageSize]
	return e, e.known.Load()
}

// turn returns the page of a number, a new one in place of an old one if it must be;
// nil of a page that is gone.
func (l *ledger) turn(n uint64) *page {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, first := &l.pages[n/pageSize%ledgerPages], n-n%pageSize
	p := at.Load()
	switch {
	case p != nil && p.first == first:
		return p
	case p != nil && p.first > first:
		return nil
	}
	p = &page{first: first}
	at.Store(p)
	return p
}

// enter enters what is told first as a number; false if somebody else has meanwhile.
func (l *ledger) enter(e *entry, n uint64, by int32, v voice) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.known.Load() {
		return false
	}
	e.by, e.voice = by, v
	e.known.Store(true)
	l.newest = max(l.newest, n)
	if v.sender == stranger || v.seq == 0 {
		return true
	}
	if int64(v.seq) > l.sent(v.sender) {
		l.finds.add(&l.finds.altered, fmt.Sprintf("altered: number %d is message %d of %s, who has not sent that", n, v.seq, l.names[v.sender]))
		return true
	}
	if !l.told[v.sender].add(v.seq) {
		l.twice[v.sender].add(v.seq)
		l.finds.add(&l.finds.doubled, fmt.Sprintf("doubled: message %d of %s was told again as number %d", v.seq, l.names[v.sender], n))
	}
	return true
}

// unreadable notes that a receiver was told a number with a text that was altered.
func (l *ledger) unreadable(n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.blank) < maxConflicts {
		l.blank[n] = struct{}{}
	}
}

func (l *ledger) conflict(c conflict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.conflicts) < maxConflicts {
		l.conflicts = append(l.conflicts, c)
		return
	}
	l.finds.add(&l.finds.altered, "")
}

// agreed notes that a receiver was told numbers as the entries say.
func (l *ledger) agreed(from, to uint64) {
	if from == 0 || from > to {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.spans) < maxSpans {
		l.spans = append(l.spans, span{from, to})
	}
}

// vote decides about numbers as which not all were told the same, and tells of those
// who were told something else than most. It is called once, when all readers have ended.
func (l *ledger) vote() {
	slices.SortStableFunc(l.conflicts, func(a, b conflict) int { return int(int64(a.n - b.n)) })
	heard := l.listeners()
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
		votes := map[voice]int{first: max(heard(group[0].n), 1)}
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

// which names what a voice tells.
func (l *ledger) which(v voice) string {
	if v.sender == stranger {
		return "a message of somebody else"
	}
	return which(int(v.sender), l.names[v.sender], uint64(v.seq), uint64(v.seq))
}

// missing notes that a receiver was not told numbers: if nobody was, their messages are
// not lost once more.
func (l *ledger) missing(from, to uint64) {
	for n := from; n <= to && n-from < maxConflicts; n++ {
		if _, known := l.find(n); !known {
			l.unreadable(n)
		}
	}
}

// called names numbers by their messages, if those are one sender's.
func (l *ledger) called(from, to uint64) string {
	first, last := l.number(from), l.number(to)
	if first.seq > 0 && last.seq > 0 && first.sender == last.sender && uint64(last.seq-first.seq) == to-from {
		return which(int(first.sender), l.names[first.sender], uint64(first.seq), uint64(last.seq))
	}
	return which(-1, "", from, to)
}

// number returns the message that has a number, the zero voice if that is not known or it
// is not one of ours.
func (l *ledger) number(n uint64) voice {
	if e, known := l.find(n); known && e.sender != stranger {
		return e.voice
	}
	return voice{}
}

// unheard tells of messages that were accepted and that nobody was told. As many
// as blank can be behind numbers that nobody could read; it returns how many are left.
func (l *ledger) unheard(sender uint32, sent int64, accepted, refused bits, blank int) int {
	for n := uint32(1); int64(n) <= sent; n++ {
		heard := l.told[sender].has(n)
		switch {
		case heard && refused.has(n):
			l.finds.add(&l.finds.altered, fmt.Sprintf("altered: message %d of %s was refused, and told all the same", n, l.names[sender]))
		case heard || refused.has(n) || !accepted.has(n):
		case blank > 0:
			blank--
		default:
			l.finds.addLost(1, fmt.Sprintf("lost: message %d of %s was accepted, and told to nobody", n, l.names[sender]))
		}
	}
	return blank
}

// blanks returns how many numbers were told to somebody, but to nobody so that they
// could be read.
func (l *ledger) blanks() (n int) {
	for number := range l.blank {
		if _, known := l.find(number); !known {
			n++
		}
	}
	return n
}
