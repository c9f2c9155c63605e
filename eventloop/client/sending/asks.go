package sending

import (
	"slices"
	"time"

	"parley/protocol"
)

// silencePatience is how long a command may stay unanswered before that is said, counted
// anew with each text that an extended server accepts: it takes what it is sent in order, and
// its time where it is sent much.
const silencePatience = 5 * time.Second

// An ask is a command that the server was sent and has not answered.
type ask struct {
	Request
	at time.Time // it was sent
}

// asked notes that a command was sent.
func (q *Queue) asked(r request) {
	q.asks = append(q.asks, ask{r.Request, q.lastSent})
	q.awaitAsks()
}

func (q *Queue) awaitAsks() {
	q.askDue = time.Time{}
	if len(q.asks) > 0 {
		q.askDue = q.silentSince(q.asks[0]).Add(silencePatience)
	}
}

// silentSince returns since when the answer to a command is waited for.
func (q *Queue) silentSince(x ask) time.Time {
	if x.at.Before(q.acceptedAt) {
		return q.acceptedAt
	}
	return x.at
}

// answerAsk notes which command r answers: an extended server says so, of another
// one it is the oldest. In a pipe an error is a refusal, which its exit status tells.
func (q *Queue) answerAsk(r protocol.Response) {
	switch {
	case r.Kind == protocol.KindInfo, r.Kind == protocol.KindError:
	case r.Kind == protocol.KindHistory && r.Ref != "" && q.dialect == Extended: // a page of what was asked for
	default:
		return
	}
	i := slices.IndexFunc(q.asks, func(x ask) bool { return q.dialect != Extended || x.Ref == r.Ref })
	if i < 0 {
		return
	}
	q.asks = without(q.asks, i)
	if r.Kind == protocol.KindError {
		q.unmet++
	}
	q.awaitAsks()
}

// without takes one element out of a list. The first one, which it mostly is, costs
// nothing.
func without[T any](list []T, i int) []T {
	if i == 0 {
		return list[1:]
	}
	return slices.Delete(list, i, i+1)
}

// asksUnanswered tells which commands have waited for too long.
func (q *Queue) asksUnanswered() {
	var list []Request
	for len(q.asks) > 0 && q.door.Now().Sub(q.silentSince(q.asks[0])) >= silencePatience {
		list = append(list, q.asks[0].Request)
		q.asks = q.asks[1:]
	}
	q.missAnswers(list)
	q.awaitAsks()
}

// dropAsks gives up the answers that a lost connection owes. A person has seen that
// it was lost.
func (q *Queue) dropAsks() {
	var list []Request
	for _, x := range q.asks {
		list = append(list, x.Request)
	}
	q.asks = nil
	q.awaitAsks()
	if !q.cfg.Person {
		q.missAnswers(list)
	}
}

func (q *Queue) missAnswers(list []Request) {
	if len(list) > 0 {
		q.unmet += len(list)
		q.door.Unanswered(list)
	}
}
