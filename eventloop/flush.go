package eventloop

// flush writes everything that was sent. A write that fails closes the
// connection, of which the handler is told when no list is being walked; what
// it sends then is written too.
func (l *Loop) flush() {
	for len(l.dirty) > 0 || len(l.dirtyGroups) > 0 || len(l.dead) > 0 {
		l.flushing = true
		l.flushGroups()
		for i, c := range l.dirty {
			l.flushConn(c)
			l.dirty[i] = nil
		}
		l.dirty = l.dirty[:0]
		l.flushing = false
		dead := l.dead
		l.dead = nil
		for _, d := range dead {
			l.finish(d.conn, d.reason)
		}
	}
}

// flushGroups writes what groups were sent. Each group is walked once, and each
// connection written to once, however many of its groups have something for it:
// those that are in several are noted in the walks and written to behind them.
func (l *Loop) flushGroups() {
	alone := len(l.dirtyGroups) == 1 && len(l.laterGroups) == 0 // nobody hears two
	for _, g := range l.dirtyGroups {
		if g.out != nil {
			g.flush(alone)
		}
	}
	for _, c := range l.merge.conns {
		l.flushSeveral(c)
	}
	l.merge.endFlush()
	for i, g := range l.dirtyGroups {
		if g.dirty = false; g.out != nil {
			l.free(g.out)
			g.out = nil
		}
		l.dirtyGroups[i] = nil
	}
	l.dirtyGroups = l.dirtyGroups[:0]
}

// flush writes to the members for which nothing else than g can have something, and
// notes the others.
func (g *Group) flush(alone bool) {
	l, all := g.loop, g.out.bytes
	for i := range g.members {
		m := &g.members[i]
		c := m.conn
		several := !alone && c.several != nil
		if m.missed == 0 && c.out == nil && !several {
			c.write(all)
			continue
		}
		switch {
		case g.out.missesAll(m.missed):
		case several:
			l.merge.note(c, g.out, m.missed)
		default:
			l.merge.add(g.out, m.missed)
			c.writeTaken()
		}
		m.missed = 0
	}
}

// flushSeveral writes to a connection that was noted.
func (l *Loop) flushSeveral(c *Conn) {
	x := &l.merge
	c.takeHeld()
	s := x.sources[c.several.chosen-1]
	if s.next == 0 && s.missed == 0 && c.out == nil && len(x.pieces) == 0 {
		c.several.chosen = 0
		c.write(s.out.bytes)
		return
	}
	x.takeNoted(c)
	c.writeTaken()
}

func (l *Loop) flushConn(c *Conn) {
	c.dirty = false
	if c.overflowed && !c.closed {
		c.drop(tooSlow)
	}
	if c.out != nil {
		c.takeHeld()
		c.writeTaken()
	}
	if c.closing && !c.closed {
		l.lingering = append(l.lingering, lingerer{conn: c})
		l.linger(&l.lingering[len(l.lingering)-1])
	}
}
