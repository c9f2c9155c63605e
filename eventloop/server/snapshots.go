package server

import (
	"time"

	"parley/users/log"
)

const (
	// SnapshotEvery is how often a node keeps a snapshot: what little is said in that time is
	// read in no time, and copying the state holds the loop for a moment.
	SnapshotEvery = 10 * time.Minute

	// snapshotAfter is behind how many messages of the stream it does so before that time: a node
	// that starts reads so many in some 10 s.
	snapshotAfter = 1 << 20
)

// snapshots are those that a node which shares a log keeps of what it has come to, so that its
// next start need not read the stream from its first message.
type snapshots struct {
	keep    func(*log.Snapshot, func(error)) // Shared.Keep
	every   time.Duration
	since   time.Time     // when the newest was taken
	at      uint64        // its position
	waits   *log.Snapshot // was taken, and rows are not kept yet that it needs
	writing bool          // one is being kept
	last    func()        // is to be called when one more is kept, behind which there is none; or nil
}

// keepSnapshot keeps one if it is time for it. It returns when it is to be called again.
func (c *Core) keepSnapshot(now time.Time) time.Time {
	k := &c.snapshots
	if k.keep == nil || k.writing {
		return time.Time{}
	}
	if k.waits == nil && (k.last != nil || now.Sub(k.since) >= k.every || c.shared.Position()-k.at >= snapshotAfter) {
		k.waits, k.since, k.at = c.shared.Snapshot(), now, c.shared.Position()
		if k.waits == nil {
			c.lastSnapshot()
		}
	}
	switch {
	case k.waits == nil:
		return k.since.Add(k.every)
	case !c.shared.Safe(k.waits):
		return now.Add(log.RetryAfter)
	}
	s, last := k.waits, k.last != nil
	k.waits, k.writing = nil, true
	k.keep(s, func(err error) {
		if k.writing = false; err != nil {
			c.cfg.Log.Warn("the state of this node is not kept, so that its next start takes longer", "message", s.Position, "error", err)
		}
		if last {
			c.lastSnapshot()
		}
		c.fx.WakeAt(c.cfg.Clock())
	})
	return time.Time{}
}

// lastSnapshot goes on with what waits for the last one.
func (c *Core) lastSnapshot() {
	if then := c.snapshots.last; then != nil {
		c.snapshots.keep, c.snapshots.last = nil, nil
		then()
	}
}

// endSnapshots keeps one more, of a node that takes part no more, and then calls a function. It may
// be called while a message is carried out, in the middle of which there is no snapshot.
func (c *Core) endSnapshots(then func()) {
	if c.snapshots.keep == nil {
		then()
		return
	}
	c.snapshots.waits, c.snapshots.last = nil, then
	c.fx.WakeAt(c.cfg.Clock())
}
