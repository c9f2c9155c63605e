package load

import (
	"fmt"
	"slices"
)

// What a receiver is told by number must come in order, without holes and once,
// from the first number of its stay to the last.

// An odd is a message that did not come where its number says. Whether the number
// was altered, the one before it lost or the two have changed places is known when the
// next one comes.
type odd struct {
	n     uint64
	voice voice
}

// numbered judges a message that was told as number n. It reports whether it is a new one.
func (c *check) numbered(n uint64, sender, seq uint32, stamp []byte) bool {
	if c.odd != nil {
		c.settle(n)
	}
	if c.hearsay {
		c.doubt(n)
	}
	switch {
	case n == c.id+1, c.id == 0 && n > 0:
		c.advance(n)
		if !c.ledger.compare(n, c.index, sender, seq, stamp) {
			c.interrupt(n)
		}
	case n > c.id:
		c.odd = &odd{n, voice{sender, seq, string(stamp)}}
	default:
		return c.early(n, voice{sender, seq, string(stamp)})
	}
	c.got++
	return true
}

// unreadable notes that number n was told with a text that was altered. It reports
// whether that has a place; the number may have been altered as well.
func (c *check) unreadable(n uint64) bool {
	if c.odd != nil {
		c.settle(n)
	}
	if n != c.id+1 {
		return false
	}
	c.advance(n)
	c.interrupt(n)
	c.ledger.unreadable(n)
	return true
}

// advance goes on to number n and beyond what came before its turn.
func (c *check) advance(n uint64) {
	if c.id == 0 {
		c.from = n
	}
	c.id = n
	for len(c.ahead) > 0 && c.ahead[c.id+1] {
		c.id++
		delete(c.ahead, c.id)
	}
}

// interrupt ends the run of numbers that agree with the ledger before n.
func (c *check) interrupt(n uint64) {
	c.ledger.agreed(c.from, n-1)
	c.from = n + 1
}

// early judges a number that was passed. It reports whether the message is a new one.
func (c *check) early(n uint64, v voice) bool {
	e, known := c.ledger.find(n)
	if known && !e.isFrom(v.sender, v.seq) || !known && !c.skipped(n) {
		c.odd = &odd{n, v} // another message has this number, or none
		c.got++
		return true
	}
	if !c.late(-1, n, "") {
		return false
	}
	if !c.ledger.compare(n, c.index, v.sender, v.seq, []byte(v.stamp)) {
		return true
	}
	c.ledger.agreed(n, n)
	return true
}

// skipped reports whether a number is in a gap.
func (c *check) skipped(n uint64) bool {
	return slices.ContainsFunc(c.gaps, func(g gap) bool { return g.from <= n && n <= g.to })
}

// settle decides what the odd message was, now that number n comes behind it. If
// others were told its number, they know; if not, what comes next tells.
func (c *check) settle(n uint64) {
	o, expected := c.odd, c.id+1
	c.odd = nil
	e, known := c.ledger.find(o.n)
	genuine := o.n > expected
	if known {
		genuine = genuine && e.isFrom(o.voice.sender, o.voice.seq)
	} else if n != expected {
		genuine = genuine && n > o.n && (n > expected+1 || n == o.n+1)
	}
	switch {
	case genuine && n == expected:
		c.finds.add(&c.finds.disordered, fmt.Sprintf("out of order: %s was told %s before %s", c.receiver, c.named(o), c.ledger.called(n, n)))
		if c.ahead == nil {
			c.ahead = make(map[uint64]bool)
		}
		if len(c.ahead) < maxAhead {
			c.ahead[o.n] = true
		}
		c.ledger.compare(o.n, c.index, o.voice.sender, o.voice.seq, []byte(o.voice.stamp))
	case genuine:
		c.jump(o)
	case n == expected: // nothing is missing: it was not to come at all
		c.finds.add(&c.finds.altered, fmt.Sprintf("altered: %s was told %s, which has another number", c.receiver, c.named(o)))
	default:
		c.misnumbered(o)
	}
}

func (c *check) named(o *odd) string {
	return fmt.Sprintf("%s as number %d", c.ledger.which(o.voice), o.n)
}

// maxAhead is how many messages of one receiver may be before their turn at a time.
const maxAhead = 1 << 12

// jump goes on behind an odd message: what is before it is missing.
func (c *check) jump(o *odd) {
	c.skip(gap{-1, c.id + 1, o.n - 1})
	c.ledger.agreed(c.from, c.id)
	c.id, c.from = o.n, o.n
	if !c.ledger.compare(o.n, c.index, o.voice.sender, o.voice.seq, []byte(o.voice.stamp)) {
		c.from = o.n + 1
	}
}

// misnumbered takes an odd message for the one that was to come.
func (c *check) misnumbered(o *odd) {
	c.finds.add(&c.finds.altered, fmt.Sprintf("altered: %s was told %s, in the place of number %d", c.receiver, c.named(o), c.id+1))
	c.ledger.unreadable(c.id + 1)
	c.advance(c.id + 1)
	c.interrupt(c.id)
}

// plausible reports whether the number of the odd message can be its own, though nothing
// comes behind it: as others were told or, if nobody was told the number, because nobody
// was told the message as another one.
func (l *ledger) plausible(o *odd) bool {
	l.mu.Lock() // others are told it meanwhile
	defer l.mu.Unlock()
	if e, known := l.find(o.n); known {
		return e.isFrom(o.voice.sender, o.voice.seq)
	}
	return o.voice.sender == stranger || !l.told[o.voice.sender].has(o.voice.seq)
}

// endNumbers judges what is open when a receiver leaves or the round ends. until is the
// newest number that it must have been told, 0 if that is not known.
func (c *check) endNumbers(until uint64) {
	if c.ledger == nil {
		return
	}
	if o := c.odd; o != nil {
		c.odd = nil
		if c.ledger.plausible(o) && o.n > c.id {
			c.jump(o)
		} else {
			c.misnumbered(o)
		}
	}
	c.ledger.agreed(c.from, c.id)
	if c.id != 0 && c.id < until {
		c.gaps = append(c.gaps, gap{-1, c.id + 1, until})
	}
	for _, g := range c.gaps {
		c.lost(g, nil, nil)
	}
	c.gaps, c.ahead, c.id, c.from = nil, nil, 0, 0
}
