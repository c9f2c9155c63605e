package load

import (
	"fmt"
	"hash/crc32"
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
	newest atomic.Uint64 // number that was told to anybody

	// listenersOf returns how many are told a message, where not all are told all of them;
	// nil: what agreed says is counted.
	listenersOf func(voice) int

	mu        sync.Mutex
	numbers   numberSet           // that were told
	told      []bits              // by sender: which messages have a number
	twice     []bits              // and which have two
	blank     map[uint64]struct{} // numbers that were told, but not so that they could be read
	conflicts []conflict
	spans     []span
	numberOf  [][]uint64      // by sender: the numbers of its messages, 0 of those that nobody was told
	again     []numberedVoice // messages that had a number before
	mistaken  map[claim]bool  // is set by vote
}

// A numberedVoice is what was told as a number.
type numberedVoice struct {
	n uint64
	voice
}

// A claim is what a receiver was told as a number.
type claim struct {
	by int32
	n  uint64
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
	return &ledger{finds: finds, names: names, sent: sent, told: make([]bits, len(names)), twice: make([]bits, len(names)), blank: make(map[uint64]struct{}), numbers: make(numberSet), numberOf: make([][]uint64, len(names))}
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
	l.newest.Store(max(l.newest.Load(), n))
	l.numbers.add(n)
	if v.sender == stranger || v.seq == 0 {
		return true
	}
	if int64(v.seq) > l.sent(v.sender) {
		l.finds.add(&l.finds.altered, fmt.Sprintf("altered: number %d is message %d of %s, who has not sent that", n, v.seq, l.names[v.sender]))
		return true
	}
	l.place(n, v)
	if !l.told[v.sender].add(v.seq) {
		l.twice[v.sender].add(v.seq)
		l.again = append(l.again, numberedVoice{n, v})
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

// which names what a voice tells.
func (l *ledger) which(v voice) string {
	if v.sender == stranger {
		return "a message of somebody else"
	}
	return which(int(v.sender), l.names[v.sender], uint64(v.seq), uint64(v.seq))
}

// eachTold calls f with each run of the numbers between two, both included, that somebody
// was told. The others are of direct messages between other people, or their message is
// lost to all, which is one fault and not one for each receiver.
func (l *ledger) eachTold(from, to uint64, f func(from, to uint64)) {
	l.mu.Lock()
	runs := l.numbers.runs(from, to)
	l.mu.Unlock()
	for _, r := range runs {
		f(r.from, r.to)
	}
}

// countTold returns how many of the numbers between two, both included, somebody was told.
func (l *ledger) countTold(from, to uint64) (n uint64) {
	l.eachTold(from, to, func(from, to uint64) { n += to - from + 1 })
	return n
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

// begin notes the newest number that the log had when somebody logged in.
func (l *ledger) begin(n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.newest.Store(max(l.newest.Load(), n))
}

// maxJump is how far a number may be beyond the newest one that anybody was told.
const maxJump = 1 << 20

// isFar reports whether a number is so far beyond the newest one that it cannot be right.
func (l *ledger) isFar(n uint64) bool { return n > l.newest.Load()+maxJump }

// place notes the number of a message. The first that is told of it counts.
func (l *ledger) place(n uint64, v voice) {
	for uint64(len(l.numberOf[v.sender])) < uint64(v.seq) {
		l.numberOf[v.sender] = append(l.numberOf[v.sender], 0)
	}
	if l.numberOf[v.sender][v.seq-1] == 0 {
		l.numberOf[v.sender][v.seq-1] = n
	}
}
