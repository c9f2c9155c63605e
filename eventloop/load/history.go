package load

import (
	"bytes"
	"fmt"
)

var (
	keyStamp = []byte(pieceStamp)
	keyMore  = []byte(`"more":true`)
)

// history judges the newest messages that a client is told at its login, in one
// response or in several: they must be those of the log, in order, and nothing that others
// were told may be missing. What the client is told from then on goes on behind the last one.
func (c *client) history(frame []byte) {
	if c.r.plan != nil {
		c.roomHistory(frame)
		return
	}
	if c.check.ledger == nil || c.check.id != 0 && !c.past {
		return
	}
	c.past = bytes.Contains(frame, keyMore)
	last, odd, known := c.check.id, false, false
	for rest := nextEntry(frame[min(len(frame), 1):]); rest != nil && !odd; {
		entry := rest
		if rest = nextEntry(rest[1:]); rest != nil {
			entry = entry[:len(entry)-len(rest)]
		}
		n := lastID(entry)
		m, size := c.r.shape.object(entry, "")
		ours := size > 0
		switch {
		case last != 0 && !c.check.ledger.follows(n, last):
			odd = true
		case ours && !c.check.ledger.agrees(n, m):
			odd = true
		case !ours && bytes.Contains(entry, []byte(`"content":"`+c.r.shape.tag)):
			odd = true
		default:
			last = n
			_, known = c.check.ledger.find(n)
			continue
		}
		c.altered("a history in which number " + grouped(int64(n)) + " is not as others were told, or not in its place")
	}
	if odd {
		last = 0 // the first message behind it tells
	}
	c.check.id, c.check.from, c.check.hearsay = last, last+1, !known
}

// doubt judges what a history ended with, if nobody else was told that, by the first
// number that comes behind it.
func (c *check) doubt(n uint64) {
	switch {
	case n == c.id+1 || c.id == 0 || c.from != c.id+1:
	case c.ledger.follows(n, c.id):
		c.id, c.from = n-1, n
	default:
		c.finds.add(&c.finds.altered, fmt.Sprintf("altered: %s was told a history that ends with number %d, and then number %d", c.receiver, c.id, n))
		c.id = 0
	}
	c.hearsay = false
}

// eachEntry calls f with each response of a history.
func eachEntry(history []byte, f func(entry []byte)) {
	for rest := nextEntry(history[min(len(history), 1):]); rest != nil; {
		entry := rest
		if rest = nextEntry(rest[1:]); rest != nil {
			entry = entry[:len(entry)-len(rest)]
		}
		f(entry)
	}
}

// nextEntry returns b from the next response on, nil if there is none. Within a text
// quotes are escaped, so what is found begins one.
func nextEntry(b []byte) []byte {
	at := bytes.Index(b, keyStamp)
	if at < 0 {
		return nil
	}
	return b[at:]
}

// follows reports whether a number may be the next one behind another: those between are
// of direct messages or were said in rooms, or else somebody is told of them.
func (l *ledger) follows(n, last uint64) bool {
	if n <= last || n-last > maxJump {
		return false
	}
	for between := last + 1; between < n; between++ {
		if _, known := l.find(between); known {
			return false
		}
	}
	return true
}

// agrees reports whether a number is known as the message, or not known.
func (l *ledger) agrees(n uint64, m message) bool {
	e, known := l.find(n)
	return !known || e.isFrom(m.sender, m.seq) && e.stamp == string(m.stamp)
}

// stampOf returns the timestamp of an extended frame, "" if it does not begin with one.
func stampOf(frame []byte) string {
	if len(frame) < senderAt || string(frame[:len(pieceStamp)]) != pieceStamp {
		return ""
	}
	return string(frame[len(pieceStamp):senderAt])
}
