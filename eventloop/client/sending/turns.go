package sending

import (
	"time"

	"parley/eventloop/client/names"
	"parley/protocol"
	"parley/protocol/printable"
)

const (
	// turnPatience is how long a request waits for the answer to the one before it,
	// where a person waits, too. All servers that were measured answer within 0.6 s.
	turnPatience = time.Second

	// pipePatience is the same where nobody waits.
	pipePatience = 3 * time.Second

	// refusalTime is for how long after a text an error may be the answer to it.
	refusalTime = 5 * time.Second
)

// turns is whose turn it is with a server of the standard: stop and wait, without
// retransmission. See the text of the package. All of it belongs to one connection.
type turns struct {
	out     *turn
	echo    echo
	proved  bool  // the server has shown that it knows one's name
	doubt   Doubt // why one may not be logged in
	doubted bool  // that was told
	errors  int   // that have answered texts
}

// turn is a request that was sent.
type turn struct {
	request
	at      time.Time
	over    bool // it was answered, or has waited long enough
	refused bool // of a text: an error came behind it
	heard   bool // of names: an info came that may be the answer, or that somebody came
}

// echo says whether a server sends one's own texts back.
type echo uint8

const (
	echoUnknown echo = iota
	echoes           // 22 of 27 do
	echoesNot        // one has waited for the first one in vain
)

// sent notes a request that has gone out.
func (t *turns) sent(r request, now time.Time) { t.out = &turn{request: r, at: now} }

// hold returns for how long after a request the next one waits for its answer.
func (t *turns) hold(patience time.Duration) time.Duration {
	if t.out.text != nil && t.echo == echoesNot {
		return pace
	}
	return patience
}

// waits returns how long the next request has to wait for an answer.
func (t *turns) waits(now time.Time, patience time.Duration) time.Duration {
	if !t.busy() {
		return 0
	}
	return t.hold(patience) - now.Sub(t.out.at)
}

// busy reports whether an answer is waited for.
func (t *turns) busy() bool { return t.out != nil && !t.out.over }

// unsure reports whether what came was perhaps no answer.
func (t *turns) unsure() bool { return t.busy() && t.out.heard }

// done ends a turn.
func (t *turns) done() {
	if t.out != nil {
		t.out.over = true
	}
}

// echoed notes that a text came back.
func (t *turns) echoed(x *text) {
	t.echo, t.proved = echoes, true
	if t.out != nil && t.out.text == x {
		t.done()
	}
}

// patience is how long a server gets for one answer.
func (q *Queue) patience() time.Duration {
	if q.cfg.Person {
		return turnPatience
	}
	return pipePatience
}

// takeTurn notes a request that a server of the standard was sent.
func (q *Queue) takeTurn(r request) {
	q.turns.sent(r, q.lastSent)
	q.turnDue = q.lastSent.Add(q.turns.hold(q.patience()))
}

// answerTurn notes that r may answer what was sent last. It reports whether there
// is nothing left to show of it. That a login is answered is seen elsewhere.
func (q *Queue) answerTurn(r protocol.Response) (done bool) {
	out := q.turns.out
	if out == nil || q.dialect == Extended || r.Kind == protocol.KindMessage || r.Kind == protocol.KindHistory {
		return false
	}
	switch {
	case out.Verb == loginVerb:
	case out.text != nil:
		return r.Kind == protocol.KindError && q.textRefused(out, r)
	case out.over:
	case out.Verb == namesVerb && r.Kind != protocol.KindError && !names.Lists(printable.Text(r.Content), q.name):
		out.heard = true
	case out.probe:
		q.turns.done()
		q.probed(r.Kind != protocol.KindError, AnswersErrors)
		return r.Kind != protocol.KindError
	default:
		q.turns.done()
	}
	return false
}

// turnOver goes on without an answer.
func (q *Queue) turnOver() {
	out := q.turns.out
	if !q.turns.busy() {
		return
	}
	q.turns.done()
	switch {
	case out.probe:
		q.probed(out.heard, AnswersNothing)
	case out.command && out.heard:
		q.answerAsk(protocol.Response{Kind: protocol.KindInfo})
	case out.text != nil && q.turns.echo == echoUnknown:
		q.turns.echo = echoesNot
		if !q.finishing || !q.cfg.Person {
			q.probe()
		}
	}
}
