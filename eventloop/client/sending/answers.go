package sending

import (
	"slices"
	"strings"

	"parley/protocol"
)

// Answered notes that r, which is not the answer to a login, may answer what was sent
// last, or a command. It reports whether there is nothing left to show of it.
func (q *Queue) Answered(r protocol.Response) (done bool) {
	done = q.answerTurn(r)
	if !q.turns.unsure() {
		q.answerAsk(r)
	}
	return done
}

// ListsNames reports whether r, an info, may be a plain server's answer to names.
func (q *Queue) ListsNames(r protocol.Response) bool {
	if q.turns.unsure() {
		return false
	}
	asked := q.namesAsked
	q.namesAsked = false
	return asked && r.Data == nil
}

// Accepted notes that an extended server has the text with that ref, as the message
// with that number in a room; "" is the lobby.
func (q *Queue) Accepted(ref, room string, id uint64) {
	q.arrived(ref, Accepted, id)
	q.seen.Accepted(room, id)
}

// DirectArrived notes that the person has the text with that ref, or that the server
// keeps it for her: s is Delivered or Stored. 0 stands for a number that is not known.
func (q *Queue) DirectArrived(ref string, id uint64, s State) {
	q.arrived(ref, s, id)
	q.seen.Accepted("", id)
}

func (q *Queue) arrived(ref string, s State, id uint64) {
	if t := q.confirmed(ref); t != nil {
		q.window, q.acceptedAt = min(q.window+1, MaxFlight), q.door.Now()
		q.awaitAsks()
		q.door.Became(t.Text, Outcome{State: s, ID: id})
	}
}

// RefusedText notes that r is an error, and reports whether it was about a text: what
// came too fast is sent again, and what is for somebody who may be back soon; another one
// has failed.
func (q *Queue) RefusedText(r protocol.Response) bool {
	t := q.confirmed(r.Ref)
	switch {
	case t == nil:
		return false
	case r.Data != nil && q.isAbsent(t, r.Data.Code):
		q.awaitReceiver(t)
	case r.Data != nil && r.Data.Code == protocol.RateLimited:
		q.brake(t, r.Data.Seconds)
		q.became(t, Waiting)
	default:
		o := Outcome{State: Failed, Why: Refused, Words: strings.TrimSpace(r.Content)}
		if r.Data != nil {
			o.Code = r.Data.Code
		}
		q.door.Became(t.Text, o)
	}
	return true
}

// confirmed takes the text with that tag off the unconfirmed ones; nil if there is
// none.
func (q *Queue) confirmed(tag string) *text {
	i := slices.IndexFunc(q.unconfirmed, func(t *text) bool { return t.tag == tag })
	if i < 0 {
		return nil
	}
	t := q.unconfirmed[i]
	q.unconfirmed = without(q.unconfirmed, i)
	return t
}
