package client

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const (
	// maxWaiting is how many texts may wait for a connection: more than anybody
	// types, about 4 MiB at worst.
	maxWaiting = 1_000

	// pipeWindow is how many texts may wait or be unconfirmed before no more is
	// read from a pipe.
	pipeWindow = 64

	// maxUnconfirmed is how many own texts wait for their echo on a server that
	// may not send any.
	maxUnconfirmed = 100

	// doubtWindow is for how long a text that was sent to a server without
	// echoes may still be on its way: it is in doubt when the connection is
	// lost within this time.
	doubtWindow = 5 * time.Second

	// brakePause is how long no text is sent after the server has said that
	// there were too many.
	brakePause = time.Second

	// maxPlainRequest is the size in bytes of a request to a plain server,
	// newline included: most read 4,096 bytes at a time.
	maxPlainRequest = 4095
)

// A text is something typed to be said.
type text struct {
	to     string // the one person that it is for; "" is everybody
	body   string
	number int       // texts are sent in this order
	tag    string    // ref and id of its request, on every attempt the same
	sentAt time.Time // last
	marked bool      // it was shown as unsent
	echoed bool      // it came back
	record *record   // on plain servers
	entry  timeline.ID
}

// A request waits in the outbox.
type request struct {
	verb, content string
	fields        map[string]string // are sent in place of content if there are any
	password      string            // of a login
	register      bool              // of a login: the name is to become an account
	takeover      bool              // of a login: it ends the session that has the name
	ref           string            // of what is no text
	text          *text             // of msg and dm
	command       bool              // a person or a pipe waits for its answer
	probe         bool              // names that nobody has asked for
	number        int               // of the last text before a command that was kept
}

// isLine reports whether r is a line of those that a chat counts: a text, or in a
// pipe a command, too.
func (a *App) isLine(r request) bool {
	return r.text != nil || r.command && a.cfg.Mode != Interactive
}

// place is where in the order of what was typed a kept request belongs.
func (r request) place() int {
	if r.text != nil {
		return r.text.number
	}
	return r.number
}

// request returns what says a text.
func (t *text) request() request {
	if t.to != "" {
		return request{verb: "dm", content: t.to + " " + t.body, text: t}
	}
	return request{verb: "msg", content: t.body, text: t}
}

// typed returns what a person types to say the text again.
func (t *text) typed() string {
	if t.to != "" {
		return "/dm " + t.to + " " + t.body
	}
	return t.body
}

// say sends a text to one person or, if to is "", to everybody; or it keeps it
// until there is a login.
func (a *App) say(to, body string) {
	body = strings.TrimRight(body, "\r\n")
	switch {
	case a.naming():
		a.tell(ToneError, "Log in first: type a name, such as alice.")
		return
	case a.leaving && a.cfg.Mode == Interactive:
		a.tell(ToneError, "You are leaving; this is not sent.")
		return
	case len(body) > protocol.MaxText:
		a.refuse(body, fmt.Sprintf("It has %d bytes, at most %d are allowed. %s", len(body), protocol.MaxText, a.getBack("and shorten it")))
		return
	case a.manner == plain && to == "" && requestSize(body) > maxPlainRequest:
		a.refuse(body, a.tooLongForPlain())
		return
	case a.waiting() >= maxWaiting:
		a.refuse(body, "Too many lines are waiting already.")
		return
	}
	a.texts++
	ready := a.phase == loggedIn
	t := &text{to: to, body: body, number: a.texts, tag: fmt.Sprintf("%s-%d", a.tagPrefix, a.texts), marked: !ready}
	if a.cfg.Mode == Interactive {
		t.entry = a.addText(to, body, ready)
	}
	if ready {
		a.enqueue(t.request())
		return
	}
	a.kept = append(a.kept, t.request())
	a.comeBack()
}

func (a *App) tooLongForPlain() string {
	return "Written as JSON it takes more than this server can read. " + a.getBack("and send it in parts")
}

// getBack says what to do with a text that is too long. A pipe has no keys.
func (a *App) getBack(purpose string) string {
	if a.cfg.Mode == Interactive {
		return "Press Up to get it back " + purpose + "."
	}
	return "Split the line."
}

// giveUp says that a text is not sent and why. It can be fetched back with Up.
func (a *App) giveUp(t *text, why string) {
	a.refuse(t.body, why)
	if a.cfg.Mode == Interactive {
		a.keyboard.Remember(t.typed(), t.to == "" || a.cfg.KeepAlone)
	}
}

// refuse says that the text that was just typed is not sent and why.
func (a *App) refuse(body, why string) {
	a.unsent++
	a.tell(ToneError, "Not sent: %s\n%s", quote(body), why)
}

// sent notes a text that has gone out.
func (a *App) sent(t *text) {
	t.sentAt = a.now()
	a.unconfirmed = append(a.unconfirmed, t)
	a.becomes(t, timeline.Sent)
	t.marked = false
	if a.manner != extended {
		t.record = a.seen.add(a.login.Name(), t.body, "")
		if len(a.unconfirmed) > maxUnconfirmed {
			a.unconfirmed = a.unconfirmed[1:]
		}
	}
	if a.leaving {
		a.set(alarmDrain, drainPatience)
	}
}

