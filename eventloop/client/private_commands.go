package client

import (
	"cmp"
	"strings"

	"parley/eventloop/client/command"
	"parley/eventloop/client/timeline"
	"parley/p2p"
	"parley/protocol"
)

// noPrivate says why there are no private sessions, "" if there are.
func (a *App) noPrivate() string {
	switch {
	case a.private.sessions != nil:
		return ""
	case a.cfg.Mode != Interactive:
		return "Private sessions take a person at a terminal."
	case a.cfg.Plain:
		return "There are no private sessions with --plain."
	}
	return "There are no private sessions in this chat."
}

// tried shows why something could not be done. Of a changed key the notice has
// told already.
func (a *App) tried(err error) bool {
	if err != nil && !a.private.warned {
		a.tell(timeline.Error, "%s", sanitizeLine(err.Error()))
	}
	return err == nil
}

// oneName returns the name that is all of arg. If it is more or none, that is
// said, and "" returned.
func (a *App) oneName(command, arg string) string {
	if err := protocol.CheckName(arg); err != nil {
		a.tell(timeline.Error, "%s Type /%s NAME.", err.Text, command)
		return ""
	}
	return arg
}

// withName returns what runs a command that does one thing with one name.
func withName(command string, do func(a *App, name string)) func(*App, string) {
	return func(a *App, arg string) {
		if name := a.oneName(command, arg); name != "" {
			do(a, name)
		}
	}
}

// asksServer reports whether the server can be asked now. After a logout for doing
// nothing it is connected to again, and one has to ask once more.
func (a *App) asksServer() bool {
	if !a.comeBack() {
		return true
	}
	a.tell(timeline.Notice, "You were logged out. Connecting again; ask once more in a moment.")
	return false
}

func (a *App) startPrivate(name string) {
	if a.asksServer() {
		a.tried(a.private.sessions.Start(name, a.now()))
	}
}

func (a *App) acceptPrivate(name string) {
	if a.asksServer() {
		a.tried(a.private.sessions.Accept(name, a.now()))
	}
}

func (a *App) declinePrivate(name string) {
	if a.tried(a.private.sessions.Decline(name, a.now())) {
		a.tell(timeline.Notice, "You have declined. /block %s keeps %s from asking again.", name, name)
	}
}

func (a *App) stopPrivate(name string) {
	p, _ := a.private.sessions.Lookup(name)
	if a.tried(a.private.sessions.Stop(name, a.now())) && p.State == p2p.Asked {
		a.tell(timeline.Notice, "You have declined.")
	}
}

// endBlocked ends the private session with somebody who was blocked: nothing more of
// them is to be heard.
func (a *App) endBlocked(name string) {
	if p, ok := a.peer(name); ok && p.State != p2p.Closed {
		_ = a.private.sessions.Stop(p.Name, a.now()) // which tells that it is over
	}
}

func (a *App) trustKey(name string) {
	a.tried(a.private.sessions.Trust(name, a.now()))
}

// cmdPrivate says one thing in a private session, or makes it the target of all
// plain lines, or leaves it.
func (a *App) cmdPrivate(arg string) {
	name, text := command.CutWord(arg)
	switch {
	case name != "" && protocol.CheckName(name) != nil:
		a.tell(timeline.Error, "%s Type /private NAME TEXT.", protocol.CheckName(name).Text)
	case text != "":
		a.sayPrivate(name, text)
	case name != "":
		a.enterPrivate(name)
	case a.to == toLobby:
		a.tell(timeline.Error, "What you type is for everybody. /private NAME makes it for one person alone; /peers lists with whom you can.")
	default:
		a.cmdLobby("")
	}
}

// enterPrivate makes plain lines private ones, also where there is no session: what is
// typed ahead for one person alone must not go to everybody.
func (a *App) enterPrivate(name string) {
	p, ok := a.peer(name)
	if !ok || p.State == p2p.Closed {
		a.to = toOne(timeline.Private, name)
		a.tell(timeline.Error, "There is no private session with %s. Ask for one: /startprivate %s.\nWhat you type now is sent to nobody. /lobby goes back to everybody.", name, name)
		return
	}
	a.enter(toOne(timeline.Private, p.Name))
}

// sayPrivate says something to a peer. It reaches nobody else: what cannot be
// said there is not said.
func (a *App) sayPrivate(name, body string) {
	body = strings.TrimRight(body, "\r\n")
	why := ""
	if a.leaving {
		why = "You are leaving."
	} else if err := a.private.sessions.Say(name, body, a.now()); err != nil {
		why = sanitizeLine(err.Error())
		if a.to != toLobby {
			why += " /lobby goes back to everybody."
		}
	}
	if why != "" {
		a.refuse(body, why)
		return
	}
	a.active()
	a.alone.at = a.now()
	p, _ := a.peer(name)
	e := timeline.Entry{
		In: timeline.With(timeline.Private, p.Name), Sender: cmp.Or(a.login.Name(), a.login.Last()), To: p.Name, Own: true, Text: body,
		State: timeline.Sent, Path: pathOf(p.Path), Verified: p.Verified,
	}
	if p.State != p2p.Open {
		e.State = timeline.Typed
	}
	id, key := a.add(e), e.In.Name
	if e.State == timeline.Typed {
		a.private.waiting[key] = append(a.private.waiting[key], id)
	}
}

func (a *App) cmdPeers(string) {
	rows := a.private.sessions.Peers()
	if len(rows) == 0 {
		a.tell(timeline.Notice, "There are no private sessions. /startprivate NAME asks for one.")
		return
	}
	a.tell(timeline.Notice, "%s", peerTable(rows, a.now()))
}

// cmdVerify shows the words of a session, or notes that they are the same on
// both sides.
func (a *App) cmdVerify(arg string) {
	name, answer := command.CutWord(arg)
	switch {
	case a.oneName("verify", name) == "":
	case answer == "":
		if words, err := a.private.sessions.Words(name); a.tried(err) {
			a.tell(timeline.Notice, "These words must be the same on %s's screen, with /verify %s there:\n%s\nCompare them in another way than by this chat: by voice or face to face.\nIf they are the same: /verify %s yes\nIf not, somebody is in between: end it with /stopprivate %s.",
				name, cmp.Or(a.login.Name(), a.login.Last()), strings.Join(words, " "), name, name)
		}
	case strings.EqualFold(answer, "yes"):
		a.tried(a.private.sessions.Verify(name, a.now()))
	default:
		a.tell(timeline.Error, "/verify %s shows the words; /verify %s yes says that they are the same on both sides.", name, name)
	}
}
