// Package rooms knows what is said in a room, and in which order. It is pure.
package rooms

import (
	"errors"
	"slices"
	"time"

	"parley/users"
)

// A Message is one thing that a user said.
type Message struct {
	ID     uint64 // its number in the log, from 1 on
	Time   time.Time
	Sender string
	Text   string
}

// Errors of a Log.
var (
	// ErrBusy says that too many messages wait to be kept.
	ErrBusy = errors.New("too many messages wait to be kept")

	// ErrNotKept says that a message could not be kept.
	ErrNotKept = errors.New("the message could not be kept")

	// ErrReused says that a request has the id of another one.
	ErrReused = errors.New("the id belongs to another request")
)

// A Log decides the order of a room's messages and keeps them.
type Log interface {
	// Name is another one for every log: numbers of different logs must not be
	// compared.
	Name() string

	// Append gives m the next number and returns it. request is the sender's own
	// name for it, "" if there is none: if a message was created under it
	// before, nothing is, fresh is false, and the number is that one's.
	//
	// committed is called once, before or after Append returns, on the goroutine
	// that owns the log: with nil when the message is safe, with ErrNotKept when
	// it could not be kept. An error of Append itself, ErrBusy or ErrReused, says
	// that nothing was done and nothing will be.
	Append(m Message, request string, committed func(Message, error)) (numbered Message, fresh bool, err error)

	// Requests returns what is remembered of requests. Who creates something else
	// than messages remembers it there, too: an id is for one request of any kind.
	Requests() *Requests

	// Troubled reports whether the last message could not be kept. As long as
	// it is so, what is said should not be told before it is committed.
	Troubled() bool

	// Newest returns the newest messages, n at most, oldest first. They are the
	// log's own memory and valid until the next Append.
	Newest(n int) []Message
}

// A MemoryLog is a Log that keeps a number of messages in memory, where they
// are as safe as the process is.
type MemoryLog struct {
	name     string
	last     uint64
	recent   Recent
	requests *Requests
}

// NewMemoryLog returns an empty log that keeps at least the newest keep messages.
func NewMemoryLog(name string, keep int) *MemoryLog {
	return &MemoryLog{name: name, recent: Recent{Keep: keep}, requests: NewRequests()}
}

// Name returns the log's name.
func (l *MemoryLog) Name() string { return l.name }

// Append adds a message. It is committed at once.
func (l *MemoryLog) Append(m Message, request string, committed func(Message, error)) (Message, bool, error) {
	q := Request{Sender: users.Fold(m.Sender), ID: request}
	before, err := l.requests.Find(q, "", m.Text)
	if err != nil {
		return m, false, err
	}
	if before != nil {
		m.ID = before.Number
		committed(m, nil)
		return m, false, nil
	}
	l.last++
	m.ID = l.last
	l.recent.Add(m)
	if request != "" {
		l.requests.Add(q, Digest("", m.Text), m.ID, true, m.Time)
	}
	committed(m, nil)
	return m, true, nil
}

// Requests implements Log.
func (l *MemoryLog) Requests() *Requests { return l.requests }

// Troubled returns false.
func (l *MemoryLog) Troubled() bool { return false }

// Newest returns the newest messages, n at most, oldest first.
func (l *MemoryLog) Newest(n int) []Message { return l.recent.Newest(n) }

// Recent is the newest messages of a log.
type Recent struct {
	Keep int // how many

	kept []Message // up to twice as many as must be: the newest lie together
}

// Add adds a message.
func (r *Recent) Add(m Message) {
	if len(r.kept) >= 2*r.Keep {
		n := copy(r.kept, r.kept[len(r.kept)-r.Keep:])
		clear(r.kept[n:])
		r.kept = r.kept[:n]
	}
	r.kept = append(r.kept, m)
}

// Remove takes a message out.
func (r *Recent) Remove(id uint64) {
	r.kept = slices.DeleteFunc(r.kept, func(m Message) bool { return m.ID == id })
}

// Newest returns the newest messages, n at most, oldest first. They are valid
// until the next Add or Remove.
func (r *Recent) Newest(n int) []Message {
	n = min(n, r.Keep, len(r.kept))
	return r.kept[len(r.kept)-n:]
}
