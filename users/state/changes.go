package state

import (
	"fmt"
	"io"
)

// MaxChanges is how many changes of messages are remembered, the newest: 1 MB or so.
const MaxChanges = 10_000

// A Changed says which message was changed by a change.
type Changed struct {
	Number  uint64 // of the change
	Message uint64 // of the message
}

// changes are the newest changes, to know whether who proposes another one has seen them.
// The zero value is empty.
type changes struct {
	queue     []Changed         // oldest first
	byMessage map[uint64]uint64 // the number of the last one among them
}

// add remembers a change, and forgets those that are too many.
func (c *changes) add(v Changed, rows *Rows) {
	c.load(v)
	if len(c.queue) > MaxChanges {
		rows.oldChanges(c.forgetOldest())
	}
}

// load remembers the newest change.
func (c *changes) load(v Changed) {
	if c.byMessage == nil {
		c.byMessage = make(map[uint64]uint64)
	}
	c.queue = append(c.queue, v)
	c.byMessage[v.Message] = v.Number
}

// forgetOldest returns the number of the one that is forgotten.
func (c *changes) forgetOldest() uint64 {
	oldest := c.queue[0]
	c.queue = c.queue[1:]
	if c.byMessage[oldest.Message] == oldest.Number {
		delete(c.byMessage, oldest.Message)
	}
	return oldest.Number
}

// Changed reports whether a message was changed behind a number, or may have been: only the
// newest changes are remembered.
func (s *State) Changed(message, asOf uint64) bool {
	return asOf < ForgottenChanges(s.changes.queue) || s.changes.byMessage[message] > asOf
}

// LastChange returns the number of the last change of a message, as far as that is remembered;
// else 0.
func (s *State) LastChange(message uint64) uint64 { return s.changes.byMessage[message] }

func (c *changes) dump(w io.Writer) {
	for _, v := range c.queue {
		fmt.Fprintf(w, "change %d of %d\n", v.Number, v.Message)
	}
}
