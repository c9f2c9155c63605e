package eventloop

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
// members but the excepted ones.
func (g *Group) Send(b []byte, except ...*Conn) {
	if g.share(b, except) {
		g.markDirty()
	}
}

// SendLater has b, which is copied once, written to all members but the excepted
// ones and those that are slow, to each with what is sent next or a few
// milliseconds later. The order with what is sent otherwise holds.
func (g *Group) SendLater(b []byte, except ...*Conn) {
	if !g.share(b, except) {
		return
	}
	for _, c := range g.loop.blocked {
		if c.Slow() {
			g.except(c, len(b))
		}
	}
	if !g.dirty && !g.later {
		g.later = true
		g.loop.laterGroups = append(g.loop.laterGroups, g)
		g.loop.wakeDriver(g.loop.now.Add(laterDelay))
	}
}

func (g *Group) markDirty() {
	if !g.dirty {
		g.dirty = true
		g.loop.dirtyGroups = append(g.loop.dirtyGroups, g)
		g.loop.ring()
	}
}

// share keeps b for all members but the excepted ones. It returns false if there
// are no members.
func (g *Group) share(b []byte, except []*Conn) bool {
	if len(g.members) == 0 {
		return false
	}
	if g.out == nil {
		g.out = g.loop.outbox()
	}
	g.out.add(g.loop.stampOf(g), b)
	for _, c := range except {
		g.except(c, len(b))
	}
	return true
}

// except has c not hear what was shared last, which is so many bytes.
func (g *Group) except(c *Conn, size int) {
	if slot, _, ok := c.find(g); ok {
		m, end := &g.members[slot], len(g.out.bytes)
		m.missed = g.out.miss(m.missed, end-size, end)
	}
}
