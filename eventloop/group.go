package eventloop

import (
	"slices"
	"time"
)

// A Group is connections of one loop that are sent the same bytes. These are kept
// once, not per member; the order with what members are sent otherwise, alone and by
// other groups, holds. A connection may be in any number of groups. A group that has
// no members takes 48 bytes and can just be dropped.
type Group struct {
	loop    *Loop
	members []member
	out     *outbox // of this turn, and what is to be sent later; nil: nothing
	dirty   bool    // in the loop's list
	later   bool    // in the loop's other list
}

// NewGroup returns an empty group.
func (l *Loop) NewGroup() *Group { return &Group{loop: l} }

// Len returns the number of members.
func (g *Group) Len() int { return len(g.members) }

// Add makes c a member, unless it is one: it gets what is sent from now on.
func (g *Group) Add(c *Conn) {
	if c.closed || c.closing || c.overflowed {
		return
	}
	if _, _, ok := c.find(g); ok {
		return
	}
	m := member{conn: c, index: c.enter(g, int32(len(g.members)))}
	if g.out != nil {
		m.missed = g.out.missAll(0)
	}
	g.members = grow(g.members, m)
}

// Remove takes c out: it still gets what was sent before.
func (g *Group) Remove(c *Conn) {
	slot, index, ok := c.find(g)
	if !ok {
		return
	}
	c.take(membership{g, slot})
	c.keepTaken()
	c.leave(index)
	g.drop(slot)
}

// drop takes out the member of a slot, to which the last one goes.
func (g *Group) drop(slot int32) {
	if last := len(g.members) - 1; int(slot) != last {
		moved := g.members[last]
		g.members[slot] = moved
		moved.conn.moved(moved.index, slot)
	}
	g.members = shrink(g.members)
}

// Send has b, which is copied once, written at the end of the turn to all
// members but the excepted ones, and returns to how many that is.
func (g *Group) Send(b []byte, except ...*Conn) (receivers int) {
	receivers, ok := g.share(b, except)
	if ok {
		g.markDirty()
	}
	return receivers
}

// SendLater has b, which is copied once, written to all members but the excepted
// ones and those that are slow, to each with what is sent next or a while later: a
// few milliseconds in a small group, a tenth of a second among 500. The order with
// what is sent otherwise holds.
func (g *Group) SendLater(b []byte, except ...*Conn) {
	if _, ok := g.share(b, except); !ok {
		return
	}
	for _, c := range g.loop.blocked {
		if c.Slow() {
			g.except(c, len(b))
		}
	}
	if g.dirty {
		return
	}
	if g.out.heldAt == 0 {
		g.out.heldAt = g.loop.elapsed()
	}
	if !g.later {
		g.later = true
		g.loop.laterGroups = append(g.loop.laterGroups, g)
		g.loop.wakeDriver(g.loop.now.Add(g.patience()))
	}
}

// What is held back for a group waits for so long for each member, at least laterDelay and
// at most mostLater: a write to one takes 5 us, so that what comes as fast as it can takes
// a fortieth of a core. Without it 400 who come in a second among 400 others take half of one.
const (
	laterEach = 200 * time.Microsecond
	mostLater = 500 * time.Millisecond
)

func (g *Group) patience() time.Duration {
	return min(max(time.Duration(len(g.members))*laterEach, laterDelay), mostLater)
}

// sendHeldGroups is sendHeld for groups.
func (l *Loop) sendHeldGroups() {
	l.laterGroups = slices.DeleteFunc(l.laterGroups, func(g *Group) bool {
		if g.out != nil {
			if left := g.out.heldAt + g.patience() - l.elapsed(); left > 0 {
				l.wakeDriver(l.now.Add(left))
				return false
			}
			g.markDirty()
		}
		g.later = false
		return true
	})
}

func (g *Group) markDirty() {
	if !g.dirty {
		g.dirty = true
		g.loop.dirtyGroups = append(g.loop.dirtyGroups, g)
		g.loop.ring()
	}
}

// share keeps b for all members but the excepted ones, and returns how many hear it. It
// returns false if there are no members.
func (g *Group) share(b []byte, except []*Conn) (receivers int, ok bool) {
	if len(g.members) == 0 {
		return 0, false
	}
	if g.out == nil {
		g.out = g.loop.outbox()
	}
	g.out.add(g.loop.stampOf(g), b)
	receivers = len(g.members)
	for _, c := range except {
		if g.except(c, len(b)) {
			receivers--
		}
	}
	return receivers, true
}

// except has c not hear what was shared last, which is so many bytes. It returns false if
// c would not have heard it: it is no member, or was excepted already.
func (g *Group) except(c *Conn, size int) bool {
	slot, _, ok := c.find(g)
	if !ok {
		return false
	}
	m, end := &g.members[slot], len(g.out.bytes)
	if m.missed != 0 && int(g.out.misses[m.missed-1].to) == end {
		return false
	}
	m.missed = g.out.miss(m.missed, end-size, end)
	return true
}
