package client

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/protocol"
)

const (
	// pace is the pause between two requests to a server that may be plain: 28
	// of 29 public servers fail on requests that arrive together.
	pace = 250 * time.Millisecond

	// answerPatience is how long a login waits for the answers to requests
	// before it, and those after it for its own, so that no answer is taken for
	// that of another request.
	answerPatience = time.Second

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
	body   string
	number int    // texts are sent in this order
	tag    string // ref and id of its request, on every attempt the same
	sentAt time.Time
	record *record // on plain servers
}

// A request waits in the outbox.
type request struct {
	verb, content string
	text          *text // of a msg
}

// say sends a text, or keeps it until there is a login.
func (a *App) say(body string) {
	body = strings.TrimRight(body, "\r\n")
	switch {
	case a.naming():
		a.tell(ToneError, "Log in first: type a name, such as alice.")
		return
	case a.leaving && a.cfg.Mode == Interactive:
		a.tell(ToneError, "You are leaving; this is not sent.")
		return
	case len(body) > protocol.MaxText:
		a.refuse(body, fmt.Sprintf("It has %d bytes, at most %d are allowed. Press Up to get it back and shorten it.", len(body), protocol.MaxText))
		return
	case a.manner == plain && requestSize(body) > maxPlainRequest:
		a.refuse(body, tooLongForPlain)
		return
	case a.waiting() >= maxWaiting:
		a.refuse(body, "Too many lines are waiting already.")
		return
	}
	a.texts++
	t := &text{body: body, number: a.texts, tag: fmt.Sprintf("%s-%d", a.tagPrefix, a.texts)}
	ready := a.phase == loggedIn
	if a.cfg.Mode == Interactive {
		a.show(a.view.own(body, a.now(), !ready))
	}
	if ready && !a.holding {
		a.enqueue(request{verb: "msg", content: body, text: t})
		return
	}
	a.kept = append(a.kept, t)
}

const tooLongForPlain = "Written as JSON it takes more than this server can read. Press Up to get it back, and send it in parts."

// giveUp says that a text is not sent and why. It can be fetched back with Up.
func (a *App) giveUp(body, why string) {
	a.refuse(body, why)
	if a.cfg.Mode == Interactive {
		a.term.Remember(body)
	}
}

// refuse says that the text that was just typed is not sent and why.
func (a *App) refuse(body, why string) {
	a.unsent++
	a.tell(ToneError, "Not sent: %s\n%s", quote(body), why)
}

// ask sends a request without an argument.
func (a *App) ask(verb string) bool {
	if a.saidLogout {
		return false
	}
	if a.phase < connected {
		a.tell(ToneError, "There is no connection to %s at the moment. Try again when the prompt says so.", a.cfg.Target.Label)
		return false
	}
	a.enqueue(request{verb: verb})
	return true
}

func (a *App) enqueue(r request) {
	a.outbox = append(a.outbox, r)
	a.flush()
}

// flush sends what may be sent now.
func (a *App) flush() {
	for len(a.outbox) > 0 && a.link != nil && !a.ended {
		r := a.outbox[0]
		if wait := a.pause(r); wait > 0 {
			a.set(alarmPace, wait)
			return
		}
		a.outbox = a.outbox[1:]
		a.send(r)
	}
}

// pause returns how long a request has to wait for those before it.
func (a *App) pause(r request) time.Duration {
	if r.text != nil && a.now().Before(a.brakedTo) {
		return a.brakedTo.Sub(a.now())
	}
	if a.manner == extended || a.lastSent.IsZero() {
		return 0
	}
	gap := pace
	if r.verb == "login" && a.owed > 0 || r.verb != "logout" && a.loginOut {
		gap = answerPatience
	}
	return gap - a.now().Sub(a.lastSent)
}

