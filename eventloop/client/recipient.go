package client

import (
	"fmt"
	"strings"
	"time"

	"parley/eventloop/client/command"
	"parley/eventloop/client/rooms"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/p2p"
	"parley/protocol"
)

// A recipient is whom a plain line is for.
type recipient struct {
	timeline.Conversation
	name string // of one person or of a room, as it is written; "" in the lobby
}

var toLobby = recipient{Conversation: lobby}

// toNobody returns where plain lines go after what is no name was given for one, or when
// one is not in the room: what is typed ahead for some is not to go to others.
func toNobody(place timeline.Place) recipient {
	return recipient{timeline.With(place, ""), ""}
}

// isNobody reports whether what is said to r reaches nobody.
func (r recipient) isNobody() bool { return r.Place != timeline.Lobby && r.name == "" }

func toOne(place timeline.Place, name string) recipient {
	return recipient{timeline.With(place, name), name}
}

// toRoom returns a room as where plain lines go.
func toRoom(name string) recipient {
	if rooms.IsLobby(name) {
		return toLobby
	}
	return recipient{timeline.With(timeline.Room, name), name}
}

// where is for whom a text is that the server is to pass on.
func (r recipient) where() sending.Where {
	switch r.Place {
	case timeline.Direct:
		return sending.Where{To: r.name}
	case timeline.Room:
		return sending.Where{Room: r.name}
	}
	return sending.Where{}
}

// recipientOf returns for whom a text is, of which where tells.
func recipientOf(where sending.Where) recipient {
	if where.To != "" {
		return toOne(timeline.Direct, where.To)
	}
	return toRoom(where.Room)
}

// before returns what is typed before a text to say it to that recipient from anywhere.
func (r recipient) before() string {
	name := r.name
	if r.isNobody() {
		name = "NAME" // as the help of these commands has it
	}
	switch r.Place {
	case timeline.Private:
		return "/private " + name + " "
	case timeline.Direct:
		return "/dm " + name + " "
	case timeline.Room:
		return "/room " + name + " "
	}
	return ""
}

// typed returns what is typed to say a text to that recipient from anywhere.
func (r recipient) typed(text string) string { return r.before() + text }

// called is the name of one person or of a room, or what stands for it.
func (r recipient) called() string {
	if r.isNobody() {
		return "nobody"
	}
	return r.name
}

// alone is what was said to the person alone.
type alone struct {
	last   recipient // who did so last, and in which way
	before recipient // who did so when the line that is typed now was begun
	at     time.Time // something was said to one alone, or by one
	hinted bool      // how to answer was said
}

// heardAlone notes that somebody has said something to one alone, and tells the first
// time how to answer.
func (a *App) heardAlone(from recipient) {
	a.alone.at = a.now()
	if protocol.CheckName(from.name) != nil {
		return
	}
	a.alone.last = from
	if a.lineBegan.IsZero() {
		a.alone.before = from
	}
	if !a.alone.hinted && !a.to.Alone() && !a.to.isNobody() && a.cfg.Mode == Interactive && !a.login.Asking() {
		a.alone.hinted = true
		a.tellWithHint(timeline.Notice, "", "That was for you alone. /reply TEXT answers it; a line without a slash is for everybody"+inRoom(a.to)+".")
	}
}

// replyAlone says something to whoever spoke last to one alone, in the same way. If
// that is another one than when the line was begun, the line may be meant for the one
// before, so it is not sent.
func (a *App) replyAlone(text string) {
	last, before := a.alone.last, a.alone.before
	switch {
	case last.name == "":
		a.refuse(text, "Nobody has said anything to you alone yet. Begin with /dm NAME TEXT.")
	case last != before && before.name != "":
		a.refuse(text, fmt.Sprintf("%s has spoken to you alone while you typed. For %s, type: %s\nFor %s: %s",
			last.name, before.name, before.typed("TEXT"), last.name, last.typed("TEXT")))
	default:
		a.sayTo(last, text)
	}
}

// sayTo says something to a recipient, and to nobody else.
func (a *App) sayTo(to recipient, text string) {
	switch {
	case to.isNobody():
		a.refuse(text, sentToNobody)
	case to.Place == timeline.Private:
		a.sayPrivate(to.name, text)
	case to.Place == timeline.Room && !a.mayUse(to.name):
		a.refuse(text, notInRoom(to.name))
	default:
		a.say(to.where(), text)
	}
}

