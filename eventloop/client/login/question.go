package login

import (
	"fmt"
	"time"
)

// busyPause is how long a busy server is left alone before it gets the same
// answers again.
const busyPause = 5 * time.Second

// A purpose is what the answers to a question are for.
type purpose uint8

const (
	toLogIn    purpose = iota // with the password of a name
	toJoin                    // to make a name an account by logging in
	toRegister                // to make one's name an account
	toChange                  // another password
)

// A step is one of the answers.
type step uint8

const (
	stepPassword step = iota // of the name, which is the old one of toChange
	stepNew
	stepAgain // the new one once more
)

type state uint8

const (
	open state = iota
	ready
	sent
	over
)

// A question asks the person for what nobody else may see. A nil one is none.
type question struct {
	purpose purpose
	name    string // whose password it is about
	step    step
	state   state
	old     string // the answers; "" is none
	new     string
	until   time.Time // the answers wait so long; zero: they need not
	why     string    // they do: "blocked" or "busy"
	typing  bool      // keys were pressed since the last Enter
}

// logsIn reports whether the answers are sent in a login.
func (q *question) logsIn() bool {
	return q != nil && q.state != over && (q.purpose == toLogIn || q.purpose == toJoin)
}

// changes reports whether the answers are sent in a session.
func (q *question) changes() bool {
	return q != nil && q.state != over && (q.purpose == toRegister || q.purpose == toChange)
}

func (q *question) first() step {
	if q.purpose == toLogIn || q.purpose == toChange {
		return stepPassword
	}
	return stepNew
}

// again asks for everything anew.
func (q *question) again() { q.old, q.new, q.step, q.state = "", "", q.first(), open }

// againOld asks for the old password only, which was wrong, if there is one.
func (q *question) againOld() {
	if q.purpose != toChange {
		q.again()
		return
	}
	q.old, q.step, q.state = "", stepPassword, open
}

// againNew asks for the new password only, which was refused.
func (q *question) againNew() { q.new, q.step, q.state = "", stepNew, open }

// hold makes the answers wait.
func (q *question) hold(until time.Time, why string) {
	q.until, q.why = until, why
	if q.state == sent {
		q.state = ready
	}
}

// ask asks a question in place of another one. What had been typed before is not
// its answer.
func (m *Machine) ask(p purpose, name string) {
	m.giveUpQuestion()
	m.question = &question{purpose: p, name: name}
	m.serial++
	m.question.step = m.question.first()
	m.fresh = true
}

// Free reports whether no question is open, and tells if one is.
func (m *Machine) Free() bool {
	if m.question == nil {
		return true
	}
	m.tellGoBack(Trouble, "A password is asked for. Answer that first.")
	return false
}

// tellGoBack tells something, and by which key one goes back.
func (m *Machine) tellGoBack(how Severity, format string, args ...any) {
	m.cfg.Person.TellWithHint(how, fmt.Sprintf(format, args...), " Ctrl-C goes back.")
}

// Asking reports whether what is typed is to be hidden.
func (m *Machine) Asking() bool { return m.question != nil }

// Idles reports whether the login waits for the person, or for a block to be over,
// so that no connection is needed meanwhile.
func (m *Machine) Idles() bool {
	return m.fetching || m.question.logsIn() && m.question.state != sent || m.Pause() > 0
}

// Fresh reports, once, whether what is asked was not asked before.
func (m *Machine) Fresh() bool {
	fresh := m.fresh
	m.fresh = false
	return fresh
}

// Serial names what is asked: what is typed as an answer to another one is none to it.
func (m *Machine) Serial() uint64 { return m.serial }

// Busy reports whether the server is being asked with the answers.
func (m *Machine) Busy() bool { return m.question != nil && m.question.state == sent }

// Over reports whether nothing is to be typed but Enter: the server has answered what was
// asked, while somebody was about to.
func (m *Machine) Over() bool { return m.question != nil && m.question.state == over }

