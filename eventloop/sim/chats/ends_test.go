package chats

import (
	"io"
	"time"
)

// longestEnd is how long a server may take to end: --drain and what the disk may take then.
const longestEnd = 20 * time.Second

// ends has the server end as on SIGTERM, and start again: nobody is let in meanwhile, and what is
// on its way arrives or stays where it is. A server whose disk does not work ends without it.
func (c *chats) ends(arrives bool) {
	was := c.down
	c.down = true
	c.world.End()
	step := c.pass
	if arrives {
		step = c.flow
	}
	for end := c.now.Add(longestEnd); !c.world.Settled() && c.now.Before(end); {
		step(20 * time.Millisecond)
	}
	c.down = was
	c.startsAgain("the server has ended")
}

// startsAgain ends the process of the server, with all connections, and starts another one.
func (c *chats) startsAgain(why string) {
	c.world.Crash()
	c.crashed = c.world.Net.Now()
	for _, u := range c.plain {
		if u.conn != nil {
			u.ends(why)
		}
	}
	for _, p := range c.all {
		if w := p.wire; w != nil && !w.over() && !w.frozen {
			p.loses(w, io.EOF)
		}
	}
}
