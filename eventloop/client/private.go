package client

import (
	"fmt"
	"time"

	"parley/eventloop/client/private"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/p2p"
	"parley/protocol"
)

// byePatience is how long the last words to peers may take through the server
// before the logout: they cross a few goroutines here, the rest is the network's.
const byePatience = 250 * time.Millisecond

// Private is what private sessions need.
type Private struct {
	Transport private.Transport
	Pins      p2p.Pins
}

// newPrivate returns the private sessions of a chat, which only a person can have.
func (a *App) newPrivate() *private.Machine {
	c := private.Config{
		Door: privateDoor{a}, Tag: fmt.Sprintf("%016x", a.cfg.Rand()),
		Server: a.cfg.Target.Label, Person: a.cfg.Mode == Interactive,
	}
	if a.cfg.Private != nil && a.cfg.Mode == Interactive && !a.cfg.Plain {
		c.Transport, c.Pins = a.cfg.Private.Transport, a.cfg.Private.Pins
	}
	return private.New(c)
}

// privateDoor is the chat as private sessions need it.
type privateDoor struct{ app *App }

func (d privateDoor) Now() time.Time { return d.app.now() }

func (d privateDoor) Ask(verb string, fields map[string]string) bool {
	a := d.app
	if a.phase != loggedIn || a.dialect != extended || a.logoutQueued {
		return false
	}
	a.queue.Add(sending.Request{Verb: verb, Fields: fields, Ref: a.queue.Ref(verb) + "-" + fields["name"]})
	return true
}

func (d privateDoor) Tell(kind timeline.Kind, format string, args ...any) {
	d.app.tell(kind, format, args...)
}

func (d privateDoor) TellWithHint(kind timeline.Kind, words, hint string) {
	d.app.tellWithHint(kind, words, hint)
}

func (d privateDoor) Heard(e timeline.Entry) {
	d.app.gap()
	d.app.add(e)
	d.app.heardAlone(toOne(timeline.Private, e.Sender))
}

func (d privateDoor) Add(e timeline.Entry) timeline.ID { return d.app.add(e) }

func (d privateDoor) Become(id timeline.ID, s timeline.State) {
	d.app.timeline.Update(id, func(e *timeline.Entry) { e.State = s })
}

func (d privateDoor) Wanted() {
	if d.app.bell != BellOff {
		d.app.cfg.Ring()
	}
}

func (d privateDoor) ToldApart(name string) string { return d.app.toldApart(name) }

func (d privateDoor) LinesTo() timeline.Conversation { return d.app.linesTo().Conversation }

// privateEvent handles what the server tells of private sessions. It reports
// whether r was that.
func (a *App) privateEvent(r protocol.Response) bool {
	return a.dialect == extended && a.private.FromServer(r)
}

// settlePrivate does what is due in private sessions, and notes what has changed.
func (a *App) settlePrivate() {
	if a.ended || !a.private.Exist() {
		return
	}
	a.alarms[alarmPrivate] = a.private.Tick()
	a.cfg.Completion.LearnPrivate(a.private.Names())
}

// pressed handles that a key was pressed: whom plain lines are for is told that
// somebody is writing.
func (a *App) pressed() {
	a.touched()
	a.login.Pressed()
	if a.lineBegan.IsZero() {
		a.lineBegan, a.toBegan = a.now(), a.to
	}
	if a.keepalive.Warned() {
		a.active()
	}
	if a.to.Place == timeline.Private {
		a.private.Typing(a.to.name)
	}
}

// noPrivate says why there are no private sessions, "" if there are.
func (a *App) noPrivate() string {
	switch {
	case a.private.Exist():
		return ""
	case a.cfg.Mode != Interactive:
		return "Private sessions take a person at a terminal."
	case a.cfg.Plain:
		return "There are no private sessions with --plain. Start again without it to have some."
	}
	return "There are no private sessions in this chat. Why was said when it began."
}

// withName returns what runs a command that does one thing with the private session
// with one person.
func withName(command string, do func(m *private.Machine, name string)) handler {
	return func(a *App, arg string) {
		if name := a.private.Name(command, arg); name != "" {
			do(a.private, name)
		}
	}
}

// askingPeer returns the same for a command that asks the server. After a logout for doing
// nothing that is connected to again, and one has to ask once more.
func askingPeer(command string, do func(m *private.Machine, name string)) handler {
	run := withName(command, do)
	return func(a *App, arg string) {
		if a.comeBack() {
			a.tell(timeline.Error, "You were logged out. Connecting again; ask once more in a moment.")
			return
		}
		run(a, arg)
	}
}

// peered handles what the transport reports.
func (a *App) peered(e p2p.Event) {
	if !a.ended {
		a.private.Happened(e)
	}
}
