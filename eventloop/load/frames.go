package load

import (
	"bytes"
	"sync/atomic"
)

// recentFrames are the newest frames that agree with the ledger, byte for byte as they
// were told. All receivers of a room are told the same, so one who is in order only has
// to compare what comes with the next one: nothing is parsed, and nothing can be altered in it.
type recentFrames [1024]atomic.Pointer[toldFrame]

type toldFrame struct {
	n uint64 // its number
	mark
	bytes []byte
}

// next returns the frame of number n if b begins with it.
func (r *recentFrames) next(n uint64, b []byte) *toldFrame {
	f := r[n%uint64(len(r))].Load()
	if f == nil || f.n != n || !bytes.HasPrefix(b, f.bytes) {
		return nil
	}
	return f
}

// keep keeps the frame of a number, unless it is there.
func (r *recentFrames) keep(n uint64, m mark, frame []byte) {
	at := &r[n%uint64(len(r))]
	if f := at.Load(); f == nil || f.n < n {
		at.CompareAndSwap(f, &toldFrame{n, m, bytes.Clone(frame)})
	}
}

// expected returns the frame that is to come next if b begins with it, and goes on to
// it; nil if anything is unusual.
func (c *check) expected(b []byte) *toldFrame {
	if c.ledger == nil || c.odd != nil || len(c.ahead) > 0 || c.id == 0 {
		return nil
	}
	f := c.ledger.recent.next(c.id+1, b)
	if f != nil {
		c.id = f.n
		c.got++
	}
	return f
}

// known returns the message that b begins with if others were told the same frame; 0 if not.
// In rooms it is not known which number comes next to a receiver, but where it stands.
func (f *shape) known(b []byte, recent *recentFrames) (m message, n int) {
	if len(b) < nameAt {
		return m, 0
	}
	at := bytes.IndexByte(b[nameAt:], '"') + nameAt + len(pieceContent) + MinSize + len(f.padding) + len(pieceMessage)
	if at >= len(b) {
		return m, 0
	}
	number, _, ok := digitsAt(b, at)
	if !ok {
		return m, 0
	}
	told := recent.next(number, b)
	if told == nil {
		return m, 0
	}
	return message{mark: told.mark, room: f.plan.turn(told.sender, told.seq).room, id: number, stamp: told.bytes[len(pieceStamp):senderAt]}, len(told.bytes)
}

// keep keeps a frame for the others, if it came in order and agrees with the ledger.
func (c *check) keep(m message, frame []byte) {
	if c.ledger != nil && c.odd == nil && m.id == c.id && c.from <= m.id {
		c.ledger.recent.keep(m.id, m.mark, frame)
	}
}
