package server

import (
	"slices"

	"parley/eventloop"
)

// A hearing is which connections of a loop hear a room: those in extended sessions as a
// group of the loop, the others one by one, since each has pauses of its own.
type hearing struct {
	extended *eventloop.Group
	plain    []*queue
}

func (h *hearing) empty() bool { return h.extended.Len() == 0 && len(h.plain) == 0 }

// rooms are those that connections of a loop hear, by their names. Connections end without
// a word, so that some may be empty: they are swept out as new ones come.
type rooms struct {
	loop    *eventloop.Loop
	byName  map[string]*hearing
	sweepAt int // so many may be there before it is looked which are empty
}

const minSweep = 64

func newRooms(l *eventloop.Loop) rooms {
	return rooms{loop: l, byName: make(map[string]*hearing), sweepAt: minSweep}
}

// of returns a room, to be joined.
func (r *rooms) of(name string) *hearing {
	h := r.byName[name]
	if h != nil {
		return h
	}
	if len(r.byName) >= r.sweepAt {
		for name, h := range r.byName {
			if h.empty() {
				delete(r.byName, name)
			}
		}
		r.sweepAt = max(minSweep, 2*len(r.byName))
	}
	h = &hearing{extended: r.loop.NewGroup()}
	r.byName[name] = h
	return h
}

// join has a connection hear a room. One in a plain session hears one at a time.
func (sh *shard) join(id eventloop.ConnID, room string, extended bool) {
	k := sh.link(id)
	if k == nil || k.closing {
		return
	}
	h := sh.rooms.of(room)
	if !extended {
		k.paced().hear(h)
		return
	}
	sh.extend(id)
	h.extended.Add(k.conn)
}

// leave has it hear the room no more.
func (sh *shard) leave(id eventloop.ConnID, room string) {
	k, h := sh.link(id), sh.rooms.byName[room]
	switch {
	case k == nil || h == nil:
	case k.extended:
		h.extended.Remove(k.conn)
	case k.queue != nil && k.queue.room == h:
		k.queue.leaveRoom()
	}
}

// hear has a plain session hear a room, in place of another.
func (q *queue) hear(h *hearing) {
	q.leaveRoom()
	h.plain = append(h.plain, q)
	q.room, q.slot = h, len(h.plain)
}

// leaveRoom has a plain session hear no room. A queue that is nil hears none.
func (q *queue) leaveRoom() {
	if q == nil || q.room == nil {
		return
	}
	plain := q.room.plain
	last := len(plain) - 1
	moved := plain[last]
	plain[q.slot-1], moved.slot = moved, q.slot
	plain[last] = nil
	q.room.plain = plain[:last]
	q.room, q.slot = nil, 0
}

// deliver sends what is for all who hear a room.
func (sh *shard) deliver(d Delivery) {
	h := sh.rooms.byName[d.Room]
	if h == nil {
		return
	}
	if d.Extended != nil {
		except := make([]*eventloop.Conn, 0, len(d.Except))
		for _, id := range d.Except {
			if c := sh.loop.Conn(id); c != nil {
				except = append(except, c)
			}
		}
		if d.Later {
			h.extended.SendLater(d.Extended, except...)
		} else if n := h.extended.Send(d.Extended, except...); d.Number != 0 {
			sh.delivered += uint64(n)
		}
	}
	if d.Plain == nil {
		return
	}
	for i := 0; i < len(h.plain); {
		q := h.plain[i]
		sh.deliverPlain(q, &d)
		if i < len(h.plain) && h.plain[i] == q { // else it has failed, and another is in its place
			i++
		}
	}
}

func (sh *shard) deliverPlain(q *queue, d *Delivery) {
	defer sh.contain(q.conn.ID())
	if d.Later && q.conn.Slow() || d.excepts(q.conn.ID()) {
		return
	}
	if d.News != nil {
		sh.pacer.tell(q, d.Plain[0].Bytes, *d.News, sh.loop.Now())
		return
	}
	if d.Number != 0 {
		sh.delivered++
	}
	for _, frame := range d.Plain {
		sh.pacer.send(q, pacedFrame{said: frame, class: current})
	}
}

func (d *Delivery) excepts(id eventloop.ConnID) bool {
	_, has := slices.BinarySearch(d.Except, id)
	return has
}
