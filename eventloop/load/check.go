package load

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
)

// A check judges what one receiver is told. The receiver's reader owns it until
// the reader has ended.
type check struct {
	finds    *findings
	receiver string
	dynamic  bool // clients come and go: there may be messages before the first

	last []uint32 // by sender: number of the newest message
	id   uint64   // number of the newest message in the server's log, if that is used
	gaps []gap    // what was skipped and has not come later
	got  uint64   // different messages
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

// logged judges a message by its number in the log, in which there are no holes.
// It reports whether it is a new one.
func (c *check) logged(id uint64) bool {
	switch {
	case id == c.id+1, c.id == 0 && id > 0:
		c.id = id
	case id > c.id:
		c.skip(gap{-1, c.id + 1, id - 1})
		c.id = id
	default:
		return c.late(-1, id, "")
	}
	c.got++
	return true
}

func (c *check) skip(g gap) {
	if c.finds.gaps.Add(1) <= maxGaps {
		c.gaps = append(c.gaps, g)
		return
	}
	c.finds.addLost(g.to-g.from+1, "")
}

// late judges a message that is not newer than the newest one: if it was skipped
// it is out of order, otherwise doubled. It reports whether it was skipped.
func (c *check) late(sender int, n uint64, name string) bool {
	for i, g := range c.gaps {
		if g.sender != sender || n < g.from || n > g.to {
			continue
		}
		c.gaps = append(c.gaps[:i], c.gaps[i+1:]...)
		if n > g.from {
			c.gaps = append(c.gaps, gap{sender, g.from, n - 1})
		}
		if n < g.to {
			c.gaps = append(c.gaps, gap{sender, n + 1, g.to})
		}
		c.got++
		c.finds.add(&c.finds.disordered, fmt.Sprintf("out of order: %s was told %s later than the one after it", c.receiver, which(sender, name, n, n)))
		return true
	}
	c.finds.add(&c.finds.doubled, fmt.Sprintf("doubled: %s was told %s again", c.receiver, which(sender, name, n, n)))
	return false
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

// endLog finds what the receiver was not told of a log whose newest number is newest.
func (c *check) endLog(newest uint64) {
	if c.id != 0 && c.id < newest {
		c.gaps = append(c.gaps, gap{-1, c.id + 1, newest})
	}
	for _, g := range c.gaps {
		c.lost(g, nil, nil)
	}
	c.gaps = nil
}

// lost tells of a gap but for what was refused.
func (c *check) lost(g gap, names []string, refused func(sender int, n uint64) bool) {
	name := ""
	if g.sender >= 0 {
		name = names[g.sender]
	}
	tell := func(from, to uint64) {
		if from <= to {
			c.finds.addLost(to-from+1, fmt.Sprintf("lost: %s was not told %s", c.receiver, which(g.sender, name, from, to)))
		}
	}
	from := g.from
	for n := g.from; g.sender >= 0 && n <= g.to; n++ {
		if refused(g.sender, n) {
			tell(from, n-1)
			from = n + 1
		}
	}
	tell(from, g.to)
}

// which names messages for a person.
func which(sender int, name string, from, to uint64) string {
	what := fmt.Sprintf("message %d", from)
	if to > from {
		what = fmt.Sprintf("messages %d to %d", from, to)
	}
	if sender < 0 {
		return what + " of the log"
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
		f.list = append(f.list, text)
	}
}
