package server

import (
	"fmt"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
)

const (
	// closesPerSecond is how many sessions are closed in a second while the server ends, if
	// the time it has for that allows it: the loop is to have time left for those who still
	// talk.
	closesPerSecond = 1000

	// returnsPerSecond is how many guests are asked to come back in a second. With TLS that
	// costs a core half a second.
	returnsPerSecond = 500

	// passwordsPerSecond is the same for those who have an account: a password takes 50 ms
	// of a core.
	passwordsPerSecond = 25

	// busyInterval is how often it is looked whether somebody is answered who is to be closed.
	busyInterval = 10 * time.Millisecond

	// restartTime is how long it takes until there is a server again.
	restartTime = time.Second

	// maxAbsence is for how long nobody is asked to stay away longer. If more come back
	// sooner because of it than can be let in, they are told that the server is busy.
	maxAbsence = 5 * time.Minute
)

// A drain is how the server ends. Everybody is told at its begin when to come back, each a
// little later than the one before, and the sessions are closed one after the other: so
// neither the end nor the return is a storm. Who is not closed yet can go on talking: what
// is accepted is kept and told as ever, and those who are gone are told it when they come
// back. Who waits for an answer when their turn comes has it first, if there is time. When the last one is closed and all is safe, the server is settled.
type drain struct {
	stopping bool          // it has begun: nobody is told any more who leaves
	told     int           // sessions that were here at its begin
	leavers  []leaver      // are to be closed, the next one first
	over     bool          // all are
	settled  chan struct{} // closed when that is so and all is safe
}

// A leaver is a session that is to be closed.
type leaver struct {
	id   eventloop.ConnID
	at   time.Duration // since the core began
	last time.Duration // the same, at which it is closed even if it waits for an answer
}

// closeInterval returns how long it takes from one of n closes to the next.
func (c *Core) closeInterval(n int) time.Duration {
	return min(time.Second/closesPerSecond, max(c.cfg.Drain-eventloop.LastWordsTime, 0)/time.Duration(max(n, 1)))
}

// Stop begins the drain. It returns when the last of those who are here are to come back.
// Who is not logged in is closed at once.
func (c *Core) Stop(now time.Time) (back time.Time) {
	defer c.freely()()
	c.drain.stopping = true
	var away time.Duration
	c.drain.leavers, away = c.sendAway(endWords, now)
	c.drain.told = len(c.drain.leavers)
	c.drainNext(now)
	return now.Add(away)
}

// sendAway tells everybody when to come back, and returns who is to be closed when, and when the
// last one is to come back. Who is not logged in is closed at once.
func (c *Core) sendAway(words func(seconds int) string, now time.Time) (leavers []leaver, away time.Duration) {
	n := 0
	c.sessions.all(func(s *session) {
		if s.name != "" && !s.leaving {
			n++
		}
	})
	interval := c.closeInterval(n)
	last := c.since(now) + max(c.cfg.Drain-eventloop.LastWordsTime, 0)
	away = interval*time.Duration(max(n-1, 0)) + restartTime // of the next one
	c.sessions.all(func(s *session) {
		if s.name == "" || s.leaving {
			return
		}
		leavers = append(leavers, leaver{s.id, c.since(now) + interval*time.Duration(len(leavers)), last})
		c.tellOfEnd(s, words, away, now)
		perSecond := time.Duration(returnsPerSecond)
		if s.account {
			perSecond = passwordsPerSecond
		}
		away = min(away+time.Second/perSecond, maxAbsence)
	})
	c.sessions.all(func(s *session) {
		if s.name == "" && !s.leaving {
			c.endAt(s, words, away, now)
		}
	})
	return leavers, away
}

// endWords are for those who are here when the server ends.
func endWords(seconds int) string {
	return fmt.Sprintf("The server is shutting down, and may be back in %d s. Good bye.", seconds)
}

// tellOfEnd tells a session that the server ends, and after which time to come back.
func (c *Core) tellOfEnd(s *session, words func(seconds int) string, away time.Duration, now time.Time) {
	seconds := inSeconds(away)
	r := c.info(words(seconds), protocol.EventShuttingDown, now)
	r.Data.Seconds = seconds
	c.reply(s, r)
}

// endAt ends a connection that is not logged in. It is told an error: whoever has sent a login
// would take anything else for the answer that it has succeeded.
func (c *Core) endAt(s *session, words func(seconds int) string, away time.Duration, now time.Time) {
	err := protocol.Errorf(protocol.ShuttingDown, "%s", words(inSeconds(away)))
	err.Seconds = inSeconds(away)
	c.refuse(s, protocol.Request{}, err, now)
	c.close(s, users.LostConnection, now)
}

// drainNext closes the sessions whose time has come. It returns when the next one's will
// have.
func (c *Core) drainNext(now time.Time) time.Time {
	d := &c.drain
	if !d.stopping || d.over {
		return time.Time{}
	}
	if next := c.closeNext(&d.leavers, now); !next.IsZero() {
		return next
	}
	d.over = true
	c.settle()
	return time.Time{}
}

// closeNext closes those whose time has come, and returns when the next one's will have; zero:
// there are no more.
func (c *Core) closeNext(leavers *[]leaver, now time.Time) time.Time {
	defer c.freely()()
	for len(*leavers) > 0 {
		l := (*leavers)[0]
		s := c.sessions.get(l.id)
		there := s != nil && !s.leaving
		if there && c.since(now) < l.at {
			return c.began.Add(l.at)
		}
		*leavers = (*leavers)[1:]
		if there {
			c.hurry(s, now) // what they have sent before counts
		}
		switch {
		case !there || s.leaving:
		case s.busy && c.since(now) < l.last: // what they wait for comes, and is followed by what they have sent behind it
			l.at = min(c.since(now)+busyInterval, l.last)
			*leavers = append(*leavers, l)
		default:
			c.close(s, users.LostConnection, now) // they may come back: it was not they who ended it
		}
	}
	return time.Time{}
}
