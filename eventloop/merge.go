package eventloop

import (
	"cmp"
	"slices"
)

// A merge puts together what one connection gets from several outboxes, in the order in
// which it was sent. The loop has one, which is used for one connection after the other.
type merge struct {
	pieces []piece // for the connection at hand
	joined []byte

	conns   []*Conn  // in several groups, one of which has something: in a flush
	sources []source // chains, one for each of them
}

// A piece is a part of one cut of an outbox.
type piece struct {
	out      *outbox
	stamp    int64
	from, to int32
}

// A source is a group's outbox of which a connection hears something.
type source struct {
	out    *outbox
	missed int32
	next   int32 // 1 + index of another one for the same connection; 0: there is none
}

// add adds what an outbox has without a chain of misses.
func (x *merge) add(o *outbox, missed int32) {
	if missed == 0 {
		start := int32(0)
		for _, c := range o.cuts {
			x.pieces = append(x.pieces, piece{o, c.stamp, start, c.end})
			start = c.end
		}
		return
	}
	k, to := len(o.cuts)-1, int32(len(o.bytes)) // misses are in reverse order
	for {
		var m miss
		if missed != 0 {
			m = o.misses[missed-1]
		}
		for to > m.to {
			for k > 0 && o.cuts[k-1].end >= to {
				k--
			}
			from := m.to
			if k > 0 {
				from = max(from, o.cuts[k-1].end)
			}
			x.pieces = append(x.pieces, piece{o, o.cuts[k].stamp, from, to})
			to = from
		}
		if missed == 0 {
			break
		}
		to, missed = m.from, m.next
	}
}

// note remembers for behind the walks over groups that c hears something of an outbox.
func (x *merge) note(c *Conn, o *outbox, missed int32) {
	if c.several.chosen == 0 {
		x.conns = append(x.conns, c)
	}
	x.sources = append(x.sources, source{o, missed, c.several.chosen})
	c.several.chosen = int32(len(x.sources))
}

// takeNoted takes what was noted for c.
func (x *merge) takeNoted(c *Conn) {
	for next := c.several.chosen; next != 0; {
		s := x.sources[next-1]
		x.add(s.out, s.missed)
		next = s.next
	}
	slices.Reverse(x.pieces) // who spoke last was noted last: now there is little to sort
	c.several.chosen = 0
}

// maxNoted is the capacity above which lists of a flush are not kept.
const maxNoted = 128 << 10

// endFlush forgets what was noted.
func (x *merge) endFlush() {
	clear(x.conns)
	x.conns, x.sources = x.conns[:0], x.sources[:0]
	if cap(x.sources) > maxNoted {
		x.conns, x.sources = nil, nil
	}
}

// sort puts the pieces in order. Those of one stamp are of one outbox.
func (x *merge) sort() {
	slices.SortFunc(x.pieces, func(a, b piece) int {
		if a.stamp != b.stamp {
			return cmp.Compare(a.stamp, b.stamp)
		}
		return cmp.Compare(a.from, b.from)
	})
}

// join returns the pieces as one, valid until the next. What is one in an outbox is
// not copied.
func (x *merge) join() []byte {
	x.sort()
	first, last := x.pieces[0], x.pieces[0]
	for _, p := range x.pieces[1:] {
		if p.out != last.out || p.from != last.to {
			return x.copy()
		}
		last = p
	}
	return first.out.bytes[first.from:last.to]
}

func (x *merge) copy() []byte {
	if cap(x.joined) > maxSpare {
		x.joined = nil
	}
	x.joined = x.joined[:0]
	for _, p := range x.pieces {
		x.joined = append(x.joined, p.out.bytes[p.from:p.to]...)
	}
	return x.joined
}

// size returns how many bytes the pieces have.
func (x *merge) size() (bytes int) {
	for _, p := range x.pieces {
		bytes += int(p.to - p.from)
	}
	return bytes
}

// take adds what c has not had of a group to the pieces.
func (c *Conn) take(m membership) {
	if o := m.group.out; o != nil && !c.closed && !c.overflowed {
		c.loop.merge.add(o, m.group.members[m.slot].missed)
	}
}

// takeHeld takes what c's groups hold back, which goes with what is written now.
func (c *Conn) takeHeld() {
	if len(c.loop.laterGroups) == 0 {
		return
	}
	for _, m := range c.memberships() {
		if o := m.group.out; o != nil && !m.group.dirty {
			c.take(m)
			hears := &m.group.members[m.slot]
			hears.missed = o.missAll(hears.missed)
		}
	}
}

// keepTaken puts what was taken into c's own outbox, where it stays in its order.
func (c *Conn) keepTaken() {
	l := c.loop
	x := &l.merge
	if len(x.pieces) == 0 {
		return
	}
	defer func() { x.pieces = x.pieces[:0] }()
	if c.Waiting()+x.size() > l.limit {
		c.overflow()
		return
	}
	own := c.out
	if own != nil {
		x.add(own, 0)
	}
	x.sort()
	c.out = l.outbox()
	for _, p := range x.pieces {
		c.out.add(p.stamp, p.out.bytes[p.from:p.to])
	}
	if own != nil {
		l.free(own)
	}
	l.stamp++ // what the group is sent now is behind this, should c come again
	c.markDirty()
}

// writeTaken writes what was taken, with what c has of its own.
func (c *Conn) writeTaken() {
	x, own := &c.loop.merge, c.out
	c.out = nil
	switch {
	case own == nil:
		c.write(x.join())
	case len(x.pieces) == 0:
		c.write(own.bytes)
	default:
		x.add(own, 0)
		c.write(x.join())
	}
	if own != nil {
		c.loop.free(own)
	}
	x.pieces = x.pieces[:0]
}