// send writes a request to the connection.
func (a *App) send(r request) {
	out := protocol.Request{Verb: r.verb, Content: protocol.Content{Text: r.content}}
	out.Extended = r.verb == "login" && !a.cfg.Plain
	if r.text != nil && a.manner == extended {
		out.Ref, out.ID = r.text.tag, r.text.tag
	}
	frame := protocol.AppendRequest(nil, out)
	if r.text != nil && a.manner != extended && len(frame) > maxPlainRequest {
		a.giveUp(r.content, tooLongForPlain)
		return
	}
	if !a.link.send(frame) {
		a.outbox = append([]request{r}, a.outbox...)
		a.lost(errStalled)
		return
	}
	a.lastSent, a.lastVerb = a.now(), r.verb
	switch {
	case r.text != nil:
		a.sent(r.text)
	case r.verb == "login":
		a.loginOut = true
		a.loginAt = a.now()
		a.set(alarmLogin, loginPatience)
	case r.verb == "logout":
		a.set(alarmLeave, leavePatience)
	case a.phase < loggedIn:
		a.owed++
	}
}

// sent notes a text that has gone out.
func (a *App) sent(t *text) {
	t.sentAt = a.now()
	a.unconfirmed = append(a.unconfirmed, t)
	if a.manner != extended {
		t.record = a.seen.add(a.name, t.body, "")
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
	a.outbox = slices.Insert(a.outbox, i, request{verb: "msg", content: t.body, text: t})
}

// isEcho reports whether m is an own text that comes back: it was shown when it
// was typed. Some servers trim what they are sent.
func (a *App) isEcho(m protocol.Response) bool {
	if !strings.EqualFold(m.Sender, a.name) {
		return false
	}
	id := idOf(m)
	if slices.Contains(a.seen.own, id) {
		a.seen.addID(id)
		return true
	}
	for i, t := range a.unconfirmed {
		if !sameText(t.body, m.Content) {
			continue
		}
		a.unconfirmed = slices.Delete(a.unconfirmed, i, i+1)
		if t.record != nil {
			t.record.stamp = m.Stamp
		}
		a.echoes = true
		a.seen.addID(id)
		return true
	}
	return false
}

func sameText(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }

// idOf returns a message's number, 0 if it has none.
func idOf(m protocol.Response) uint64 {
	if m.Data == nil {
		return 0
	}
	return m.Data.ID
}

// reclaim takes back what was not sent on a connection; only texts are kept.
func (a *App) reclaim() {
	var texts []*text
	for _, r := range a.outbox {
		if r.text != nil {
			texts = append(texts, r.text)
		}
	}
	a.kept = append(texts, a.kept...)
	a.outbox = nil
}

// waiting returns how many texts have not been sent.
func (a *App) waiting() int {
	n := len(a.kept)
	for _, r := range a.outbox {
		if r.text != nil {
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
		n += len(a.unconfirmed) + len(a.doubtful)
	}
	return n < pipeWindow
}

// release sends what has been kept, after a loss first what did not arrive.
func (a *App) release() {
	a.holding = false
	a.clear(alarmHistory)
	texts := append(a.doubtful, a.kept...)
	a.doubtful, a.kept = nil, nil
	if a.returning {
		words := "Connected again."
		if len(texts) > 0 {
			words += fmt.Sprintf(" What was kept is sent now (%d).", len(texts))
		}
		a.tell(ToneNotice, "%s", words)
		a.returning = false
	}
	for _, t := range texts {
		a.outbox = append(a.outbox, request{verb: "msg", content: t.body, text: t})
	}
	a.flush()
}

// salvage sorts the texts that were sent on a lost connection. Those for an
// extended server become doubtful. Of those for a plain one it returns what may
// not have arrived.
func (a *App) salvage() []*text {
	if a.manner == extended {
		a.doubtful = append(a.doubtful, a.unconfirmed...)
		a.unconfirmed = nil
		return nil
	}
	var doubt []*text
	for _, t := range a.unconfirmed {
		if a.echoes || a.now().Sub(t.sentAt) <= doubtWindow {
			doubt = append(doubt, t)
		}
	}
	a.unconfirmed = nil
	return doubt
}

// admitDoubt says which texts may be lost. They are not sent again: most people
// would rather miss a line than read it twice.
func (a *App) admitDoubt(texts []*text) {
	for _, t := range texts {
		a.unsent++
		a.tell(ToneError, "May not have arrived: %s\nIf nobody answers, say it again.", quote(t.body))
	}
}

// requestSize is the size in bytes of the request that says body.
func requestSize(body string) int {
	return len(protocol.AppendRequest(nil, protocol.Request{Verb: "msg", Content: protocol.Content{Text: body}}))
}
