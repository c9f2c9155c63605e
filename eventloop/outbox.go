package eventloop

import "time"

// An outbox is what is written at the end of the turn, or a little later: to one
// connection, or to the members of a group. The loop has some, which are used in turns.
type outbox struct {
	bytes []byte
	cuts  []cut
	first [1]cut // where cuts begins: many turns have no more

	heldAt time.Duration // a connection's was held back then, to be written later; 0: it is not
	misses []miss        // what members of the group do not hear of it
}

// A cut is where something ends that was sent without anything to anybody else in
// between. It begins at the end of the one before it. By the stamps what comes from
// several outboxes is put in order.
type cut struct {
	stamp int64
	end   int32
}

// A miss is a part of a group's outbox that a member does not hear: it came later, was
// excepted, or has had it. A member's are a chain, the newest first.
type miss struct {
	from, to int32
	next     int32 // 1 + index of the one before it; 0: there is none
}

// stampOf returns the stamp of what is sent now to a group or, for nil, to a
// connection. It grows when it is another than before. All connections may have the
// same: what was sent to one alone never meets what was sent to another.
func (l *Loop) stampOf(g *Group) int64 {
	if l.speaker != g {
		l.speaker = g
		l.stamp++
	}
	return l.stamp
}

// add puts b behind what is there.
func (o *outbox) add(stamp int64, b []byte) {
	o.bytes = append(o.bytes, b...)
	end := int32(len(o.bytes))
	if last := len(o.cuts) - 1; last >= 0 && o.cuts[last].stamp == stamp {
		o.cuts[last].end = end
		return
	}
	o.cuts = append(o.cuts, cut{stamp, end})
}

// miss adds a part to a chain, which ends at or before it. It returns the chain.
func (o *outbox) miss(chain int32, from, to int) int32 {
	if chain != 0 {
		if newest := &o.misses[chain-1]; int(newest.to) >= from {
			newest.to = int32(to)
			return chain
		}
	}
	o.misses = append(o.misses, miss{int32(from), int32(to), chain})
	return int32(len(o.misses))
}

// missAll makes a chain one of all that is there.
func (o *outbox) missAll(chain int32) int32 {
	all := miss{0, int32(len(o.bytes)), 0}
	if chain == 0 {
		o.misses = append(o.misses, all)
		return int32(len(o.misses))
	}
	o.misses[chain-1] = all
	return chain
}

// missesAll reports whether a chain leaves nothing to hear.
func (o *outbox) missesAll(chain int32) bool {
	if chain == 0 {
		return false
	}
	newest := o.misses[chain-1] // parts that touch are one
	return newest.from == 0 && int(newest.to) == len(o.bytes)
}

// spares are outboxes to be used again. Groups that are silent have none: there may be
// far more of them than speak in a turn.
type spares struct {
	list  []*outbox
	bytes int // that they take
}

const (
	newOutbox = 256       // bytes of an outbox to begin with
	maxSpare  = 256 << 10 // bytes of an outbox that is kept
	maxSpares = 4 << 20   // bytes of all that a loop keeps
	maxCuts   = 4 << 10   // that are kept of an outbox
)

func (l *Loop) outbox() *outbox {
	s := &l.spares
	last := len(s.list) - 1
	if last < 0 {
		o := &outbox{bytes: make([]byte, 0, newOutbox)}
		o.cuts = o.first[:0]
		return o
	}
	o := s.list[last]
	s.list[last], s.list = nil, s.list[:last]
	s.bytes -= cap(o.bytes)
	return o
}

func (l *Loop) free(o *outbox) {
	s := &l.spares
	if cap(o.bytes) > maxSpare || s.bytes+cap(o.bytes) > maxSpares {
		return
	}
	o.bytes, o.cuts, o.misses, o.heldAt = o.bytes[:0], o.cuts[:0], o.misses[:0], 0
	if cap(o.cuts) > maxCuts {
		o.cuts = nil
	}
	if cap(o.misses) > maxCuts {
		o.misses = nil
	}
	s.list = append(s.list, o)
	s.bytes += cap(o.bytes)
}
