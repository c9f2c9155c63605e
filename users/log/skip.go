package log

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"

	"parley/users/state"
)

// A message that no node can carry out, since every one ends at it, is skipped: its commands do
// nothing. Which ones are is said beside the stream, and nodes learn it when they start.

// skips reports whether a message is skipped.
func (l *Replicated) skips(position uint64) bool { return slices.Contains(l.cfg.Skipped, position) }

// skip goes on behind a message without carrying it out. Its turn counts as taken, if it can be
// read: copies of it may come later. The sum is another one than that of a node that does not skip
// it, so that of the two one stops.
func (l *Replicated) skip(position uint64, t turn, readable bool) {
	if readable && t.begins() == nil {
		l.cfg.State.TakeTurn(t.node, t.epoch, t.number)
	}
	h := fnv.New64a()
	h.Write([]byte("skipped"))
	h.Write(binary.BigEndian.AppendUint64(nil, l.sums.sum))
	h.Write(binary.BigEndian.AppendUint64(nil, position))
	l.sums.sum = h.Sum64()
}

// markOf returns what a mark at a message, of which it is given the hash, says of it and of what was skipped up to it, in the
// order in which that was said: what is kept is what came of the others.
func markOf(position, hash uint64, skipped []uint64) uint64 {
	for _, one := range skipped {
		if one <= position {
			h := fnv.New64a()
			h.Write(binary.BigEndian.AppendUint64(nil, hash))
			h.Write(binary.BigEndian.AppendUint64(nil, one))
			hash = h.Sum64()
		}
	}
	return hash
}

func (l *Replicated) checkMark(m Message) error { return m.Check(l.cfg.Mark, l.cfg.Skipped) }

// Check returns an error if a message is the one that a mark is of, and what is kept is not what
// came of the messages up to there but for those that are skipped.
func (m Message) Check(mark state.Mark, skipped []uint64) error {
	if m.Position != mark.Position || mark.Message == markOf(m.Position, hashOf(m.Data), skipped) {
		return nil
	}
	for i, one := range skipped {
		if mark.Message == markOf(m.Position, hashOf(m.Data), skipped[:i]) {
			return fmt.Errorf("%w: message %d is skipped by now, and this node has kept what came of it: begin with an empty data folder", ErrStream, one)
		}
	}
	return errShortened(m.Position)
}