// Prompt is what is asked, and how far that has come.
func (m *Machine) Prompt() string {
	q := m.question
	if q.state == over {
		return "press Enter: what you have typed unseen is dropped"
	}
	prompt := map[step]string{stepPassword: "password of " + q.name, stepNew: "new password", stepAgain: "the same again"}[q.step]
	if q.purpose == toChange && q.step == stepPassword {
		prompt = "old password"
	}
	left := q.until.Sub(m.cfg.Now())
	switch {
	case q.state == sent:
		return prompt + " (the server is asked)"
	case left > 0 && q.state == ready:
		return fmt.Sprintf("%s (%s, is tried in %s)", prompt, q.why, seconds(left))
	case left > 0:
		return fmt.Sprintf("%s (%s for %s)", prompt, q.why, seconds(left))
	case q.changes() && m.cfg.Server.Phase() < LoggedIn:
		return prompt + " (offline)"
	}
	return prompt
}

// Pressed notes that keys were pressed.
func (m *Machine) Pressed() {
	if m.question != nil {
		m.question.typing = true
	}
}

// Typed handles a line that was typed hidden. A blank one answers nothing.
func (m *Machine) Typed(secret string) {
	m.remember(secret)
	q := m.question
	if q == nil {
		m.tell(Notice, "What you have typed unseen was not used.")
		return
	}
	q.typing = false
	switch {
	case q.state == over:
		m.question = nil
	case secret == "":
	case q.state == sent:
		m.tellGoBack(Notice, "That was not used: the server has not answered yet. Wait.")
	case q.state == ready && q.purpose != toLogIn:
		m.tellGoBack(Notice, "That was not used: what you have typed before waits to be sent.")
	default:
		m.reply(secret)
	}
}

// reply takes an answer, and sends all when they are there.
func (m *Machine) reply(secret string) {
	q := m.question
	m.serial++
	switch {
	case q.step == stepPassword:
		q.old = secret
		if q.purpose == toChange && q.new == "" {
			q.step = stepNew
			return
		}
	case q.step == stepNew:
		q.new, q.step = secret, stepAgain
		return
	case q.new != secret:
		m.tellGoBack(Trouble, "These were not the same. Once more.")
		q.againNew()
		return
	}
	q.state = ready
	if left := q.until.Sub(m.cfg.Now()); left > 0 {
		m.tellGoBack(Notice, "It is tried in %s.", seconds(left))
	}
	m.try()
}

// try sends the answers, if they are there and it is time.
func (m *Machine) try() {
	q := m.question
	if q == nil || q.state != ready || q.until.After(m.cfg.Now()) {
		return
	}
	q.until = time.Time{}
	switch {
	case q.purpose == toLogIn:
		q.state = sent
		m.known = credential{name: q.name, secret: q.old}
		m.as(q.name)
	case q.purpose == toJoin:
		q.state = sent
		m.known = credential{name: q.name, secret: q.new, register: true}
		m.as(q.name)
	case m.cfg.Server.Phase() == LoggedIn:
		m.change()
	}
}

// Tick does what is due, and returns when to call it again; zero: not by itself.
func (m *Machine) Tick() time.Time {
	m.try()
	q := m.question
	if q == nil || q.until.IsZero() {
		return time.Time{}
	}
	left := q.until.Sub(m.cfg.Now())
	if left <= 0 {
		q.until = time.Time{}
		return time.Time{}
	}
	return q.until.Add(-(wholeSeconds(left) - 1) * time.Second) // the prompt counts
}

// Interrupted handles Ctrl-C at a question, which goes back.
func (m *Machine) Interrupted() {
	q := m.question
	m.question = nil
	if q == nil || q.state == over {
		return
	}
	if q.changes() {
		m.nothingChanged(q)
		return
	}
	if q.state == sent {
		m.cfg.Server.Hangup() // or its answer might log in
	}
	m.known, m.blocked = credential{}, time.Time{}
	if q.purpose == toJoin {
		m.askName()
		return
	}
	m.rename("")
	m.tell(Notice, "You are not logged in. Type a name; if it is not registered yet, /register makes it yours.")
}

// close ends a question that the server has answered. Who is typing an answer, or
// again already, is not shown doing so.
func (m *Machine) close() {
	if q := m.question; q != nil && (q.typing || q.state == open) {
		q.state = over
		return
	}
	m.question = nil
}

// giveUpQuestion ends a question that nobody has answered: somebody may be about to.
func (m *Machine) giveUpQuestion() {
	q := m.question
	if q == nil || q.state == over {
		return
	}
	if q.changes() {
		m.nothingChanged(q)
	}
	q.state = over
}
