package client

import (
	"fmt"
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
)

// ask sends a request that says nothing to anybody.
func (a *App) ask(verb, content string) bool {
	return a.askFor(request{verb: verb, content: content})
}

func (a *App) askFor(r request) bool {
	ours := a.commands.byWord[r.verb].Parley
	switch {
	case a.saidLogout:
		return false
	case a.comeBack():
		a.tell(ToneNotice, "You were logged out. Connecting again; ask once more in a moment.")
		return false
	case a.phase < connected:
		a.tell(ToneError, "There is no connection to %s at the moment. Try again when the prompt says so.", a.cfg.Target.Label)
		return false
	case ours && a.phase < loggedIn:
		a.tell(ToneError, "You are not logged in yet.")
		return false
	}
	a.asks++
	r.ref = fmt.Sprintf("%s-%d", r.verb, a.asks)
	a.enqueue(r)
	return true
}

// knows reports whether a command can be used here, and tells if not. Whether the
// server knows it is not clear before the login.
func (a *App) knows(c *Command) bool {
	why := ""
	if c.Private {
		why = a.noPrivate()
	}
	if why == "" && c.Parley && a.manner == plain {
		why = fmt.Sprintf("This server does not know /%s: it speaks the standard protocol only. Nothing was sent.", c.Name)
	}
	if why == "" {
		return true
	}
	a.tell(ToneError, "%s", why)
	if a.cfg.Mode != Interactive {
		a.unsent++
	}
	return false
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
	if a.manner == unknown && a.parley {
		gap = 0
	}
	if r.verb == "login" && a.owed > 0 || r.verb != "logout" && a.loginOut {
		gap = answerPatience
	}
	return gap - a.now().Sub(a.lastSent)
}

// send writes a request to the connection.
func (a *App) send(r request) {
	if why := a.unfit(r); why != "" {
		a.giveUp(r.text, why)
		return
	}
	if !a.link.send(a.frame(r)) {
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

// unfit says why a text cannot be sent to this server, "" if it can.
func (a *App) unfit(r request) string {
	switch {
	case r.text == nil || a.manner == extended:
	case r.text.to != "":
		return "This server cannot carry words to one person alone."
	case requestSize(r.content) > maxPlainRequest:
		return tooLongForPlain
	}
	return ""
}

// frame returns a request as it is sent. A password goes to no server that has
// not shown that it is Parley: others log what they receive, and show it around.
func (a *App) frame(r request) []byte {
	out := protocol.Request{Verb: r.verb, Content: protocol.Content{Text: r.content, Fields: r.fields}}
	out.Extended = r.verb == "login" && !a.cfg.Plain
	if r.verb == "login" && a.parley {
		out.Password, out.Register = r.password, r.register
	}
	if a.manner == extended {
		out.Ref = r.ref
		if r.text != nil {
			out.Ref, out.ID = r.text.tag, r.text.tag
		}
	}
	return protocol.AppendRequest(nil, out)
}