// cmdLobby makes plain lines public again.
func (a *App) cmdLobby(string) {
	if a.to.Place == timeline.Room && !a.to.isNobody() || a.isHeld(lobby) {
		a.turnTo(toLobby)
		return
	}
	if a.to == toLobby {
		a.tellAim(timeline.Notice, "", "You are in the lobby: what you type is for everybody.")
		return
	}
	words := "What you type is for everybody again."
	if p, ok := a.private.Peer(a.to.name); ok && a.to.Place == timeline.Private && p.State == p2p.Open {
		words += fmt.Sprintf("\nThe session with %s goes on; /stopprivate %s ends it.", a.toldApart(p.Name), p.Name)
	}
	a.aim(toLobby)
	a.tellAim(timeline.Notice, "", words)
}

// cmdQuery says something to one person by way of the server, or makes that what
// plain lines do.
func (a *App) cmdQuery(arg string) {
	name, text := command.CutWord(arg)
	switch err := protocol.CheckName(name); {
	case name == "":
		a.cmdLobby("")
	case err != nil && text != "":
		a.refuse(text, err.Text+" Type /query NAME TEXT.")
	case err != nil:
		a.enterNobody(timeline.Direct, err.Text)
	case text != "":
		a.say(sending.Where{To: name}, text)
	case a.isSelf(name):
		a.enterNobody(timeline.Direct, "That is you.")
	default:
		a.enter(toOne(timeline.Direct, name))
	}
}

// enter makes plain lines be for one person alone.
func (a *App) enter(to recipient) {
	a.aim(to)
	words := fmt.Sprintf("What you type is for %s alone until you type /lobby. Commands need their slash here.", a.toldApart(to.name))
	if to.Place == timeline.Direct {
		words += fmt.Sprintf(" The server can read it; /startprivate %s asks for a session that it cannot.", to.name)
	}
	a.tellAim(timeline.Notice, "", words)
}

// tellAim tells words with a hint about where plain lines go now, unless those of the terminal go
// elsewhere.
func (a *App) tellAim(kind timeline.Kind, words, hint string) {
	switch {
	case a.linesTo() == a.to:
		a.tellWithHint(kind, words, hint)
	case words != "":
		a.tell(kind, "%s", words)
	}
}

const sentToNobody = "What you type is sent to nobody until you type /lobby."

// enterNobody has plain lines refused, for want of a person or a room to say them to. Why may have
// been told before.
func (a *App) enterNobody(place timeline.Place, why ...string) {
	a.aim(toNobody(place))
	a.tellAim(timeline.Error, strings.Join(why, "\n"), "\n"+sentToNobody)
}

// aim makes plain lines go somewhere else.
func (a *App) aim(to recipient) {
	a.to = to
	if !to.Alone() && !to.isNobody() {
		a.home = to
	}
}

// moved reports whether plain lines went somewhere else when the line that is typed now
// was begun.
func (a *App) moved() bool {
	return !a.lineBegan.IsZero() && a.toBegan.Conversation != a.to.Conversation
}

// refuseMoved says that a text was begun where it would not be said now.
func (a *App) refuseMoved(text string) { a.refuse(text, a.movedWords(), " Press Up to get it back.") }

// tellMoved says the same of a command that is about the room where it is typed.
func (a *App) tellMoved() { a.tell(timeline.Error, "%s So nothing was done.", a.movedWords()) }

func (a *App) movedWords() string {
	return fmt.Sprintf("Where your lines go has changed while you typed: from %s to %s.", a.calledIn(a.toBegan), a.calledIn(a.to))
}

// calledIn is where a line goes, in a sentence.
func (a *App) calledIn(r recipient) string {
	switch {
	case r.isNobody():
		return "nobody"
	case r.Place == timeline.Lobby:
		return "the lobby"
	case r.Alone():
		return a.toldApart(r.name) + " alone"
	}
	return "room " + r.name
}

