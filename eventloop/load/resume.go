package load

import (
	"fmt"

	"parley/protocol"
)

// A session is what the server has said in the answer to a login that a later one can
// go on with. A client's reader notes it; its owner looks at it when the reader has ended.
type session struct {
	token, log string
	after      uint64 // of the present connection: what came behind that number is to be told; 0: it does not resume
	catchingUp bool   // that is coming: it is late on purpose, so it is not measured
}

// resume has a part of a talking room lose its connections twice, miss messages and
// come back for them.
func (r *round) resume() error { return r.waves() }

// miss waits until so many messages were sent as those are to miss who have lost their
// connections, or no more are.
func (r *round) miss() {
	enough, end := r.sent.Load()+int64(r.Miss), r.began+int64(r.Duration)
	for r.sent.Load() < enough && r.now() < end && r.ctx.Err() == nil {
		<-r.cfg.Clock.After(pollInterval)
	}
}

// resumes notes what the answer to a login says of the session. It reports whether what
// was missed follows: then the login has taken until all of that was told.
func (c *client) resumes(frame []byte) bool {
	r, err := protocol.DecodeResponse(frame)
	if c.r.ledger == nil || err != nil || r.Data == nil {
		return false
	}
	if c.r.plan != nil {
		c.r.ledger.begin(r.Data.ID)
		c.stays.kept = c.r.plan.others(c.index, r.Data.Rooms)
	}
	s := &c.session
	s.token, s.log = r.Data.Token, r.Data.Log
	switch {
	case s.after == 0:
	case r.Data.Resume == protocol.ResumeFollows:
		s.catchingUp = true
	default:
		c.r.troubles.add(notResumedKind, fmt.Sprintf("%s was not told what it had missed behind number %d: %q", c.name, s.after, r.Data.Resume))
		c.check.endNumbers(0)
		c.interrupted()
	}
	return s.catchingUp
}

// caughtUp notes that a client was told all that it had missed.
func (c *client) caughtUp(w *worker, now int64) {
	if c.session.catchingUp {
		c.session.catchingUp = false
		c.welcomed(w, now)
	}
}

// newest returns the newest number that was told, 0 if there is none.
func (c *check) newest() uint64 {
	if c.odd != nil {
		return max(c.id, c.odd.n)
	}
	return c.id
}
