package eventloop

// asidePart is the part of what may wait, for one connection and for all, that may be set
// aside: above it, AsideFull has the handler send.
const asidePart = 2

// SetAside records that the handler holds so many bytes for the connection, to send later. They
// count in its limit and in the limit for all, but never as unread: they do not make it stall, and
// it is not chosen for closing because of them. SetAside returns false if they are not to be held,
// because the connection is closed or more waits for it than may.
func (c *Conn) SetAside(bytes int) bool {
	if c.closed || c.closing || c.overflowed {
		return false
	}
	if c.Waiting()+bytes > c.loop.limit {
		c.overflow()
		return false
	}
	c.loop.countAside(c, bytes)
	return true
}

// TakeUp records that the handler holds so many bytes less, because it sends them now or not at
// all. When the connection is closed it holds nothing.
func (c *Conn) TakeUp(bytes int) {
	if !c.closed && !c.closing {
		c.loop.countAside(c, -bytes)
	}
}

// AsideFull reports whether so much is set aside, for the connection or for all, that what is
// there of the connection is to be sent.
func (c *Conn) AsideFull() bool {
	l := c.loop
	return l.aside[c] > l.limit/asidePart || l.memory.limit > 0 && l.memory.aside.Load() > l.memory.limit/asidePart
}

func (l *Loop) countAside(c *Conn, bytes int) {
	if bytes == 0 {
		return
	}
	l.aside[c] += bytes
	if l.aside[c] == 0 {
		delete(l.aside, c)
	}
	l.asideSize += int64(bytes)
	l.memory.aside.Add(int64(bytes))
}

// forgetAside forgets what is set aside for c, which is not sent any more.
func (l *Loop) forgetAside(c *Conn) { l.countAside(c, -l.aside[c]) }
