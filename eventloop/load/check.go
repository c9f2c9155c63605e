package load

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"parley/protocol/printable"
)

// A check judges what one receiver is told. The receiver's reader owns it until
// the reader has ended.
type check struct {
	finds    *findings
	receiver string
	index    int32
	dynamic  bool // clients come and go: there may be messages before the first

	// By sender, where messages have no number.
	last  []uint32 // number of the newest message
	twice bits     // in pairs: what came twice
	order uint64   // hash of all in the order in which they came

	// By number in the server's log.
	ledger  *ledger         // nil if there are none
	id      uint64          // the newest one; 0: the first is not known
	from    uint64          // since when all agreed with the ledger
	hearsay bool            // id is of a history, and nobody else was told that number
	odd     *odd            // waits for the next one
	ahead   map[uint64]bool // came before their turn

	gaps     []gap  // what was skipped and has not come later
	got      uint64 // different messages
	unplaced uint64 // were altered so that it is not known which they were: they are not lost as well
}

// A gap is numbers that were skipped: of a sender's messages, or of the log.
type gap struct {
	sender   int // -1: of the log
	from, to uint64
}

// maxGaps is how many gaps of all receivers are remembered, about 24 bytes each.
// Beyond it losses are still counted, but not named, and a message that comes
// late counts as doubled.
const maxGaps = 1 << 20

// message judges a message of a sender, whose newest one was number at *last. It
// reports whether it is a new one.
func (c *check) message(names []string, sender int, seq uint32) bool {
	c.order = (c.order ^ (uint64(sender)<<32 | uint64(seq))) * orderPrime
	last := c.last[sender]
	if seq == last+1 {
		c.last[sender] = seq
		c.got++
		return true
	}
	if c.dynamic && last == 0 {
		c.last[sender] = seq
		c.got++
		return true
	}
	if seq > last {
		c.last[sender] = seq
		c.skip(gap{sender, uint64(last) + 1, uint64(seq) - 1})
		c.got++
		return true
	}
	return c.late(sender, uint64(seq), names[sender])
}

// orderPrime makes a hash of an order: FNV-1a, whose prime it is, by messages.
const orderPrime = 1<<40 + 1<<8 + 0xb3

func (c *check) skip(g gap) {
	if c.finds.gaps.Add(1) <= maxGaps {
		c.gaps = append(c.gaps, g)
		return
	}
	if g.sender < 0 {
		c.finds.addLost(c.ledger.countTold(g.from, g.to), "")
		return
	}
	c.finds.addLost(g.to-g.from+1, "")
}

// late judges a message that is not newer than the newest one: if it was skipped
// it is out of order, otherwise doubled. It reports whether it was skipped.
func (c *check) late(sender int, n uint64, name string) bool {
	var skipped bool
	if c.gaps, skipped = fill(c.gaps, sender, n); skipped {
		c.got++
		c.finds.add(&c.finds.disordered, fmt.Sprintf("out of order: %s was told %s later than the one after it", c.receiver, c.which(sender, name, n)))
		return true
	}
	if len(c.last) == 1 {
		c.twice.add(uint32(n))
	}
	c.finds.add(&c.finds.doubled, fmt.Sprintf("doubled: %s was told %s again", c.receiver, c.which(sender, name, n)))
	return false
}

// fill takes a number out of the gaps of a sender, and reports whether it was in one.
func fill(gaps []gap, sender int, n uint64) ([]gap, bool) {
	for i, g := range gaps {
		if g.sender != sender || n < g.from || n > g.to {
			continue
		}
		gaps = append(gaps[:i], gaps[i+1:]...)
		if n > g.from {
			gaps = append(gaps, gap{sender, g.from, n - 1})
		}
		if n < g.to {
			gaps = append(gaps, gap{sender, n + 1, g.to})
		}
		return gaps, true
	}
	return gaps, false
}

// which names a message of a sender, or that which has a number.
func (c *check) which(sender int, name string, n uint64) string {
	if sender < 0 {
		return c.ledger.called(n, n)
	}
	return which(sender, name, n, n)
}

// end finds what was lost once nothing more will come. sent is how many messages
// each sender has sent, -1 of one from whom the receiver hears nothing; refused
// tells which of them the server refused.
func (c *check) end(names []string, sent []int64, refused func(sender int, n uint64) bool) {
	for s := range c.last {
		if last := c.last[s]; !c.dynamic && sent[s] > int64(last) {
			c.gaps = append(c.gaps, gap{s, uint64(last) + 1, uint64(sent[s])})
		}
	}
	for _, g := range c.gaps {
		c.lost(g, names, refused)
	}
	c.gaps = nil
}

// lost tells of a gap but for what was refused.
func (c *check) lost(g gap, names []string, refused func(sender int, n uint64) bool) {
	if g.sender < 0 {
		c.ledger.eachTold(g.from, g.to, func(from, to uint64) { c.addLost(from, to, c.ledger.called(from, to)) })
		return
	}
	tell := func(from, to uint64) {
		if from <= to {
			c.addLost(from, to, which(g.sender, names[g.sender], from, to))
		}
	}
	from := g.from
	for n := g.from; n <= g.to; n++ {
		if refused(g.sender, n) {
			tell(from, n-1)
			from = n + 1
		}
	}
	tell(from, g.to)
}

// addLost counts what was lost but for what has come in a form that could not be read.
func (c *check) addLost(from, to uint64, what string) {
	n := to - from + 1
	altered := min(n, c.unplaced)
	c.unplaced -= altered
	if n > altered {
		c.finds.addLost(n-altered, fmt.Sprintf("lost: %s was not told %s", c.receiver, what))
	}
}

// which names messages for a person.
func which(sender int, name string, from, to uint64) string {
	what := fmt.Sprintf("message %d", from)
	if to > from {
		what = fmt.Sprintf("messages %d to %d", from, to)
	}
	if sender < 0 {
		return strings.Replace(what, "message", "number", 1)
	}
	return what + " of " + name
}

// maxFound is how many differences are told with names and numbers.
const maxFound = 20

// findings are the differences of a round. Readers find them, and seldom: a mutex
// keeps them in the order in which they were found.
type findings struct {
	gaps atomic.Int64 // of all receivers, so that memory has a bound

	mu         sync.Mutex
	lost       uint64
	doubled    uint64
	disordered uint64
	altered    uint64 // not what was sent, or sent for somebody else
	list       []string
}

func (f *findings) wrong() uint64 { return f.lost + f.doubled + f.disordered + f.altered }

func (f *findings) add(count *uint64, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*count++
	f.tell(text)
}

func (f *findings) addLost(n uint64, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lost += min(n, math.MaxUint64-f.lost)
	f.tell(text)
}

func (f *findings) tell(text string) {
	if text != "" && len(f.list) < maxFound {
		f.list = append(f.list, printable.Line(text))
	}
}
