// Package rooms knows what is said in a room, and in which order. It is pure.
package rooms

import "time"

// A Message is one thing that a user said.
type Message struct {
	ID     uint64 // its number in the log, from 1 on
	Time   time.Time
	Sender string
	Text   string
}

// A Log decides the order of a room's messages and keeps them.
type Log interface {
	// Name is another one for every log: numbers of different logs must not be
	// compared.
	Name() string
	// Append gives m the next number and returns it. Unless it is nil, committed
	// is called with it, on the goroutine that owns the log, when it is safe.
	Append(m Message, committed func(Message)) Message
	// Newest returns the newest messages, n at most, oldest first. They are the
	// log's own memory and valid until the next Append.
	Newest(n int) []Message
}

// A MemoryLog is a Log that keeps a number of messages in memory, where they
// are as safe as the process is.
type MemoryLog struct {
	name string
	keep int
	last uint64
	kept []Message // up to twice as many as must be: the newest lie together
}

// NewMemoryLog returns an empty log that keeps at least the newest keep messages.
func NewMemoryLog(name string, keep int) *MemoryLog { return &MemoryLog{name: name, keep: keep} }

// Name returns the log's name.
func (l *MemoryLog) Name() string { return l.name }

// Append adds a message. It is committed at once.
func (l *MemoryLog) Append(m Message, committed func(Message)) Message {
	l.last++
	m.ID = l.last
	if len(l.kept) >= 2*l.keep {
		n := copy(l.kept, l.kept[len(l.kept)-l.keep:])
		clear(l.kept[n:])
		l.kept = l.kept[:n]
	}
	l.kept = append(l.kept, m)
	if committed != nil {
		committed(m)
	}
	return m
}

// Newest returns the newest messages, n at most, oldest first.
func (l *MemoryLog) Newest(n int) []Message {
	n = min(n, l.keep, len(l.kept))
	return l.kept[len(l.kept)-n:]
}