// confirmed takes the text with that tag off the unconfirmed ones; nil if there
// is none.
func (a *App) confirmed(tag string) *text {
	for i, t := range a.unconfirmed {
		if t.tag == tag && tag != "" {
			a.unconfirmed = slices.Delete(a.unconfirmed, i, i+1)
			if a.leaving {
				a.set(alarmDrain, drainPatience)
			}
			return t
		}
	}
	return nil
}

// brake sends a text again that came too soon after others, and pauses.
func (a *App) brake(t *text) {
	a.brakedTo = a.now().Add(brakePause)
	i := slices.IndexFunc(a.outbox, func(r request) bool { return r.text == nil || r.text.number > t.number })
	if i < 0 {
		i = len(a.outbox)
	}
	a.outbox = slices.Insert(a.outbox, i, t.request())
}

// isEcho reports whether m is an own text that comes back: it was shown when it
// was typed. Some servers trim what they are sent.
func (a *App) isEcho(m protocol.Response) bool {
	if !a.mayBeOwn(m) {
		return false
	}
	id := idOf(m)
	if slices.Contains(a.seen.own, id) {
		a.seen.addID(id)
		return true
	}
	for i, t := range a.unconfirmed {
		if t.to != "" || t.echoed || !a.isOwnText(t.body, m) {
			continue
		}
		t.echoed = true
		if a.manner != extended { // which says itself when a text is safe
			a.unconfirmed = slices.Delete(a.unconfirmed, i, i+1)
		}
		if t.record != nil {
			a.seen.echoed(t.record, m)
		}
		a.turns.echoed(t)
		a.seen.addID(id)
		return true
	}
	return false
}

// idOf returns a message's number, 0 if it has none.
func idOf(m protocol.Response) uint64 {
	if m.Data == nil {
		return 0
	}
	return m.Data.ID
}

// reclaim takes back what was not sent on a connection; only lines are kept.
func (a *App) reclaim() {
	lines := slices.DeleteFunc(a.outbox, func(r request) bool { return !a.isLine(r) })
	a.kept = append(lines, a.kept...)
	a.outbox = nil
}

// waiting returns how many lines have not been sent.
func (a *App) waiting() int {
	n := len(a.kept)
	for _, r := range a.outbox {
		if a.isLine(r) {
			n++
		}
	}
	return n
}

// hasRoom reports whether another line may be read.
func (a *App) hasRoom() bool {
	if a.cfg.Mode == Interactive {
		return true
	}
	n := a.waiting()
	if a.manner == extended {
		n += len(a.unconfirmed)
	}
	return n < pipeWindow
}

// release sends what has been kept. What was sent on a lost connection to an
// extended server goes first, with the id that it had: if it has arrived, the
// server knows that id and says it to nobody again.
func (a *App) release() {
	if a.saidLogout { // there is nobody to send it to any more
		return
	}
	lines := a.kept
	a.kept = nil
	if a.manner != extended {
		sent := func(r request) bool { return r.text != nil && !r.text.sentAt.IsZero() }
		for _, r := range lines {
			if sent(r) {
				a.admitDoubt(r.text)
			}
		}
		lines = slices.DeleteFunc(lines, sent)
	}
	a.tellRelease(len(lines))
	a.outbox = append(a.outbox, lines...)
	a.flush()
}

// tellRelease says that n lines which were kept are sent. To a plain server they go
// one by one, and each says so.
func (a *App) tellRelease(n int) {
	words := ""
	if a.returning {
		words = "Connected again."
	}
	switch {
	case n == 0:
	case a.returning:
		words += fmt.Sprintf(" What was kept is sent now (%d).", n)
	case a.cfg.Mode == Interactive && a.manner == extended:
		words = fmt.Sprintf("What you have typed is sent now (%d).", n)
	}
	a.returning = false
	if words != "" {
		a.tell(ToneNotice, "%s", words)
	}
}

// salvage sorts the texts that were sent on a lost connection. Those for an
// extended server are kept, to be sent again. Of those for a plain one it
// returns what may not have arrived.
func (a *App) salvage() []*text {
	var doubt []*text
	for _, t := range a.unconfirmed {
		switch {
		case a.manner == extended:
			a.kept = append(a.kept, t.request())
		case a.turns.echo == echoes || a.now().Sub(t.sentAt) <= doubtWindow:
			doubt = append(doubt, t)
		}
	}
	a.unconfirmed = nil
	slices.SortStableFunc(a.kept, func(x, y request) int { return x.place() - y.place() })
	return doubt
}

// admitDoubt says which texts for a plain server may be lost. They are not sent
// again: most people would rather miss a line than read it twice.
func (a *App) admitDoubt(texts ...*text) {
	for _, t := range texts {
		a.unsent++
		a.tell(ToneError, "May not have arrived: %s\nIf nobody answers, say it again.", quote(t.body))
	}
}

// requestSize is the size in bytes of the request that says body.
func requestSize(body string) int {
	return len(protocol.AppendRequest(nil, protocol.Request{Verb: "msg", Content: protocol.Content{Text: body}}))
}
