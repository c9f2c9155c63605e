package load

import (
	"fmt"
	"math"
)

// judgeRooms looks for what clients were not told in their rooms, once all readers have
// ended: of what somebody was told, whoever was there at its number. It returns how many
// deliveries were missed by clients that the server has disconnected.
func (r *round) judgeRooms(here map[*client]bool) (missed uint64) {
	told := r.toldTurns()
	for _, c := range r.clients {
		for i := range c.stays.list {
			s := &c.stays.list[i]
			until := c.stays.newest
			if here[c] && !c.lost {
				until = math.MaxUint64
			}
			if s.now != nil && c.lost {
				for _, turns := range told[s.room] {
					missed += uint64(len(turns) - search(turns, func(t toldTurn) bool { return t.n > until }))
				}
			}
			s.end(until)
			for _, v := range s.past {
				c.judgeVisit(s.room, v, told[s.room])
			}
		}
	}
	return missed
}

// judgeVisit tells what a visit lacks; told are the turns of the room's speakers.
func (c *client) judgeVisit(room int32, v *visit, told [][]toldTurn) {
	for place := range v.last {
		for _, run := range v.missing(int32(place), told[place]) {
			from := turn{room, int32(place), uint32(run.from)}
			c.check.addLost(run.from, run.to, c.r.plan.called(c.r.shape.names, from, uint32(run.to)))
		}
	}
}

// toldTurns returns, by room and speaker, what somebody was told.
func (r *round) toldTurns() [][][]toldTurn {
	told := make([][][]toldTurn, r.plan.rooms)
	for room, speakers := range r.plan.speakers {
		told[room] = make([][]toldTurn, len(speakers))
	}
	for sender, numbers := range r.ledger.numberOf {
		for i, n := range numbers {
			if n > 0 {
				t := r.plan.turn(uint32(sender), uint32(i)+1)
				turns := &told[t.room][t.place]
				*turns = append(*turns, toldTurn{t.k, n})
			}
		}
	}
	return told
}

// judgeFalls tells of clients who were told numbers that did not go up, unless that is
// because a number was altered, which the vote has told.
func (r *round) judgeFalls() {
	for _, c := range r.clients {
		for _, f := range c.stays.falls {
			if r.ledger.doubtful(int32(c.index), f.from) || r.ledger.doubtful(int32(c.index), f.to) {
				continue
			}
			r.finds.add(&r.finds.disordered, fmt.Sprintf("out of order: %s was told %s behind %s", c.name, r.ledger.called(f.to, f.to), r.ledger.called(f.from, f.from)))
		}
	}
}
