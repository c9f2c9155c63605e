package sending

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/eventloop/client/seen"
	"parley/protocol"
)

const (
	// MaxTexts is how many texts may wait, or be sent and not be answered: more
	// than anybody types, about 4 MiB at worst. Of commands as many may.
	MaxTexts = 1_000

	// PipeWindow is how many lines of a pipe may wait or be unanswered before no
	// more is read from it.
	PipeWindow = 64

	// doubtWindow is for how long a text that was sent to a server without
	// echoes may still be on its way: it is in doubt when the connection is
	// lost within this time.
	doubtWindow = 5 * time.Second
)

// A Queue is what is to be sent in one chat, over all its connections.
type Queue struct {
	cfg  Config
	door Door
	seen *seen.Messages

	// The connection.
	name      string // to log in with, or that is logged in
	dialect   Dialect
	connected bool
	loggedIn  bool
	bare      bool      // the server's responses end in no newline
	lastSent  time.Time // zero: nothing was
	lastVerb  string
	turns     turns // with a server that is not extended

	outbox      []request // waits for the pace
	kept        []request // waits for a login; a text with a sentAt was sent on a lost connection
	unconfirmed []*text   // sent on this connection, not known to have arrived
	asks        []ask     // commands that were sent and not answered, the oldest first
	unmet       int       // commands that the server has refused or not answered
	namesAsked  bool      // the next info may be a list of names
	absent      []request // texts whose receivers may be there soon, in the order in which they were typed
	absentUntil time.Time // no text waits for its receiver later
	brakedTo    time.Time // no text is sent before
	window      int       // texts that an extended server is sent before it accepts them
	acceptedAt  time.Time // when it has accepted one
	texts       int       // that were typed, for their ids
	refs        int       // of requests that are no texts
	parked      []request // lines of other names, in the order in which they were typed
	lastIn      string    // the name that was logged in last
	renamed     bool      // another one was before it, and Offered has not been called
	finishing   bool      // nothing more will be typed
	parting     bool      // the logout is in the outbox or was sent
	gone        bool      // it was sent on this connection

	paceDue, turnDue, askDue, absentDue time.Time // when Tick has something to do; zero: never
}

// New returns a Queue without a connection. What it sends and what comes back of it
// is noted in shown.
func New(cfg Config, door Door, shown *seen.Messages) *Queue {
	return &Queue{cfg: cfg, door: door, seen: shown}
}

// Connected notes a new connection. Plain says that the server is known not to speak
// the extension.
func (q *Queue) Connected(plain bool) {
	q.connected, q.loggedIn, q.bare, q.turns = true, false, false, turns{}
	q.lastSent, q.lastVerb, q.gone = time.Time{}, "", false
	q.dialect, q.window = Unknown, MaxFlight
	if plain {
		q.dialect = Plain
	}
}

// LoggedIn notes that the login has succeeded, and how the server is to be treated.
// What was kept goes out with Release.
func (q *Queue) LoggedIn(m Dialect) {
	q.turns.done()
	q.dialect, q.loggedIn = m, true
	if q.lastIn != "" {
		q.absentUntil = q.door.Now().Add(absence)
	}
	q.renamed = q.overtake() || q.renamed
	if m == Extended {
		q.paceDue = time.Time{}
	}
}

// LoginRefused notes that the login has failed, perhaps one that had seemed to
// succeed. What was not sent is kept.
func (q *Queue) LoginRefused() {
	q.turns.done()
	q.loggedIn = false
	q.reclaim()
}

// Release lets what has been kept be sent, as far as it does not wait for its room, and
// returns how many lines that are. What was sent on a lost connection to an extended server
// goes first, with the id that it had: if it has arrived, the server knows that id and says
// it to nobody again, unless that was too long ago. What is for a room in which one is not is
// told and not sent.
func (q *Queue) Release() (released int) {
	if !q.loggedIn {
		return 0
	}
	lines := q.kept
	q.kept = nil
	for _, r := range lines {
		switch sent := r.text != nil && !r.text.sentAt.IsZero(); {
		case sent && (q.dialect != Extended || q.forgotten(r.text)):
			q.became(r.text, InDoubt)
		case q.put(r):
			released++
		}
	}
	q.outbox = slices.DeleteFunc(q.outbox, func(r request) bool {
		closed := q.room(r) == RoomClosed
		if closed {
			q.misplaced(r)
		}
		return closed
	})
	return released
}

// forgotten reports whether a text was sent so long ago that the server may not know its id any
// more. The clocks of both need not agree.
func (q *Queue) forgotten(t *text) bool {
	const margin = time.Hour
	return q.door.Now().Round(0).Sub(t.first) > protocol.RequestMemory-margin
}

// Withhold takes out of what is kept the texts and commands in which something must not
// be sent, and returns them; of a command only what stands behind its verb.
func (q *Queue) Withhold(reveals func(text string) bool) (withheld []Text) {
	q.kept = slices.DeleteFunc(q.kept, func(r request) bool {
		t := Text{Body: r.Content}
		if r.text != nil {
			t = r.text.Text
		}
		found := reveals(t.Body)
		if found {
			withheld = append(withheld, t)
		}
		return found
	})
	return withheld
}

// Lost notes the end of the connection. Lines that were not sent are kept, and so are
// texts that were sent to an extended server and not answered. It returns those for
// a plain server that may not have arrived: they are not sent again, since most
// people would rather miss a line than read it twice.
func (q *Queue) Lost() (doubt []Text) {
	q.connected, q.loggedIn = false, false
	q.reclaim()
	q.dropAsks()
	q.paceDue, q.turnDue = time.Time{}, time.Time{}
	q.seen.Reconnected()
	if q.parting {
		return nil
	}
	return q.salvage()
}

