package client

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/eventloop/client/command"
	"parley/eventloop/client/rooms"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

const logoutVerb = "logout"

// A dialect is which protocol the server speaks.
type dialect = sending.Dialect

const (
	unknown  = sending.Unknown
	plain    = sending.Plain
	extended = sending.Extended
)

// errStalled is why a connection is given up whose queue is full.
var errStalled = errors.New("the server does not read what it is sent")

// say sends a text, or keeps it until there is a login and one is in its room.
func (a *App) say(where sending.Where, body string) {
	body = strings.TrimRight(body, "\r\n")
	if !a.maySay() {
		return
	}
	if o := a.sayText(where, body); o.Why != 0 {
		a.refuse(body, a.failureWords(sending.Text{Where: where, Body: body}, o))
	}
}

// maySay reports whether one can say something now, and tells if not.
func (a *App) maySay() bool {
	switch {
	case a.login.Name() == "":
		a.tell(timeline.Error, "%s", a.loginFirst())
	case a.leaving && a.cfg.Mode == Interactive:
		a.tell(timeline.Error, "You are leaving; this is not sent.")
	default:
		return true
	}
	return false
}

// sayText takes a text and shows it, or returns why it is not taken.
func (a *App) sayText(where sending.Where, body string) sending.Outcome {
	if why := a.queue.Refuses(where, body); why != 0 {
		return sending.Outcome{State: sending.Failed, Why: why}
	}
	a.queue.Say(uint64(a.addText(where, body, a.queue.CanSend(where))), where, body)
	a.flush()
	if a.phase != loggedIn {
		a.comeBack()
	}
	return sending.Outcome{}
}

// ask sends a request that says nothing to anybody.
func (a *App) ask(verb, content string) bool {
	return a.askFor(sending.Request{Verb: verb, Content: content})
}

func (a *App) askFor(r sending.Request) bool {
	r.Extension = a.commands.Lookup(r.Verb).Parley
	switch {
	case a.logoutQueued:
		return false
	case a.phase < loggedIn && a.cfg.Mode != Interactive: // it is kept
	case a.comeBack():
		a.tell(timeline.Error, "You were logged out. Connecting again; ask once more in a moment.")
		return false
	case a.phase < connected || a.phase < loggedIn && r.Extension:
		a.tellNotLoggedIn()
		return false
	}
	if !a.queue.Ask(r) {
		a.unsent++
		a.tell(timeline.Error, "Too many commands are waiting already, so nothing was sent. Try again in a moment.")
		return false
	}
	a.keepWritten(r)
	a.flush()
	return true
}

// knows reports whether a command can be used here, and tells if not. Whether the
// server knows it is not clear before the login.
func (a *App) knows(c *command.Command, arg string) bool {
	why := ""
	if c.Private {
		why = a.noPrivate()
	}
	switch {
	case why != "" || a.dialect != plain:
	case c.Parley:
		why = notInStandard(c.Name)
	case c.ArgsParley && arg != "":
		why = notInStandard(c.Name+" "+arg) + " /" + c.Name + " alone it knows."
	}
	if why == "" {
		return true
	}
	a.cannotRun(c, arg, why)
	if a.cfg.Mode != Interactive {
		a.unsent++
	}
	return false
}

func notInStandard(command string) string {
	return fmt.Sprintf("This server does not know /%s: it speaks the standard protocol only. Nothing was sent.", command)
}

// enqueue sends a request that nobody waits for.
func (a *App) enqueue(r sending.Request) {
	a.queue.Add(r)
	a.flush()
}

// flush sends what may be sent now.
func (a *App) flush() {
	if !a.queue.Flush() {
		a.lost(errStalled)
	}
}

// release sends what has been kept.
func (a *App) release() {
	if a.logoutQueued { // there is nobody to send it to any more
		return
	}
	a.withholdPasswords()
	a.tellRelease(a.queue.Release())
	a.offerParked()
	a.flush()
}

// tellRelease says that n lines which were kept are sent. To a plain server they go
// one by one, and each says so.
func (a *App) tellRelease(n int) {
	words := ""
	if a.returning && (n > 0 || !a.restarting() || a.dialect != extended) {
		words = "Connected again."
	}
	switch {
	case n == 0:
	case a.returning:
		words += fmt.Sprintf(" What was kept is sent now (%d).", n)
	case a.cfg.Mode == Interactive && a.dialect == extended:
		words = fmt.Sprintf("What you have typed is sent now (%d).", n)
	}
	a.returning = false
	if words != "" {
		a.tell(timeline.Notice, "%s", words)
	}
}

// hasRoom reports whether another line may be read.
func (a *App) hasRoom() bool { return a.queue.HasRoom() }

// A sendDoor is what a.queue knows of the App.
type sendDoor struct{ app *App }

func (d sendDoor) Now() time.Time          { return d.app.now() }
func (d sendDoor) Write(frame []byte) bool { return d.app.link.Send(frame) }
func (d sendDoor) Proven() bool            { return d.app.login.Proved() }

func (d sendDoor) Sent(verb string) {
	switch a := d.app; verb {
	case "login":
		a.loginOut = true
		a.loginAt = a.now()
		a.set(alarmLogin, loginPatience)
		if a.returning {
			a.set(alarmLogin, returnPatience)
		}
	case logoutVerb:
		a.set(alarmLeave, leavePatience)
	}
}

// textStates are what outcomes are in the timeline. A text that came back was
// accepted, too.
var textStates = map[sending.State]timeline.State{
	sending.Waiting: timeline.Typed, sending.Sent: timeline.Sent, sending.Accepted: timeline.Accepted, sending.CameBack: timeline.Accepted,
	sending.Delivered: timeline.Delivered, sending.Stored: timeline.Stored, sending.Failed: timeline.Failed,
}