// aims returns where plain lines are to go with a command, and whether it is one that
// decides that, or that a person may take for one.
func (a *App) aims(c *command.Command, arg string) (timeline.Place, bool) {
	if c == nil {
		return timeline.Lobby, false
	}
	words := len(strings.Fields(arg))
	switch c.Name {
	case "private":
		return timeline.Private, words == 1
	case "query":
		return timeline.Direct, words == 1
	case "reply":
		return timeline.Direct, words == 0 && a.cfg.Mode == Interactive
	case "join", "create":
		return timeline.Room, words > 0
	case "room":
		return timeline.Room, words == 1
	}
	return timeline.Lobby, false
}

// cannotRun says why a command is not run. If it was to make plain lines be for one
// person alone, they are not for everybody now.
func (a *App) cannotRun(c *command.Command, arg, why string) {
	if place, ok := a.aims(c, arg); ok {
		a.enterNobody(place, why)
		return
	}
	a.tell(timeline.Error, "%s", why)
}

// toNotes say what is to be known of whom plain lines are for.
func (a *App) toNotes() []string {
	if a.to.isNobody() {
		return []string{"not sent"}
	}
	if a.to.Place == timeline.Room {
		return a.roomNotes(a.to.name)
	}
	if a.to.Place != timeline.Private {
		if n := a.private.Open(); n > 0 && a.phase < loggedIn {
			return []string{fmt.Sprintf("%d private", n)}
		}
		return nil
	}
	switch p, ok := a.private.Peer(a.to.name); {
	case ok && p.State == p2p.Open && p.Verified:
		return []string{"verified"}
	case ok && p.State == p2p.Open:
		return []string{"not verified"}
	case ok && p.State == p2p.Connecting:
		return []string{"connecting"}
	case ok && p.State != p2p.Closed:
		return []string{"not open yet"}
	case ok:
		return []string{"ended"}
	}
	return []string{"no session"}
}

// near is for how long after something was said to one person alone the prompt says
// that a plain line is public.
const near = 5 * time.Minute

// aloneIsNear reports whether one may take a plain line for one to a single person.
func (a *App) aloneIsNear() bool {
	return a.private.Near() || !a.alone.at.IsZero() && a.now().Sub(a.alone.at) < near
}

// cmdPrivate says one thing in a private session, or makes that what plain lines do,
// or leaves it.
func (a *App) cmdPrivate(arg string) {
	name, text := command.CutWord(arg)
	switch err := protocol.CheckName(name); {
	case name == "" && !a.to.Alone():
		a.tellAim(timeline.Error, "/private NAME TEXT says something to one alone; /peers lists to whom you can.",
			" What you type is for everybody"+inRoom(a.to)+"; /private NAME makes it for one alone.")
	case name == "":
		a.cmdLobby("")
	case err != nil && text != "":
		a.refuse(text, err.Text+" Type /private NAME TEXT.")
	case err != nil:
		a.enterNobody(timeline.Private, err.Text)
	case a.isSelf(name) && text == "":
		a.enterNobody(timeline.Private, "That is you.")
	case text != "":
		a.sayPrivate(name, text)
	default:
		a.enterPrivate(name)
	}
}

// enterPrivate makes plain lines private ones, also where there is no session: what is
// typed ahead for one person alone must not go to everybody.
func (a *App) enterPrivate(name string) {
	p, ok := a.private.Peer(name)
	if !ok || p.State == p2p.Closed {
		a.aim(toOne(timeline.Private, name))
		words := fmt.Sprintf("There is no private session with %s. Ask for one: /startprivate %s.", a.toldApart(name), name)
		a.tellAim(timeline.Error, words, "\nWhat you type now is sent to nobody. /lobby goes back to everybody.")
		return
	}
	a.enter(toOne(timeline.Private, p.Name))
}

// sayPrivate says something to a peer. It reaches nobody else: what cannot be
// said there is not said.
func (a *App) sayPrivate(name, text string) {
	text = strings.TrimRight(text, "\r\n")
	why, hint := "You are leaving.", ""
	if !a.leaving {
		why = a.private.Say(name, text)
		if a.linesTo().Alone() {
			hint = " /lobby goes back to everybody."
		}
	}
	if why != "" {
		a.refuse(text, why, hint)
		return
	}
	a.active()
	a.alone.at = a.now()
}
