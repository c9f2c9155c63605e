package sending

import (
	"slices"
	"strings"
	"time"

	"parley/protocol"
)

const (
	// absence is for how long after a connection was made again a direct message that was kept
	// meanwhile is tried again when its receiver is not there: all who were cut off come back
	// one after the other, and a guest is nobody until then.
	absence = 15 * time.Second

	// absentPause is how long to wait before each try.
	absentPause = 2 * time.Second
)

// isAbsent reports whether a text that was refused with that code is to be tried again, since
// its receiver may be back soon.
func (q *Queue) isAbsent(t *text, code protocol.Code) bool {
	gone := code == protocol.UnknownUser || code == protocol.UserOffline
	return gone && t.To != "" && (t.offline || t.again) && q.door.Now().Before(q.absentUntil)
}

// awaitReceiver keeps a text until its receiver may be there.
func (q *Queue) awaitReceiver(t *text) {
	t.sentAt, t.first = time.Time{}, time.Time{} // it was not said
	q.absent = append(q.absent, t.request())
	if q.absentDue.IsZero() {
		q.absentDue = q.door.Now().Add(absentPause)
	}
	q.became(t, Waiting)
}

// isBehindAbsent reports whether a text is for somebody for whom older ones wait.
func (q *Queue) isBehindAbsent(r request) bool {
	return r.text != nil && r.text.To != "" && slices.ContainsFunc(q.absent, func(x request) bool {
		return strings.EqualFold(x.text.To, r.text.To)
	})
}

// tryAbsent has all that waits for receivers be sent again, before what was typed later.
func (q *Queue) tryAbsent() {
	q.outbox = append(q.absent, q.outbox...)
	q.absent = nil
}
