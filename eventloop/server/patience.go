package server

import (
	"fmt"
	"time"

	"parley/protocol"
	"parley/users"
)

// A moving is what becomes of those who are connected to a node while the log stands still that it
// shares with others. An election of its leader takes some seconds, for which nobody is sent away;
// a node that is cut off for longer sends its clients to others, which may not be.
type moving struct {
	since   time.Duration // when it was said that the log stands still, since the core began
	begun   bool          // they are being sent away, and nobody new is taken
	leavers []leaver      // are to be closed, the next one first
}

// moveWords are for those whose node has not reached the log for too long.
func moveWords(seconds int) string {
	return fmt.Sprintf("This part of the server does not reach the others: go on at another one, or come back here in %d s. Good bye.", seconds)
}

// moveOn sends those who are here to other nodes when the log has stood still for too long. It
// returns when it is to be called again. When the log goes on, who is here still stays.
func (c *Core) moveOn(now time.Time) time.Time {
	m := &c.moving
	switch {
	case !c.stands:
		if m.begun {
			c.cfg.Log.Info("clients are taken again")
		}
		*m = moving{}
		return time.Time{}
	case c.cfg.Patience == 0 || c.drain.stopping:
		return time.Time{}
	case m.since == 0:
		m.since = c.since(now)
	}
	if until := m.since + c.cfg.Patience; !m.begun && c.since(now) < until {
		return c.began.Add(until)
	}
	if !m.begun {
		m.begun = true
		end := c.freely()
		m.leavers, _ = c.sendAway(moveWords, now)
		end()
		c.cfg.Log.Warn("those who are connected are sent to other nodes, and nobody new is taken until the log goes on", "sessions", len(m.leavers), "after", c.cfg.Patience)
	}
	return c.closeNext(&m.leavers, now)
}

// aheadWithin is how long a login may wait for what its client has heard elsewhere.
const aheadWithin = 5 * time.Second

// An ahead is a login of a client that has heard more elsewhere than this node knows.
type ahead struct {
	waiting
	asked
}

// noteAhead notes that a client logs in which has heard more than this node knows. The login goes
// through the log, behind all that the client has heard: when it has come back, that has, too.
func (c *Core) noteAhead(s *session, a asked, from progress) {
	if c.shared != nil && from.known && from.log == c.log.Name() && from.after > c.state.Last() {
		c.ahead = append(c.ahead, ahead{waiting{s.id, c.since(a.at) + aheadWithin}, a})
	}
}

// refuseAhead refuses those logins of them that wait for too long: elsewhere they may be let in. An
// info would be taken for the answer. It returns when the next one will have waited too long.
func (c *Core) refuseAhead(now time.Time) time.Time {
	defer c.freely()()
	for len(c.ahead) > 0 {
		w := c.ahead[0]
		s := c.sessions.get(w.id)
		waits := s != nil && s.name == "" && s.undecided && !s.leaving
		if waits && c.since(now) < w.until {
			return c.began.Add(w.until)
		}
		c.ahead = c.ahead[1:]
		if waits { // if it comes about after all, it is ended: see enterThen
			c.refuseLogin(s, w.asked, protocol.Errorf(protocol.Busy, "This part of the server is behind what you have heard elsewhere. Log in again in a moment, or at another one."))
			c.close(s, users.LostConnection, now)
		}
	}
	c.ahead = nil
	return time.Time{}
}
