package rooms

import "parley/users"

// numberGap is how many numbers a KeptLog leaves out when it goes on where
// another has ended. Messages that were told but not yet safe when the process
// was killed had numbers, which clients have seen: they must not be given again.
// It is more than can wait to be written.
const numberGap = 1 << 16

// A KeptLog is a Log whose messages something else keeps, such as a disk. It
// numbers a message at once and tells later whether it is safe.
type KeptLog struct {
	name     string
	last     uint64
	recent   Recent
	requests *Requests
	write    Write
	troubled bool
}

// Write keeps a message and calls done, on the goroutine that owns the log, when
// it is safe or could not be kept. An error of its own says that too much waits.
type Write func(m Message, request string, done func(error)) error

// NewKeptLog returns a log that goes on behind the message numbered last, whose
// newest messages are given, and keeps at least keep of them in memory.
func NewKeptLog(name string, last uint64, newest []Message, requests *Requests, keep int, write Write) *KeptLog {
	l := &KeptLog{name: name, last: last, recent: Recent{Keep: keep}, requests: requests, write: write}
	if last > 0 {
		l.last += numberGap
	}
	for _, m := range newest {
		l.recent.Add(m)
	}
	return l
}

// Name returns the log's name.
func (l *KeptLog) Name() string { return l.name }

// Append implements Log.
func (l *KeptLog) Append(m Message, request string, committed func(Message, error)) (Message, bool, error) {
	q := Request{Sender: users.Fold(m.Sender), ID: request}
	before, err := l.requests.Find(q, "", m.Text)
	if err != nil {
		return m, false, err
	}
	if before != nil {
		m.ID = before.Number
		before.Wait(func(err error) { committed(m, err) })
		return m, false, nil
	}
	m.ID = l.last + 1
	told := !l.troubled
	err = l.write(m, request, func(err error) {
		l.troubled = err != nil
		switch {
		case err != nil && told:
			l.recent.Remove(m.ID)
		case err == nil && !told:
			l.recent.Add(m)
		}
		if err != nil {
			err = ErrNotKept
		}
		committed(m, err)
		l.requests.Done(q, err)
	})
	if err != nil {
		return m, false, ErrBusy
	}
	l.last++
	if told {
		l.recent.Add(m)
	}
	if request != "" {
		l.requests.Add(q, Digest("", m.Text), m.ID, false, m.Time)
	}
	return m, true, nil
}

// Requests implements Log.
func (l *KeptLog) Requests() *Requests { return l.requests }

// Troubled reports whether the last message could not be kept.
func (l *KeptLog) Troubled() bool { return l.troubled }

// Newest returns the newest messages, n at most, oldest first.
func (l *KeptLog) Newest(n int) []Message { return l.recent.Newest(n) }
