package load

import (
	"bytes"
	"fmt"

	"parley/protocol"
)

// A stay is a client in one of its rooms.
type stay struct {
	room int32
	word int64    // due time of the last word without a number that was heard
	now  *visit   // nil: it is not in the room
	past []*visit // that have ended
}

// stays are a client's rooms. They are its reader's.
type stays struct {
	list   []stay
	newest uint64 // number that was told
	falls  []fall
	kept   []string // other rooms that the client is in, since an earlier run
}

// A fall is a number that was told behind a greater one, or behind itself.
type fall struct{ from, to uint64 }

// maxFalls is how many falls of one client are remembered.
const maxFalls = 1 << 12

// ascend notes the number of a message that came in turn. In all its rooms together a
// client is told numbers that go up, or it could not say up to which one it was told all.
func (s *stays) ascend(n uint64) {
	if n <= s.newest && len(s.falls) < maxFalls {
		s.falls = append(s.falls, fall{s.newest, n})
	}
	s.newest = n
}

// in returns the stay in a room, nil if it is none of the client's.
func (s *stays) in(room int32) *stay {
	for i := range s.list {
		if s.list[i].room == room {
			return &s.list[i]
		}
	}
	return nil
}

// end ends the visit that there is.
func (s *stay) end(until uint64) {
	if s.now != nil {
		s.now.until = until
		s.past = append(s.past, s.now)
		s.now = nil
	}
}

// roomMessage judges a message in a room and reports 1 if it counts as a delivery.
func (c *client) roomMessage(w *worker, m message, now int64) int {
	p, names := c.r.plan, c.r.shape.names
	var t turn
	if m.seq > 0 {
		if t = p.turn(m.sender, m.seq); t.room != m.room || t.place < 0 {
			c.altered(fmt.Sprintf("message %d of %s in %s, where that was not said", m.seq, names[m.sender], p.name(m.room)))
			c.spoilt(m.id)
			return 0
		}
	}
	s := c.stays.in(m.room)
	if s == nil || s.now == nil {
		what := "which it is not in"
		if s != nil && len(s.past) > 0 {
			what = "which it has left"
		}
		c.altered(fmt.Sprintf("message %d of %s in %s, %s", m.seq, names[m.sender], p.name(m.room), what))
		return 0
	}
	if m.id == 0 || c.r.ledger.isFar(m.id) {
		c.altered(fmt.Sprintf("message %d of %s as number %d, which cannot be its own", m.seq, names[m.sender], m.id))
		c.spoilt(0)
		return 0
	}
	if m.seq > 0 && !c.inTurn(s.now, t, m) {
		return 0
	}
	s.now.from(m.id)
	c.r.ledger.compare(m.id, int32(c.index), m.sender, m.seq, m.stamp)
	if m.seq == 0 {
		c.stays.ascend(m.id)
		if s.word != m.due {
			s.word = m.due
			c.r.heard.Add(1)
		}
	}
	return c.came(w, m.mark, true, now)
}

// inTurn judges the turn of a message. It reports whether the message is a new one.
func (c *client) inTurn(v *visit, t turn, m message) bool {
	what := func() string { return c.r.plan.called(c.r.shape.names, t, t.k) }
	switch v.hear(t) {
	case heardAgain:
		c.r.finds.add(&c.r.finds.doubled, fmt.Sprintf("doubled: %s was told %s again", c.name, what()))
		return false
	case heardLate:
		c.r.finds.add(&c.r.finds.disordered, fmt.Sprintf("out of order: %s was told %s later than one after it", c.name, what()))
	default:
		c.stays.ascend(m.id)
	}
	return true
}

var keyRoom = []byte(`"room":"`)

// roomHistory judges what was said in a room before a client joined it. That is heard as
// what is said from then on, which must go on behind it without a gap.
func (c *client) roomHistory(frame []byte) {
	at := bytes.LastIndex(frame, keyEvent)
	_, name, _ := bytes.Cut(frame[max(at, 0):], keyRoom)
	room, ok := c.r.plan.find(string(quoted(name)))
	if !ok || c.stays.in(room) == nil || c.stays.in(room).now == nil {
		return // of the lobby, or of a room that it has yet to say that it joins
	}
	v, last := c.stays.in(room).now, uint64(0)
	eachEntry(frame[:max(at, 0)], func(entry []byte) {
		n := lastID(entry)
		v.from(n)
		m, size := c.r.shape.object(entry, "")
		switch {
		case size == 0 && !bytes.Contains(entry, []byte(`"content":"`+c.r.shape.tag)):
			// of somebody else
		case size == 0 || n <= last || m.room != room || !c.r.ledger.agrees(n, m) || m.seq > 0 && c.r.plan.turn(m.sender, m.seq).room != room:
			c.altered(fmt.Sprintf("a history of %s in which number %d is not as others were told, or not in its place", c.r.plan.name(room), n))
			c.check.unplaced++
		case m.seq > 0:
			if t := c.r.plan.turn(m.sender, m.seq); v.hear(t) != heardInTurn {
				c.r.finds.add(&c.r.finds.disordered, fmt.Sprintf("out of order: %s was told a history with %s behind what comes after it", c.name, c.r.plan.called(c.r.shape.names, t, t.k)))
			}
		}
		last = n
	})
}

// moved notes that the client is in a room, or is in it no more, and tells who has asked.
func (c *client) moved(frame []byte, event string) {
	r, err := protocol.DecodeResponse(frame)
	if err != nil || r.Data == nil || r.Ref != moveRef(moves[event], r.Data.Room) {
		c.altered(fmt.Sprintf("%q, which it has not asked for", event))
		return
	}
	if room, ok := c.r.plan.find(r.Data.Room); ok {
		c.move(room, event != protocol.EventLeft)
	}
	c.answerMove(nil)
}

// move notes that the client has joined or left a room.
func (c *client) move(room int32, joins bool) {
	s, p := c.stays.in(room), c.r.plan
	switch {
	case s == nil:
	case joins && s.now == nil:
		s.now = newVisit(len(p.speakers[room]), c.r.sent.Load() == 0)
		p.inside[room].Add(1)
	case !joins && s.now != nil:
		s.end(c.stays.newest)
		p.inside[room].Add(-1)
	}
}

// interrupted begins all visits anew: the server does not tell what was said meanwhile.
func (c *client) interrupted() {
	for i := range c.stays.list {
		s := &c.stays.list[i]
		if s.now != nil {
			s.end(c.stays.newest)
			s.now = newVisit(len(c.r.plan.speakers[s.room]), false)
		}
	}
}
