package chats

import (
	"slices"
	"time"

	"parley/eventloop/client/timeline"
)

// heal has all work again, and goes on until everybody hears each other, and knows what has
// become of all lines.
func (c *chats) heal() {
	c.note("all works again")
	c.down, c.world.Disk.Broken = false, false
	c.flow(3 * time.Minute) // until what is dead is known to be dead, and all who try again now and then have done so
	if c.do.order {
		c.pardons()
	}
	c.round("last of ", 10*time.Minute)
	c.flow(5 * time.Second) // and nothing comes twice
	c.round("last 2 of ", time.Second)
	c.flow(5 * time.Second)
	c.checkMembers()
}

// round has everybody say something in the lobby, which all hear within a time, and know what
// has become of all lines.
func (c *chats) round(last string, within time.Duration) {
	const patience = 10 * time.Minute
	for _, p := range c.all {
		c.until(patience, p.name+" can type", func() bool { return p.reads && p.status.Question == "" })
		c.lines[last+p.name] = timeline.Conversation{Place: timeline.Lobby}
		p.types("/room lobby " + last + p.name)
	}
	for _, u := range c.plain {
		c.until(patience, u.first+" is logged in", func() bool { return u.entered && !u.habit.stalled })
		c.lines[last+u.first] = timeline.Conversation{Place: timeline.Lobby}
		u.asks("msg", last+u.first)
	}
	c.until(within, "all hear each other", func() bool { return c.hear(last) })
}

// hear reports whether all have heard what all have said, and know what has become of it.
func (c *chats) hear(last string) bool {
	for _, p := range c.all {
		for _, e := range p.entries {
			if e.Own && e.In.Place != timeline.Private && (e.State == timeline.Typed || e.State == timeline.Sent) {
				return false
			}
		}
		for _, other := range c.all {
			if !p.has(last+other.name) && !p.excused["from "+other.name] && !other.excused["from "+p.name] {
				return false
			}
		}
		for _, u := range c.plain {
			if !u.has(last+p.name) || !p.has(last+u.first) && !p.excused["from "+u.name] {
				return false
			}
		}
	}
	return true
}

// pardons has Carl, who is the server's owner, let everybody speak again.
func (c *chats) pardons() {
	carl := c.all[2]
	for _, p := range c.all {
		c.until(time.Minute, "carl can type", func() bool { return carl.reads && carl.status.Question == "" })
		carl.types("/unmute " + p.name)
	}
	c.flow(time.Second)
}

// has reports whether a message was shown.
func (p *chatter) has(text string) bool {
	return slices.ContainsFunc(p.said, func(id timeline.ID) bool { return p.entries[id].Text == text })
}