// droppedState is what a text is in the timeline that was thrown away, or is said under
// another name.
func droppedState(t sending.Text) timeline.State {
	if t.Tried {
		return timeline.Doubtful
	}
	return timeline.Failed
}

// becomes notes what has become of a text.
func (a *App) becomes(t sending.Text, state timeline.State) {
	a.becomesNumbered(t, state, 0)
}

// becomesNumbered notes the same of a text of which the server has told the number; 0: it has
// not.
func (a *App) becomesNumbered(t sending.Text, state timeline.State, id uint64) {
	a.timeline.Update(timeline.ID(t.Entry), func(e *timeline.Entry) {
		e.State = state
		e.Number = max(e.Number, id)
	})
}

// Became tells what a person is to know of a text. Each one that gets on keeps a
// chat that is being left alive for a while.
func (d sendDoor) Became(t sending.Text, o sending.Outcome) {
	a := d.app
	if state, ok := textStates[o.State]; ok {
		a.becomesNumbered(t, state, o.ID)
	}
	defer a.clearUp(o.ID)
	switch o.State {
	case sending.InDoubt:
		a.admitDoubt(t)
	case sending.Dropped:
		a.becomes(t, droppedState(t))
	case sending.Failed:
		a.giveUp(t, o)
		if o.Code == protocol.NotInRoom || o.Code == protocol.UnknownRoom {
			a.outOfRoom(t.Room)
		}
	}
	if a.leaving && o.State != sending.CameBack {
		a.set(alarmDrain, drainPatience)
	}
}

func (d sendDoor) Unknown(verb string) {
	d.app.unsent++
	d.app.tell(timeline.Error, "%s", notInStandard(verb))
}

func (d sendDoor) Unanswered(list []sending.Request) {
	var verbs []string
	for _, r := range list {
		verbs = append(verbs, r.Verb)
	}
	d.app.tell(timeline.Error, "%s has not answered /%s.", d.app.cfg.Target.Label, strings.Join(verbs, ", /"))
	for _, r := range list {
		d.app.giveBack(mayBeDone, d.app.takeWritten(r.Ref))
	}
}

// giveUp says that a text is not sent and why. It can be fetched back with Up.
func (a *App) giveUp(t sending.Text, o sending.Outcome) {
	a.refuse(t.Body, a.failureWords(t, o))
	if a.cfg.Mode == Interactive {
		a.keyboard.Remember(typedAgain(t), t.To == "" || a.cfg.KeepAlone)
	}
}

// typedAgain returns what a person types to say a text again.
func typedAgain(t sending.Text) string {
	return recipientOf(t.Where).typed(t.Body)
}

// refuse says that a text is not sent and why, with a hint for who types lines.
func (a *App) refuse(body, why string, hint ...string) {
	a.unsent++
	a.tellWithHint(timeline.Error, fmt.Sprintf("Not sent: %s\n%s", quote(body), why), strings.Join(hint, ""))
}

// failureWords says why a text is not sent.
func (a *App) failureWords(t sending.Text, o sending.Outcome) string {
	switch o.Why {
	case sending.TooLong:
		return fmt.Sprintf("It has %d bytes, at most %d are allowed. %s", len(t.Body), protocol.MaxText, a.getBack("and shorten it"))
	case sending.TooLongPlain:
		return "Written as JSON it takes more than this server can read. " + a.getBack("and send it in parts")
	case sending.TooMany:
		return "Too many lines are waiting already. Wait until they are sent, or type /unsent drop."
	case sending.OnlyPublic:
		return "This server cannot carry words to one person alone."
	case sending.NoAnswers:
		return "This server knows no answers to a message: it speaks the standard protocol only."
	case sending.NotInRoom:
		switch {
		case a.dialect == plain:
			return noRooms
		case a.cfg.Mode != Interactive && rooms.Same(t.Room, a.cfg.Room): // to join was tried: the end says why not
			return notIn(t.Room)
		}
		return notInRoom(t.Room)
	case sending.NotMade:
		return "It was for a new room " + t.Room + ", which was not made."
	}
	return view.Says(o.Words)
}

// getBack says what to do with a text that is too long. A pipe has no keys, and in a page the text is
// still in the field.
func (a *App) getBack(purpose string) string {
	if a.cfg.Mode == Interactive && a.asking == nil {
		return "Press Up to get it back " + purpose + "."
	}
	return "Send it in parts."
}

// admitDoubt says which texts for a plain server may be lost.
func (a *App) admitDoubt(texts ...sending.Text) {
	for _, t := range texts {
		a.unsent++
		a.becomes(t, timeline.Doubtful)
		a.tell(timeline.Error, "May not have arrived%s: %s\nIf nobody answers, say it again.", inRoom(recipientOf(t.Where)), quote(t.Body))
	}
}

// tellDoubt says once that the login may have failed.
func (a *App) tellDoubt() {
	words := ""
	switch a.queue.NewDoubt() {
	case 0:
		return
	case sending.AnswersErrors:
		words = "answers what you say with errors"
	case sending.AnswersNothing:
		words = "answers nothing and sends nothing back that you say"
	case sending.SpeaksForOne:
		words = "shows lines of your name that you have not said"
	}
	if a.welcome != "" {
		words = "has answered the login with " + quote(a.welcome) + ", and " + words
	}
	a.tell(timeline.Error, "You may not be logged in as %s: the server %s.", a.login.Name(), words)
}
