package client

import (
	"strings"
	"time"

	"parley/protocol"
)

const (
	// pace is the pause between two requests to a server that may be plain: 28
	// of 29 public servers fail on requests that arrive together.
	pace = 250 * time.Millisecond

	// turnPatience is how long a request waits for the answer to the one before it,
	// where a person waits, too. All servers that were measured answer within 0.6 s.
	turnPatience = time.Second

	// pipePatience is the same where nobody waits.
	pipePatience = 3 * time.Second

	// refusalTime is for how long after a text an error may be the answer to it.
	refusalTime = 5 * time.Second
)

// turns is whose turn it is with a server of the standard: that reads one request
// at a time, and some read the next one only after a while. So the next request
// goes when the one before was answered, or when that has taken too long (stop and
// wait, without retransmission: most people would rather miss a line than read it
// twice). The answer to a text is its echo. All of it belongs to one connection.
type turns struct {
	out     *turn
	echo    echo
	bare    bool   // the server's responses end in no newline
	proved  bool   // the server has shown that it knows one's name
	doubt   string // why one may not be logged in; "" if nothing speaks for it
	doubted bool   // that was said
	errors  int    // that have answered texts
	joined  bool   // a message came in place of the answer to the login
	welcome string // what the login was answered with
}

// A turn is a request that was sent.
type turn struct {
	request
	at      time.Time
	over    bool // it was answered, or has waited long enough
	refused bool // of a text: an error came behind it
	heard   bool // of names: an info came that may be the answer, or that somebody came
}

// An echo says whether a server sends one's own texts back.
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
func (a *App) patience() time.Duration {
	if a.cfg.Mode == Interactive {
		return turnPatience
	}
	return pipePatience
}

// takeTurn notes a request that a server of the standard was sent.
func (a *App) takeTurn(r request) {
	a.turns.sent(r, a.now())
	a.set(alarmTurn, a.turns.hold(a.patience()))
}

// answerTurn notes that r may answer what was sent last. It reports whether there
// is nothing left to show of it. That a login is answered is seen elsewhere.
func (a *App) answerTurn(r protocol.Response) (done bool) {
	out := a.turns.out
	if out == nil || a.manner == extended || r.Kind == protocol.KindMessage || r.Kind == protocol.KindHistory {
		return false
	}
	switch {
	case out.verb == "login":
	case out.text != nil:
		return r.Kind == protocol.KindError && a.textRefused(out, r)
	case out.over:
	case out.verb == "names" && r.Kind != protocol.KindError && !listsNames(sanitize(r.Content), a.login.Name()):
		out.heard = true
	case out.probe:
		a.turns.done()
		a.probed(r.Kind != protocol.KindError, withErrors)
		return r.Kind != protocol.KindError
	default:
		a.turns.done()
	}
	return false
}

// turnOver goes on without an answer.
func (a *App) turnOver() {
	out := a.turns.out
	if !a.turns.busy() {
		return
	}
	a.turns.done()
	switch {
	case out.probe:
		a.probed(out.heard, withSilence)
	case out.command && out.heard:
		a.answerAsk(protocol.Response{Kind: protocol.KindInfo})
	case out.text != nil && a.turns.echo == echoUnknown:
		a.turns.echo = echoesNot
		if !a.leaving || a.cfg.Mode != Interactive {
			a.probe()
		}
	}
}

// probe asks for names, which nobody has asked for. A server that answers has read
// all that was sent before. So it is seen whether texts arrive at one that sends
// none back, or whether it only seems to have accepted the login.
func (a *App) probe() {
	if a.phase == loggedIn && !a.saidLogout {
		a.outbox = append([]request{{verb: "names", probe: true}}, a.outbox...)
	}
}

// probed handles what came of a probe. why is what is wrong if there was no answer.
func (a *App) probed(answered bool, why string) {
	last := a.leaving && a.cfg.Mode != Interactive && a.waiting() == 0
	switch {
	case answered && a.turns.echo != echoes:
		a.turns.proved = true
		a.unconfirmed = nil
	case last:
		a.admitDoubt(a.unconfirmed...)
		a.unconfirmed = nil
	}
	if !answered {
		a.doubtLogin(why)
	}
}

// textRefused handles an error that came behind a text. In a pipe it counts as the
// answer; a person can see for himself whether it is. It reports whether there is
// nothing left to show of it.
func (a *App) textRefused(out *turn, r protocol.Response) (done bool) {
	if out.refused || a.now().Sub(out.at) > refusalTime {
		return false
	}
	a.turns.done()
	a.turns.errors++
	out.refused = true
	pipe := a.cfg.Mode != Interactive
	if pipe && a.confirmed(out.text.tag) != nil {
		a.giveUp(out.text, "The server says: "+strings.TrimSpace(r.Content))
		done = true
	}
	if pipe || a.turns.errors > 1 {
		a.doubtLogin(withErrors)
	}
	return done
}

// What speaks for a login that has failed.
const (
	withErrors  = "answers what you say with errors"
	withSilence = "answers nothing and sends nothing back that you say"
	withLines   = "shows lines of your name that you have not said"
)

// doubtLogin notes that the login may have failed though it looked like a success:
// some servers refuse one with an info, or with a kind of their own.
func (a *App) doubtLogin(why string) {
	if !a.turns.proved && a.phase == loggedIn {
		a.turns.doubt = why
	}
}

// tellDoubt says once that the login may have failed.
func (a *App) tellDoubt() {
	if a.turns.doubt == "" || a.turns.doubted {
		return
	}
	a.turns.doubted = true
	words := a.turns.doubt
	if a.turns.welcome != "" {
		words = "has answered the login with " + quote(a.turns.welcome) + ", and " + words
	}
	a.tell(ToneError, "You may not be logged in as %s: the server %s.", a.login.Name(), words)
}
