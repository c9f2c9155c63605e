package server

import (
	"time"

	"parley/protocol"
)

// A node finds out that frames of a relay were lost by the one that comes behind them. Where all
// of a window is lost none comes: the client that has sent it waits for credit, with its pings,
// too. So a node that has sent much, and then nothing for a while, sends a frame with nothing in
// it. It is counted as any other, also by a node that knows nothing of checks.
const (
	// checkFrom is from how many units without credit on a relay is checked: half a window. With less
	// than that a client can send something, such as a ping, which does the same.
	checkFrom = protocol.RelayWindow / 2

	// checkAfter is how long nothing may have been sent. Who reads gives credit sooner, and the
	// clients themselves would wait for 25 s.
	checkAfter = 5 * time.Second

	// checks is how often in a row it is checked: a node that has lost its connection to NATS has
	// it back before the last one, or is gone.
	checks = 3
)

// A check is of a crossing that has sent something. Each crossing has one at most in the line of
// them, in which the next one comes first.
type check struct {
	number uint64
	of     *crossing
	at     time.Duration // since the core began
	sent   uint64        // frames, when it was put there
	left   int           // frames with nothing in them that may be sent
}

// checkLater has it looked later what has become of what a crossing has sent.
func (c *Core) checkLater(number uint64, k *crossing, now time.Time) {
	if !k.checked {
		k.checked = true
		c.putCheck(check{number: number, of: k, left: checks}, now)
	}
}

func (c *Core) putCheck(of check, now time.Time) {
	of.at, of.sent = c.since(now)+checkAfter, of.of.sent
	c.checks = append(c.checks, of)
}

// checkCrossings sends what has nothing in it on those crossings that are due. While the log
// stands still it waits: what is sent then is as likely to be lost. It returns when the next one
// is due.
func (c *Core) checkCrossings(now time.Time) time.Time {
	if c.stands {
		return time.Time{} // it is called when the log goes on
	}
	defer c.freely()()
	for len(c.checks) > 0 {
		next := c.checks[0]
		if c.since(now) < next.at {
			return c.began.Add(next.at)
		}
		c.checks = c.checks[1:]
		if c.crossings[next.number] == next.of { // else it is over
			c.check(next, now)
		}
	}
	c.checks = nil
	return time.Time{}
}

func (c *Core) check(of check, now time.Time) {
	k := of.of
	switch {
	case k.sent != of.sent: // meanwhile
		of.left = checks
	case of.left == 0 || c.relays.Uncredited(k.near.Name, k.far.Name) < checkFrom:
		k.checked = false
		return
	default:
		of.left--
		if !c.sendFrame(of.number, k, nodeFrame{}) {
			c.breakCrossing(of.number, k, now)
			return
		}
	}
	c.putCheck(of, now)
}
