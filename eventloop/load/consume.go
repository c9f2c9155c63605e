package load

import (
	"bytes"
	"fmt"
	"slices"

	"parley/protocol"
)

// consume handles what was read and returns what is left of an unfinished frame.
func (c *client) consume(w *worker, b []byte) (rest []byte) {
	now := c.r.now()
	fresh := 0
	if c.scanner != nil {
		for len(b) > 0 {
			frame, n, err := c.scanner.Scan(b)
			b = b[n:]
			if frame != nil || err != nil {
				fresh += c.decode(w, frame, now)
			}
		}
		c.r.delivered(fresh)
		return nil
	}
	for len(b) > 0 {
		if m, n := c.r.reading.fast(b, c.to); n > 0 {
			fresh += c.message(w, m, now)
			b = b[n:]
			continue
		}
		end := bytes.IndexByte(b, '\n') + 1
		if end == 0 {
			break
		}
		c.unusual = true
		fresh += c.frame(w, b[:end], now)
		b = b[end:]
	}
	c.r.delivered(fresh)
	return b
}

// message judges a message of ours and reports 1 if it counts as a delivery.
func (c *client) message(w *worker, m message, now int64) int {
	if c.r.logged {
		fresh := c.check.logged(m.id)
		if m.seq == 0 {
			c.r.last.Store(m.id)
			c.heard()
		}
		if !fresh || m.seq == 0 {
			return 0
		}
	} else {
		if m.seq == 0 {
			c.heard()
			return 0
		}
		sender := int(m.sender)
		if c.partner != nil {
			if sender != c.partner.index {
				c.altered("a message of " + c.r.reading.names[sender] + " to somebody else")
				return 0
			}
			sender = 0
		}
		if sender >= len(c.check.last) {
			c.altered(fmt.Sprintf("a message of %s, who has said nothing", c.r.reading.names[sender]))
			return 0
		}
		if !c.check.message(c.names(), sender, m.seq) {
			return 0
		}
	}
	if !c.rested {
		record(w.delivery, now-m.due)
	}
	if c.scanner != nil && int(m.sender) == c.index {
		record(w.ack, now-m.due)
		c.answered(true)
	}
	return 1
}

// names are those of the senders that the check knows.
func (c *client) names() []string {
	if c.partner != nil {
		return c.r.reading.names[c.partner.index : c.partner.index+1]
	}
	return c.r.reading.names
}

// heard notes the trial message, or the last word.
func (c *client) heard() {
	if !c.trial {
		c.trial = true
		c.r.heard.Add(1)
	}
	if c.scanner != nil {
		c.answered(true)
	}
}

// answered tells a plain sender what became of its message.
func (c *client) answered(heard bool) {
	select {
	case c.echoed <- heard:
	default:
	}
}

func (c *client) altered(what string) {
	c.r.finds.add(&c.r.finds.altered, fmt.Sprintf("altered: %s was told %s", c.name, what))
}

// frame handles a frame of an extended session that is not one of our messages
// as they usually look. What comes often is not decoded.
func (c *client) frame(w *worker, frame []byte, now int64) int {
	switch event(frame) {
	case protocol.EventPresence:
		return 0
	case protocol.EventHistory:
		if c.r.logged {
			c.check.id = max(c.check.id, lastID(frame)) // there may be several, the oldest first
		}
		return 0
	case protocol.EventLogin:
		c.welcomed(w, now)
		return 0
	case protocol.EventAccepted, protocol.EventDelivered, protocol.EventNames:
		c.acknowledged(w, refOf(frame), now)
		return 0
	}
	return c.decode(w, frame, now)
}

// welcomed notes that the client is logged in.
func (c *client) welcomed(w *worker, now int64) {
	if c.in {
		return
	}
	c.in = true
	record(w.login, now-c.loginDue)
	c.r.logins.Add(1)
	c.entered <- nil
}

// decode handles any frame, of anybody's server.
func (c *client) decode(w *worker, frame []byte, now int64) int {
	r, err := protocol.DecodeResponse(frame)
	if frame == nil || err != nil {
		c.r.troubles.add(garbledKind, c.name+" was sent something that is no response")
		return 0
	}
	switch r.Kind {
	case protocol.KindMessage:
		return c.said(w, r, now)
	case protocol.KindError:
		c.refused(r)
		return 0
	}
	if !c.in && c.scanner != nil {
		c.welcomed(w, now)
		return 0
	}
	c.acknowledged(w, []byte(r.Ref), now)
	c.tell(r)
	return 0
}

// acknowledged notes an answer to a request with a ref.
func (c *client) acknowledged(w *worker, ref []byte, now int64) {
	m, ok := readRef(ref)
	if !ok {
		return
	}
	if !c.rested {
		record(w.ack, now-m.due)
	}
	if m.seq > 0 {
		c.owed.Add(-1)
	}
}

func (c *client) tell(r protocol.Response) {
	if c.answers == nil {
		return
	}
	select {
	case c.answers <- r:
	default:
		c.r.troubles.add(noAnswerKind, c.name+" was told more than it waited for")
	}
}

// said handles a message that was decoded in full.
func (c *client) said(w *worker, r protocol.Response, now int64) int {
	var id uint64
	if r.Data != nil {
		id = r.Data.ID
	}
	m, ours := readMark([]byte(r.Content), c.r.reading.tag)
	if !ours { // of other people who use the server
		if c.r.logged {
			c.check.logged(id)
		}
		return 0
	}
	names := c.r.reading.names
	if int(m.sender) >= len(names) || names[m.sender] != r.Sender || r.Content[MinSize:] != c.r.reading.padding {
		c.altered(fmt.Sprintf("%.40q by %s, who has not said that", r.Content, r.Sender))
		return 0
	}
	return c.message(w, message{m, id}, now)
}

// refused handles an error.
func (c *client) refused(r protocol.Response) {
	code := protocol.Code("error")
	if r.Data != nil && r.Data.Code != "" {
		code = r.Data.Code
	}
	if !c.in {
		select {
		case c.entered <- &protocol.Error{Code: code, Text: r.Content}:
		default:
		}
		return
	}
	if c.leaving.Load() && slices.Contains([]protocol.Code{protocol.ShuttingDown, protocol.NotLoggedIn}, code) {
		return
	}
	c.r.troubles.add(string(code), fmt.Sprintf("%s: %s", c.name, r.Content))
	if m, ok := readRef([]byte(r.Ref)); ok && m.seq > 0 {
		c.owed.Add(-1)
		c.r.refuse(c, m.seq)
	}
	c.answered(false)
	c.tell(r)
}
