package sending

import (
	"bytes"
	"slices"
	"time"

	"parley/protocol"
)

const (
	// pace is the pause between two requests to a server that may be plain: 28
	// of 29 public servers fail on requests that arrive together.
	pace = 250 * time.Millisecond

	// minBrake and maxBrake bound how long no text is sent after the server has said that
	// there were too many: as long as it says, but a room that is slow for its own part is
	// not to stop the others for long.
	minBrake = time.Second
	maxBrake = 5 * time.Second

	// MaxFlight is how many texts an extended server is sent before it has accepted the
	// first of them, and maxFlightSize how many bytes they have: as many as a server of ours
	// lets wait by default, with room for what other sessions say, so that nothing is refused
	// and comes behind what was said after it.
	MaxFlight     = 32
	maxFlightSize = protocol.MaxDeferredSize / 2

	// maxUnconfirmed is how many own texts wait for their echo on a server that
	// may not send any.
	maxUnconfirmed = 100
)

// Flush sends what may be sent now. It reports false if the server does not take it:
// the connection is to be given up.
func (q *Queue) Flush() bool {
	for len(q.outbox) > 0 && q.connected && !q.gone {
		r := q.outbox[0]
		if wait := q.pause(r); wait > 0 {
			q.paceDue = q.door.Now().Add(wait)
			return true
		}
		if q.isBehindAbsent(r) {
			q.absent, q.outbox = append(q.absent, r), q.outbox[1:]
			q.became(r.text, Waiting)
			continue
		}
		if q.full(r) {
			return true // an answer to those before makes room
		}
		if !q.unfit(r) && !q.send(r) {
			return false
		}
		q.outbox = q.outbox[1:]
	}
	return true
}

// pause returns how long a request has to wait for those before it.
func (q *Queue) pause(r request) time.Duration {
	now := q.door.Now()
	if r.text != nil && now.Before(q.brakedTo) {
		return q.brakedTo.Sub(now)
	}
	if q.dialect == Extended || q.lastSent.IsZero() {
		return 0
	}
	gap := pace
	if q.dialect == Unknown && q.door.Proven() {
		gap = 0
	}
	wait := gap - now.Sub(q.lastSent)
	if !r.leaves() { // whoever leaves has waited before, a signal does not
		wait = max(wait, q.turns.waits(now, q.patience()))
	}
	return wait
}

// full reports whether so much was sent to an extended server and is not accepted that a
// text waits for that.
func (q *Queue) full(r request) bool {
	if r.text == nil || q.dialect != Extended || len(q.unconfirmed) == 0 {
		return false
	}
	size := len(r.text.Body)
	for _, t := range q.unconfirmed {
		size += len(t.Body)
	}
	return len(q.unconfirmed) >= q.window || size > maxFlightSize
}

// unfit reports whether a line cannot be sent to this server, and tells that. It may
// have been typed before this was known.
func (q *Queue) unfit(r request) bool {
	switch {
	case q.dialect == Plain && r.command && r.Extension:
		q.door.Unknown(r.Verb)
	case r.text != nil && q.room(r) != RoomOpen: // it was open when the text was put here
		q.misplaced(r)
	case r.text == nil || q.dialect == Extended:
		return false
	case r.text.To != "":
		q.failed(r.text, OnlyPublic, "")
	case r.text.Re != 0:
		q.failed(r.text, NoAnswers, "")
	case requestSize(r.Content) > maxPlainRequest:
		q.failed(r.text, TooLongPlain, "")
	default:
		return false
	}
	return true
}

// send writes a request to the connection.
func (q *Queue) send(r request) bool {
	if !q.door.Write(q.frame(r)) {
		return false
	}
	q.lastSent, q.lastVerb = q.door.Now(), r.Verb
	q.namesAsked = q.namesAsked || r.Verb == namesVerb
	if q.dialect != Extended {
		q.takeTurn(r)
	}
	switch {
	case r.text != nil:
		q.sent(r.text)
	case r.command:
		q.asked(r)
	}
	q.gone = r.leaves()
	if r.Verb != logoutVerb || q.gone {
		q.door.Sent(r.Verb)
	}
	return true
}

// sent notes a text that has gone out.
func (q *Queue) sent(t *text) {
	t.sentAt = q.lastSent
	if t.first.IsZero() {
		t.first = t.sentAt.Round(0) // a machine that sleeps has no other clock
	}
	q.unconfirmed = append(q.unconfirmed, t)
	if q.dialect != Extended {
		t.record = q.seen.AddLine(q.name, t.Body, "")
		if len(q.unconfirmed) > maxUnconfirmed {
			q.unconfirmed = q.unconfirmed[1:]
		}
	}
	q.became(t, Sent)
	t.Late = false
}

// brake sends a text again that came too soon after others, and pauses. Then one goes alone,
// and with each one that is accepted one more may be on its way.
func (q *Queue) brake(t *text, seconds int) {
	q.brakedTo = q.door.Now().Add(min(max(time.Duration(seconds)*time.Second, minBrake), maxBrake))
	q.window = 1
	t.sentAt, t.first = time.Time{}, time.Time{} // it was not said
	i := slices.IndexFunc(q.outbox, func(r request) bool { return r.text == nil || r.text.number > t.number })
	if i < 0 {
		i = len(q.outbox)
	}
	q.outbox = slices.Insert(q.outbox, i, t.request())
}

// Ends notes whether the server ends its responses in newlines.
func (q *Queue) Ends(inNewlines bool) { q.bare = !inNewlines }

// frame returns a request as it is sent, with what the server puts behind its own
// responses: nothing, if it puts nothing there. A password goes to no server that has
// not shown that it is Parley: others log what they receive, and show it around.
func (q *Queue) frame(r request) []byte {
	out := protocol.Request{Verb: r.Verb, Content: r.content(q.dialect == Extended)}
	out.Extended = r.Verb == loginVerb && !q.cfg.Plain
	out.Token, out.Log, out.After, out.HasAfter = r.Resume.Token, r.Resume.Log, r.Resume.After, r.Resume.HasAfter
	if r.Verb == loginVerb && q.door.Proven() {
		out.Password, out.Register, out.Takeover = r.Password, r.Register, r.Takeover
	}
	if q.dialect == Extended {
		out.Ref = r.Ref
		if r.text != nil {
			out.Ref, out.ID = r.text.tag, r.text.tag
		}
	}
	frame := protocol.AppendRequest(nil, out)
	if q.dialect == Plain && q.bare {
		frame = bytes.TrimSuffix(frame, []byte("\n"))
	}
	return frame
}
