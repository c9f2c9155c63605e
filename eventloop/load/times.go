package load

import (
	"fmt"
	"time"
)

// times judges the timestamps of messages without numbers, which nobody else is
// told: they must be of the time between when a message was due and when it came, by
// the server's clock, which is compared with this machine's at login.
type times struct {
	known  bool
	ahead  time.Duration // how much the server's clock is ahead
	late   time.Duration // how long the answer that told it may have been under way
	judged string        // the last timestamp that was right
	until  int64         // and until when it may come, in ns since the run began
}

// clockSlack is what timestamps, which are whole seconds, may be off.
const clockSlack = 2 * time.Second

// begin compares the clocks by the timestamp of the answer to a login.
func (t *times) begin(stamp string, now, due int64) {
	at, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return
	}
	t.known, t.ahead, t.late = true, at.Sub(time.Unix(0, now)), time.Duration(now-due)
}

// judge judges the timestamp of a message.
func (t *times) judge(c *client, m message, now int64) {
	if !t.known || t.judged == string(m.stamp) && now < t.until {
		return
	}
	at, err := time.Parse(time.RFC3339, string(m.stamp))
	if err != nil {
		if c.scanner == nil {
			c.altered(fmt.Sprintf("%.40q as a time", m.stamp))
		}
		return
	}
	told := at.Sub(time.Unix(0, 0)) - t.ahead
	if told < time.Duration(m.due)-clockSlack || told > time.Duration(now)+clockSlack+t.late {
		c.altered(fmt.Sprintf("the time %.40q of message %d of %s, which was said at another", m.stamp, m.seq, c.r.shape.names[m.sender]))
		return
	}
	t.judged, t.until = string(m.stamp), now+int64(time.Second)
}
