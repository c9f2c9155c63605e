package client

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"parley/eventloop/client/command"
	"parley/protocol"
)

const logoutVerb = "logout"

// errStalled is why a connection is given up whose queue is full.
var errStalled = errors.New("the server does not read what it is sent")

// ask sends a request that says nothing to anybody.
func (a *App) ask(verb, content string) bool {
	return a.askFor(request{verb: verb, content: content})
}

func (a *App) askFor(r request) bool {
	ours := a.commands.Lookup(r.verb).Parley
	r.command = true
	a.refs++
	r.ref = fmt.Sprintf("%s-%d", r.verb, a.refs)
	switch {
	case a.saidLogout:
		return false
	case a.phase < loggedIn && a.cfg.Mode != Interactive:
		r.number = a.texts
		a.kept = append(a.kept, r)
		return true
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
	a.enqueue(r)
	return true
}

// knows reports whether a command can be used here, and tells if not. Whether the
// server knows it is not clear before the login.
func (a *App) knows(c *command.Command) bool {
	why := ""
	if c.Private {
		why = a.noPrivate()
	}
	if why == "" && c.Parley && a.manner == plain {
		why = notInStandard(c.Name)
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

func notInStandard(command string) string {
	return fmt.Sprintf("This server does not know /%s: it speaks the standard protocol only. Nothing was sent.", command)
}

func (a *App) enqueue(r request) {
	a.outbox = append(a.outbox, r)
	a.flush()
}

// flush sends what may be sent now. Nothing goes behind a logout.
func (a *App) flush() {
	for len(a.outbox) > 0 && a.link != nil && !a.ended && a.lastVerb != logoutVerb {
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
	wait := gap - a.now().Sub(a.lastSent)
	if r.verb != logoutVerb { // leave has waited before, a signal does not
		wait = max(wait, a.turns.waits(a.now(), a.patience()))
	}
	return wait
}

// send writes a request to the connection.
func (a *App) send(r request) {
	if why := a.unfit(r); why != "" {
		if r.text != nil {
			a.giveUp(r.text, why)
		} else {
			a.unsent++
			a.tell(ToneError, "%s", why)
		}
		return
	}
	if !a.link.Send(a.frame(r)) {
		a.outbox = append([]request{r}, a.outbox...)
		a.lost(errStalled)
		return
	}
	a.lastSent, a.lastVerb = a.now(), r.verb
	a.namesAsked = a.namesAsked || r.verb == "names"
	if a.manner != extended {
		a.takeTurn(r)
	}
	switch {
	case r.text != nil:
		a.sent(r.text)
	case r.verb == "login":
		a.loginOut = true
		a.loginAt = a.now()
		a.set(alarmLogin, loginPatience)
	case r.verb == logoutVerb:
		a.set(alarmLeave, leavePatience)
	case r.command:
		a.asked(r)
	}
}

// unfit says why a line cannot be sent to this server, "" if it can.
func (a *App) unfit(r request) string {
	switch {
	case a.manner == plain && r.command && a.commands.Lookup(r.verb).Parley: // it was typed before that was known
		return notInStandard(r.verb)
	case r.text == nil || a.manner == extended:
	case r.text.to != "":
		return "This server cannot carry words to one person alone."
	case requestSize(r.content) > maxPlainRequest:
		return a.tooLongForPlain()
	}
	return ""
}

// frame returns a request as it is sent, with what the server puts behind its own
// responses: nothing, if it puts nothing there. A password goes to no server that has
// not shown that it is Parley: others log what they receive, and show it around.
func (a *App) frame(r request) []byte {
	out := protocol.Request{Verb: r.verb, Content: protocol.Content{Text: r.content, Fields: r.fields}}
	out.Extended = r.verb == "login" && !a.cfg.Plain
	if r.verb == "login" && a.parley {
		out.Password, out.Register, out.Takeover = r.password, r.register, r.takeover
	}
	if a.manner == extended {
		out.Ref = r.ref
		if r.text != nil {
			out.Ref, out.ID = r.text.tag, r.text.tag
		}
	}
	frame := protocol.AppendRequest(nil, out)
	if a.manner == plain && a.turns.bare {
		frame = bytes.TrimSuffix(frame, []byte("\n"))
	}
	return frame
}
