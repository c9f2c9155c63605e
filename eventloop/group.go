package eventloop

// A Group is connections of one loop that are sent the same bytes. These are
// kept once, not per member; the order with what members are sent alone holds.
// A connection is in one group at most.
type Group struct {
	loop    *Loop
	members []*Conn
	shared  []byte // of this turn, and what was to be sent later
	dirty   bool   // in the loop's list
	later   bool   // in the loop's other list
}

// NewGroup returns an empty group.
func (l *Loop) NewGroup() *Group { return &Group{loop: l} }

// Len returns the number of members.
func (g *Group) Len() int { return len(g.members) }

// Add makes c a member: it gets what is sent from now on.
func (g *Group) Add(c *Conn) {
	if c.closed || c.closing || c.overflowed || c.group != nil {
		return
	}
	c.group, c.slot, c.from = g, int32(len(g.members)), int32(len(g.shared))
	g.members = append(g.members, c)
}

// Remove takes c out: it still gets what was sent before.
func (g *Group) Remove(c *Conn) {
	if c.group != g {
		return
	}
	if !c.closed {
		c.takeShared()
	}
	last := len(g.members) - 1
	g.members[c.slot] = g.members[last]
	g.members[c.slot].slot = c.slot
	g.members[last] = nil
	g.members = g.members[:last]
	c.group = nil
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
	for _, c := range g.loop.blocked {
		if c.group == g && c.Slow() {
			except = append(except, c)
		}
	}
	if g.share(b, except) && !g.dirty && !g.later {
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
	for _, c := range except {
		if c.group == g {
			c.takeShared()
		}
	}
	g.shared = append(g.shared, b...)
	for _, c := range except {
		if c.group == g {
			c.from = int32(len(g.shared))
		}
	}
	return true
}

// maxKept is the capacity in bytes above which a group's buffer is not kept.
const maxKept = 256 << 10

func (g *Group) flush() {
	for _, c := range g.members {
		pending := g.shared[c.from:]
		c.from = 0
		switch {
		case c.out == nil:
			c.write(pending)
		case len(pending) > 0:
			c.append(pending)
			c.markDirty() // unless it is; the loop's dirty list comes next
		}
	}
	g.dirty, g.shared = false, g.shared[:0]
	if cap(g.shared) > maxKept {
		g.shared = nil
	}
}
