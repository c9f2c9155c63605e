package sending

import "parley/protocol"

// A Doubt is what speaks for a login that has failed though it looked like a success:
// some servers refuse one with an info, or with a kind of their own.
type Doubt uint8

// The doubts.
const (
	AnswersErrors  Doubt = iota + 1 // to what is said
	AnswersNothing                  // and sends nothing back
	SpeaksForOne                    // lines of one's own name come that one has not said
)

// Imitated notes that a message of one's own name came that one has not said.
func (q *Queue) Imitated() {
	if q.dialect == Plain && !q.turns.busy() {
		q.doubtLogin(SpeaksForOne)
	}
}

func (q *Queue) doubtLogin(why Doubt) {
	if !q.turns.proved && q.loggedIn {
		q.turns.doubt = why
	}
}

// NewDoubt returns why one may not be logged in, zero if nothing speaks for that or it
// was returned before on this connection.
func (q *Queue) NewDoubt() Doubt {
	if q.turns.doubted || q.turns.doubt == 0 {
		return 0
	}
	q.turns.doubted = true
	return q.turns.doubt
}

// probe asks for names, which nobody has asked for. A server that answers has read
// all that was sent before. So it is seen whether texts arrive at one that sends
// none back, or whether it only seems to have accepted the login.
func (q *Queue) probe() {
	if q.loggedIn && !q.parting {
		q.outbox = append([]request{{Request: Request{Verb: namesVerb}, probe: true}}, q.outbox...)
	}
}

// probed handles what came of a probe. why is what is wrong if there was no answer.
func (q *Queue) probed(answered bool, why Doubt) {
	last := q.finishing && !q.cfg.Person && q.Waiting() == 0
	switch {
	case answered && q.turns.echo != echoes:
		q.turns.proved = true
		q.settleAll(Accepted)
	case last:
		q.settleAll(InDoubt)
	}
	if !answered {
		q.doubtLogin(why)
	}
}

// settleAll tells what has become of all texts that were sent.
func (q *Queue) settleAll(s State) {
	for _, t := range q.unconfirmed {
		q.became(t, s)
	}
	q.unconfirmed = nil
}

// textRefused handles an error that came behind a text. In a pipe it counts as the
// answer; a person can see for himself whether it is. It reports whether there is
// nothing left to show of it.
func (q *Queue) textRefused(out *turn, r protocol.Response) (done bool) {
	if out.refused || q.door.Now().Sub(out.at) > refusalTime {
		return false
	}
	q.turns.done()
	q.turns.errors++
	out.refused = true
	if !q.cfg.Person && q.confirmed(out.text.tag) != nil {
		q.failed(out.text, Refused, r.Content)
		done = true
	}
	if !q.cfg.Person || q.turns.errors > 1 {
		q.doubtLogin(AnswersErrors)
	}
	return done
}
