package sending

import (
	"slices"
	"strings"

	"parley/eventloop/client/names"
	"parley/eventloop/client/seen"
	"parley/protocol"
)

// decoration is what servers put around a name that stands before a text.
const decoration = " \t<>[](){}:*~-"

// Echo reports whether m is an own text that comes back: it was shown when it was
// typed.
func (q *Queue) Echo(m protocol.Response) bool {
	if !q.mayBeOwn(m) {
		return false
	}
	if q.seen.IsOwn(m) {
		if receiver(m) == "" {
			q.seen.AddID(m)
		}
		return true
	}
	content := cleaned(m.Content)
	for _, t := range q.tried() {
		if !q.isFor(t, m) || t.echoed || !q.isOwnText(t.clean, content, m) {
			continue
		}
		t.echoed = true
		if q.dialect != Extended { // which says itself when a text is safe
			q.unconfirmed = without(q.unconfirmed, slices.Index(q.unconfirmed, t))
		}
		if t.record != nil {
			q.seen.CameBack(t.record, m)
		}
		q.turns.echoed(t)
		if t.To == "" {
			q.seen.AddID(m)
		}
		q.door.Became(t.Text, Outcome{State: CameBack, ID: seen.ID(m)})
		return true
	}
	return false
}

// MayBe reports whether m, which is one's own and has another text by now, may be a text that
// was sent on a lost connection: which one it is, its number tells when it is known to have arrived.
func (q *Queue) MayBe(m protocol.Response) bool {
	return q.dialect == Extended && q.mayBeOwn(m) && slices.ContainsFunc(q.tried(), func(t *text) bool { return t.again && !t.echoed && q.isFor(t, m) })
}

// isFor reports whether a text is for those whom m was said to.
func (q *Queue) isFor(t *text, m protocol.Response) bool {
	return strings.EqualFold(t.To, receiver(m)) && sameRoom(t.Room, roomOf(m))
}

// tried returns the texts that were sent and may come back: those that are not known to
// have arrived and, with an extended server, those that wait to be sent once more.
func (q *Queue) tried() []*text {
	if q.dialect != Extended {
		return q.unconfirmed
	}
	texts := slices.Clip(q.unconfirmed)
	for _, r := range q.outbox {
		if r.text != nil && !r.text.sentAt.IsZero() {
			texts = append(texts, r.text)
		}
	}
	return texts
}

// receiver returns for whom alone a message is; "" is everybody.
func receiver(m protocol.Response) string {
	if m.Data != nil && m.Data.Event == protocol.EventDirect {
		return m.Data.To
	}
	return ""
}

// roomOf returns in which room a message was said to all; "" is the lobby, and also stands
// for what was said to one person.
func roomOf(m protocol.Response) string {
	if m.Data == nil || m.Data.Event == protocol.EventDirect {
		return ""
	}
	return m.Data.Room
}

// mayBeOwn reports whether m says that it is from oneself, or leaves it open. Some
// servers put colours and brackets around names, or say everything in their own.
func (q *Queue) mayBeOwn(m protocol.Response) bool {
	sender := strings.Trim(cleaned(m.Sender), decoration)
	return strings.EqualFold(sender, q.name) || names.IsServer(sender) && m.Data == nil
}

// isOwnText reports whether content, which m says, is body as oneself has said it: as
// it is, or with one's name before it. Whoever leaves the sender open must have the
// name.
func (q *Queue) isOwnText(body, content string, m protocol.Response) bool {
	before, ok := strings.CutSuffix(content, body)
	if !ok {
		return false
	}
	if before == "" {
		return m.Sender == "" || !names.IsServer(strings.Trim(cleaned(m.Sender), decoration))
	}
	return strings.EqualFold(strings.Trim(before, decoration), q.name) && strings.ContainsAny(before, "<>[]():")
}