// Finish notes that nothing more will be typed.
func (q *Queue) Finish() { q.finishing = true }

// Halt gives up what waits. Of a pipe's texts for a plain server it returns those
// that may not have arrived. Early says that the login had not gone out.
func (q *Queue) Halt() (doubt []Text, early bool) {
	q.finishing = true
	early = slices.ContainsFunc(q.outbox, func(r request) bool { return r.Verb == loginVerb })
	q.reclaim()
	if !q.cfg.Person && q.dialect != Extended {
		doubt = q.salvage()
	}
	return doubt, early
}

// Logout puts the logout behind everything that waits. Nothing goes behind it.
func (q *Queue) Logout() {
	q.parting = true
	q.Add(Request{Verb: logoutVerb})
}

// Stop notes that the chat is over: nothing is sent any more.
func (q *Queue) Stop() { q.connected = false }

// Say takes a text under the present name. Entry comes back with what becomes of it. It is
// sent by Flush, or kept until there is a login and one is in its room. A Failure other
// than zero says that it was not taken.
func (q *Queue) Say(entry uint64, where Where, body string) Failure {
	if why := q.Refuses(where, body); why != 0 {
		return why
	}
	q.texts++
	t := newText(Text{Entry: entry, Name: q.name, Where: where, Body: body, Late: !q.CanSend(where)})
	t.offline = !q.loggedIn
	t.number, t.tag = q.texts, fmt.Sprintf("%s-%d", q.cfg.Tag, q.texts)
	q.put(t.request())
	return 0
}

// Refuses tells why Say would not take a text; zero: it would.
func (q *Queue) Refuses(where Where, body string) Failure {
	switch {
	case len(body) > protocol.MaxText:
		return TooLong
	case q.loggedIn && q.roomOf(where) == RoomClosed:
		return NotInRoom
	case q.dialect == Plain && where.To == "" && requestSize(body) > maxPlainRequest:
		return TooLongPlain
	case q.held() >= MaxTexts:
		return TooMany
	}
	return 0
}

// CanSend reports whether a text would be sent now, and not kept.
func (q *Queue) CanSend(where Where) bool { return q.loggedIn && q.roomOf(where) == RoomOpen }

// Ask takes a command, whose answer is waited for. One of a pipe that is not logged
// in waits for that, as texts do. It reports false if too many wait already.
func (q *Queue) Ask(r Request) bool {
	if len(q.outbox)+len(q.kept)+len(q.asks) >= 2*MaxTexts {
		return false
	}
	r.Ref = q.Ref(r.Verb)
	ask := request{Request: r, command: true, number: q.texts, name: q.name}
	if !q.cfg.Person && !q.loggedIn {
		q.kept = append(q.kept, ask)
	} else {
		q.outbox = append(q.outbox, ask)
	}
	return true
}

// Add takes a request whose answer nobody waits for.
func (q *Queue) Add(r Request) { q.outbox = append(q.outbox, request{Request: r}) }

// Ref returns a new ref for a request, such as "ping-3".
func (q *Queue) Ref(verb string) string {
	q.refs++
	return fmt.Sprintf("%s-%d", verb, q.refs)
}

// LastRef returns the ref of the newest request that has one, which was for verb.
func (q *Queue) LastRef(verb string) string { return fmt.Sprintf("%s-%d", verb, q.refs) }

// Due returns when Tick has something to do; zero: never.
func (q *Queue) Due() time.Time {
	var due time.Time
	for _, t := range []time.Time{q.paceDue, q.turnDue, q.askDue, q.absentDue} {
		if !t.IsZero() && (due.IsZero() || t.Before(due)) {
			due = t
		}
	}
	return due
}

// Tick does what is due. Flush is to follow.
func (q *Queue) Tick() {
	now := q.door.Now()
	due := func(t *time.Time) bool {
		is := !t.IsZero() && !t.After(now)
		if is {
			*t = time.Time{}
		}
		return is
	}
	due(&q.paceDue) // Flush goes on
	if due(&q.turnDue) {
		q.turnOver()
	}
	if due(&q.askDue) {
		q.asksUnanswered()
	}
	if due(&q.absentDue) {
		q.tryAbsent()
	}
}

// became tells what has become of a text.
func (q *Queue) became(t *text, s State) { q.door.Became(t.Text, Outcome{State: s}) }

// failed tells that a text is not sent.
func (q *Queue) failed(t *text, why Failure, words string) {
	q.door.Became(t.Text, Outcome{State: Failed, Why: why, Words: strings.TrimSpace(words)})
}

// reclaim takes back what was not sent on a connection; only lines are kept.
func (q *Queue) reclaim() {
	q.tryAbsent()
	q.absentDue = time.Time{}
	lines := slices.DeleteFunc(q.outbox, func(r request) bool { return !q.isLine(r) })
	q.kept = append(lines, q.kept...)
	q.outbox = nil
}

// salvage sorts the texts that were sent and not answered. Those for an extended
// server are kept, to be sent again. Of those for a plain one it returns what may
// not have arrived.
func (q *Queue) salvage() (doubt []Text) {
	for _, t := range q.unconfirmed {
		switch {
		case q.dialect == Extended:
			t.again = true
			q.kept = append(q.kept, t.request())
		case q.turns.echo == echoes || q.door.Now().Sub(t.sentAt) <= doubtWindow:
			doubt = append(doubt, t.Text)
		}
	}
	q.unconfirmed = nil
	q.sortKept()
	return doubt
}

// sortKept puts what is kept into the order in which it was typed.
func (q *Queue) sortKept() {
	slices.SortStableFunc(q.kept, func(x, y request) int { return x.place() - y.place() })
}
