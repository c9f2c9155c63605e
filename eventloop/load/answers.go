package load

import (
	"fmt"

	"parley/protocol"
)

// answers are what a sender was told to have become of its messages. They are its
// client's reader's; the round looks at them when the readers have ended.
type answers struct {
	accepted bits
	again    bits     // were accepted twice
	waiting  []answer // for the ledger to know their numbers
	unplaced int64    // answers to what was not asked: the one that is missing was altered
}

// An answer is the number that the server says a message has.
type answer struct {
	seq uint32
	n   uint64
}

// maxAnswers is how many answers of one sender wait for a receiver to be told the
// message. One or two do.
const maxAnswers = 1 << 12

// acknowledged notes an answer to a request with a ref; n is the number that it says a
// message has, if it says so.
func (c *client) acknowledged(w *worker, tag []byte, n uint64, numbered bool, now int64) {
	m, ok := readRef(tag, c.r.shape.tag)
	if !ok || int(m.sender) != c.index {
		if len(tag) > 0 && c.speaker() != nil {
			c.speaker().unplaced++
			c.altered("an answer to what it has not asked")
		}
		return
	}
	if !c.rested && (m.seq > 0 || c.r.plan == nil) { // words are no part of what is measured
		w.took(ack, now, m.due)
	}
	s := c.speaker()
	switch {
	case s == nil:
	case m.seq == 0:
		c.owed.Add(-1)
	case int64(m.seq) > s.sent.Load():
		c.altered(fmt.Sprintf("that its message %d was accepted, which it has not sent", m.seq))
	case !s.accepted.add(m.seq):
		s.again.add(m.seq)
	default:
		c.owed.Add(-1)
		c.r.accepted.Add(1)
		if numbered && c.r.ledger != nil && len(s.waiting) < maxAnswers {
			s.waiting = append(s.waiting, answer{m.seq, n})
			s.compare(c.r.ledger)
		}
	}
}

// isAcceptedIn reports whether an answer says that a message was accepted in the room for
// which it was sent.
func (c *client) isAcceptedIn(r protocol.Response) bool {
	m, ok := readRef([]byte(r.Ref), c.r.shape.tag)
	room, known := c.r.plan.find(r.Data.Room)
	return !ok || known && (m.seq == 0 || c.r.plan.turn(m.sender, m.seq).room == room)
}

// speaker returns what the client is among the senders, nil if it is none.
func (c *client) speaker() *sender {
	if c.index >= len(c.r.senders) {
		return nil
	}
	return c.r.senders[c.index]
}

// compare compares answers with what receivers were told, as far as that is known.
func (s *sender) compare(l *ledger) {
	for len(s.waiting) > 0 {
		a := s.waiting[0]
		e, known := l.find(a.n)
		if !known {
			return
		}
		s.contradict(l, a, e.voice, e.by)
		s.waiting = s.waiting[1:]
	}
}

func (s *sender) contradict(l *ledger, a answer, v voice, by int32) {
	if !v.isFrom(uint32(s.index), a.seq) {
		l.conflict(conflict{n: a.n, by: int32(s.index), answer: true, voice: voice{sender: uint32(s.index), seq: a.seq}, first: v, firstBy: by})
	}
}

// end judges the answers when all readers have ended. l is nil where there are no
// numbers. If nobody was told the number of a message that somebody was told, it has
// another one.
func (s *sender) end(l *ledger, finds *findings) {
	for _, a := range s.waiting {
		if e, known := l.find(a.n); known {
			s.contradict(l, a, e.voice, e.by)
		} else if l.told[s.index].has(a.seq) {
			finds.add(&finds.altered, fmt.Sprintf("altered: %s was told that its message %d is number %d, which nobody was told", s.c.name, a.seq, a.n))
		}
	}
	s.waiting = nil
	var twice bits // told twice: answered twice for that
	switch {
	case l != nil:
		twice = l.twice[s.index]
	case s.c.partner != nil:
		twice = s.c.partner.check.twice
	}
	for seq := uint32(1); int64(seq) <= s.sent.Load(); seq++ {
		if s.again.has(seq) && !twice.has(seq) {
			finds.add(&finds.doubled, fmt.Sprintf("doubled: %s was told twice that its message %d was accepted", s.c.name, seq))
		}
	}
}

// isAnswer reports whether an event is an answer to something that a round asks.
func isAnswer(event string) bool {
	switch event {
	case protocol.EventAccepted, protocol.EventDelivered, protocol.EventStored, protocol.EventUndelivered, protocol.EventNames:
		return true
	}
	return false
}
