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
	c.heardAt.Store(now)
	c.r.probe.send(now)
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
		if f := c.check.expected(b); f != nil {
			fresh += c.came(w, f.mark, true, now)
			b = b[len(f.bytes):]
			continue
		}
		if n := c.ours(w, b, now, &fresh); n > 0 {
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

// ours judges the message of ours that b begins with, adds to fresh if it counts as a
// delivery, and returns how many bytes it has; 0 if there is none.
func (c *client) ours(w *worker, b []byte, now int64, fresh *int) (n int) {
	var m message
	if c.r.plan != nil {
		if m, n = c.r.shape.known(b, &c.r.ledger.recent); n > 0 {
			*fresh += c.roomMessage(w, m, now)
			return n
		}
	}
	if m, n = c.r.shape.fast(b, c.to); n == 0 {
		return 0
	}
	counts := c.message(w, m, now)
	*fresh += counts
	if c.r.plan != nil && counts > 0 {
		c.r.ledger.recent.keep(m.id, m.mark, b[:n])
	}
	c.check.keep(m, b[:n])
	return n
}

// message judges a message of ours and reports 1 if it counts as a delivery.
func (c *client) message(w *worker, m message, now int64) int {
	fresh := false
	switch {
	case c.r.plan != nil:
		return c.roomMessage(w, m, now)
	case c.check.ledger != nil && m.id == 0:
		c.altered(fmt.Sprintf("message %d of %s without its number", m.seq, c.r.shape.names[m.sender]))
		c.spoilt(0)
		return 0
	case c.check.ledger != nil:
		fresh = c.check.numbered(m.id, m.sender, m.seq, m.stamp)
	case m.seq > 0:
		fresh = c.counted(m, now)
	}
	return c.came(w, m.mark, fresh, now)
}

// came measures a message that was judged, and reports 1 if it counts as a delivery.
func (c *client) came(w *worker, m mark, fresh bool, now int64) int {
	if m.seq == 0 {
		if c.r.plan == nil {
			c.heard(m)
		}
		return 0
	}
	if !fresh {
		return 0
	}
	if !c.rested && !c.session.catchingUp {
		w.took(delivery, now, m.due)
	}
	if c.scanner != nil && int(m.sender) == c.index {
		w.took(ack, now, m.due)
		c.r.accepted.Add(1)
		c.answered(true)
	}
	return 1
}

// counted judges a message without a number by those of its sender. It reports whether
// it is a new one.
func (c *client) counted(m message, now int64) bool {
	sender := int(m.sender)
	names := c.r.shape.names
	if c.partner != nil {
		if sender != c.partner.index {
			c.altered("a message of " + names[sender] + " to somebody else")
			return false
		}
		sender, names = 0, names[sender:sender+1]
	}
	if sender >= len(c.check.last) || int64(m.seq) > c.r.senders[m.sender].sent.Load() {
		c.altered(fmt.Sprintf("message %d of %s, who has not sent that", m.seq, c.r.shape.names[m.sender]))
		return false
	}
	if !c.check.message(names, sender, m.seq) {
		return false
	}
	c.times.judge(c, m, now)
	return true
}

// heard notes the trial message, or the last word.
func (c *client) heard(m mark) {
	if c.word != m.due {
		c.word = m.due
		c.r.heard.Add(1)
	}
	if c.scanner != nil && int(m.sender) == c.index {
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

// spoilt notes that a message was told that nobody has sent so; n is its number, 0 if
// there is none. Nobody waits for it any more, and it is not lost as well.
func (c *client) spoilt(n uint64) {
	switch {
	case c.r.plan != nil && n > 0:
		c.check.unplaced++
		c.r.ledger.unreadable(n)
	case c.check.ledger == nil || !c.check.unreadable(n):
		c.check.unplaced++
	}
	c.r.excused.Add(1)
	c.r.open()
}

// frame handles a frame of an extended session that is not one of our messages
// as they usually look. What comes often is not decoded.
func (c *client) frame(w *worker, frame []byte, now int64) int {
	switch event := event(frame); {
	case event == protocol.EventPresence:
		return 0
	case event == protocol.EventHistory:
		c.history(frame)
		return 0
	case event == protocol.EventLogin:
		c.times.begin(stampOf(frame), now, c.loginDue)
		if !bytes.Contains(frame, []byte(`"name":"`+c.name+`"`)) {
			c.altered("the name of somebody else as its own")
		}
		if !c.resumes(frame) {
			c.welcomed(w, now)
		}
		return 0
	case event == protocol.EventResumed:
		c.caughtUp(w, now)
		return 0
	case c.r.plan != nil && moves[event] != "":
		c.moved(frame, event)
		return 0
	case event == protocol.EventAccepted, event == protocol.EventDelivered:
		if tag, n, ok := c.answer(frame); ok && !bytes.Contains(frame, waitedKey) {
			c.acknowledged(w, tag, n, true, now)
			return 0
		}
	}
	return c.decode(w, frame, now)
}

// waitedKey is in the answer to a request that had to wait in the server, because its sender
// had sent too many.
var waitedKey = []byte(`,"seconds":`)

// welcomed notes that the client is logged in.
func (c *client) welcomed(w *worker, now int64) {
	if c.in {
		return
	}
	c.in = true
	w.took(login, now, c.loginDue)
	c.r.logins.Add(1)
	c.entered <- nil
}

// decode handles any frame, of anybody's server.
func (c *client) decode(w *worker, frame []byte, now int64) int {
	r, err := protocol.DecodeResponse(frame)
	if frame == nil || err != nil {
		c.garbledFrame(frame)
		return 0
	}
	c.garbled = false
	switch r.Kind {
	case protocol.KindMessage:
		return c.said(w, r, now)
	case protocol.KindError:
		c.refused(r)
		return 0
	}
	if !c.in && c.scanner != nil {
		c.times.begin(r.Stamp, now, c.loginDue)
		c.welcomed(w, now)
		return 0
	}
	if isOurs(r.Content, c.r.shape.tag) || r.Data != nil && r.Data.Event == protocol.EventMessage {
		c.altered(fmt.Sprintf("%.40q as %q", r.Content, r.Kind))
		c.spoilt(idOf(r))
		return 0
	}
	if c.r.plan != nil && r.Data != nil && r.Data.Event == protocol.EventAccepted && !c.isAcceptedIn(r) {
		c.altered(fmt.Sprintf("that its message was accepted in %q, where it has not said it", r.Data.Room))
	}
	if r.Ref != "" && c.speaker() != nil && (r.Data == nil || !isAnswer(r.Data.Event)) {
		c.altered("an answer of another kind to what it has asked")
	}
	if r.Data != nil && r.Data.Seconds > 0 && isAnswer(r.Data.Event) {
		c.r.troubles.add(delayedKind, fmt.Sprintf("%s: a request of its has waited for %d s", c.name, r.Data.Seconds))
	}
	c.acknowledged(w, []byte(r.Ref), idOf(r), r.Data != nil && r.Data.Event == protocol.EventAccepted, now)
	c.tell(r)
	return 0
}

func idOf(r protocol.Response) uint64 {
	if r.Data == nil {
		return 0
	}
	return r.Data.ID
}

// garbledFrame counts what is no response. If a byte became the end of a line, what
// follows is the rest of the same; if the end of a line was lost, it holds several.
func (c *client) garbledFrame(frame []byte) {
	if c.garbled && len(frame) > 0 && frame[0] != '{' {
		return
	}
	c.garbled = true
	c.r.troubles.add(garbledKind, c.name+" was sent something that is no response")
	if !c.in {
		return
	}
	for range max(bytes.Count(frame, []byte(pieceStamp)), 1) {
		c.spoilt(0)
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
	id := idOf(r)
	names := c.r.shape.names
	m, ok := readMark([]byte(r.Content), c.r.shape.tag)
	if !ok && !isOurs(r.Content, c.r.shape.tag) && !slices.Contains(names[:len(c.r.senders)], r.Sender) { // other people use the server, too
		if c.check.ledger != nil {
			v := strange(r)
			c.check.numbered(id, v.sender, v.seq, []byte(v.stamp))
		}
		return 0
	}
	if !ok || int(m.sender) >= len(names) || names[m.sender] != r.Sender || r.Content[MinSize:] != c.r.shape.padding || !c.isForMe(r) {
		c.altered(fmt.Sprintf("%.40q by %.40q, who has not said that", r.Content, r.Sender))
		c.spoilt(id)
		if r.Sender == c.name && c.scanner != nil {
			c.answered(true)
		}
		return 0
	}
	told := message{mark: m, id: id, stamp: []byte(r.Stamp)}
	if c.r.plan != nil {
		told.room, ok = c.r.plan.find(r.Data.Room)
		if !ok {
			c.altered(fmt.Sprintf("message %d of %s in %.40q, where that was not said", m.seq, r.Sender, r.Data.Room))
			c.spoilt(id)
			return 0
		}
	}
	return c.message(w, told, now)
}

// isForMe reports whether a message came as one to everybody or to one alone, as it
// was sent.
func (c *client) isForMe(r protocol.Response) bool {
	switch {
	case c.scanner != nil:
		return true
	case r.Data == nil:
		return false
	case c.to != "":
		return r.Data.Event == protocol.EventDirect && r.Data.To == c.to
	}
	return r.Data.Event == protocol.EventMessage
}

// refused handles an error.
func (c *client) refused(r protocol.Response) {
	code := plainError
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
	if c.r.plan != nil && isMoveRef(r.Ref) {
		c.answerMove(&protocol.Error{Code: code, Text: r.Content})
		return
	}
	c.r.troubles.add(string(code), fmt.Sprintf("%s: %s", c.name, r.Content))
	if m, ok := readRef([]byte(r.Ref), c.r.shape.tag); ok && c.speaker() != nil {
		c.owed.Add(-1)
		if m.seq > 0 {
			c.r.refuse(c, m.seq)
		}
	}
	c.answered(false)
	c.tell(r)
}
