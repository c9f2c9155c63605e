package sending

import "time"

// isLine reports whether r is a line of those that a chat counts: a text, or in a
// pipe a command, too.
func (q *Queue) isLine(r request) bool { return r.text != nil || r.command && !q.cfg.Person }

// Waiting returns how many lines have not been sent.
func (q *Queue) Waiting() int {
	n := len(q.kept) + len(q.absent)
	for _, r := range q.outbox {
		if q.isLine(r) {
			n++
		}
	}
	return n
}

// Unsent returns how many lines have not been sent, with those of other names.
func (q *Queue) Unsent() int { return q.Waiting() + len(q.parked) }

// held returns how many texts and lines wait, are parked, or are unanswered.
func (q *Queue) held() int { return q.Unsent() + len(q.unconfirmed) }

// HasRoom reports whether another line of a pipe may be read.
func (q *Queue) HasRoom() bool {
	n := q.Waiting()
	if q.dialect == Extended {
		n += len(q.unconfirmed) + len(q.asks)
	}
	return q.cfg.Person || n < PipeWindow
}

// Idle reports whether nothing waits to be sent, or for its turn to be over.
func (q *Queue) Idle() bool { return len(q.outbox)+len(q.absent) == 0 && !q.turns.busy() }

// Drained reports whether all that was sent is answered. A plain server that has not
// sent back the last texts is asked for that, by what Flush sends.
func (q *Queue) Drained() bool {
	switch {
	case !q.Idle() || len(q.asks) > 0:
		return false
	case len(q.unconfirmed) == 0:
		return true
	case q.dialect != Extended:
		q.probe()
	}
	return false
}

// Unaccepted returns how many texts an extended server has not accepted yet.
func (q *Queue) Unaccepted() int {
	if q.dialect != Extended {
		return 0
	}
	return len(q.unconfirmed)
}

// Unmet returns how many commands were refused, or not answered in time.
func (q *Queue) Unmet() int { return q.unmet }

// LastSent returns when something was last sent on this connection, zero if nothing
// was.
func (q *Queue) LastSent() time.Time { return q.lastSent }

// LastVerb returns what was last sent on this connection.
func (q *Queue) LastVerb() string { return q.lastVerb }
