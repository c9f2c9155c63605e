package client

import (
	"strconv"
	"strings"

	"parley/eventloop/client/command"
	"parley/eventloop/client/rooms"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// cmdJoin goes into a room, perhaps with a key. What is typed from now on is for it: it
// waits for the answer, and is sent to nobody if that is a refusal.
func (a *App) cmdJoin(arg string) { a.goInto(joinVerb, arg) }

// cmdCreate makes a room and goes into it.
func (a *App) cmdCreate(arg string) { a.goInto(createVerb, arg) }

func (a *App) goInto(verb, arg string) {
	name, _ := command.CutWord(arg)
	room, in := a.rooms.In(name)
	switch err := protocol.CheckRoom(name); {
	case err != nil:
		a.enterNobody(timeline.Room, err.Text+" Type /"+verb+" ROOM.")
	case in && verb == joinVerb && a.phase < loggedIn:
		a.turnTo(toRoom(room.Name))
	case rooms.IsLobby(name) && verb == joinVerb:
		a.cmdLobby("")
	case a.join(rooms.Request{Room: name, Makes: verb == createVerb}, verb, arg):
		a.aim(toRoom(name))
	default: // it was said why
		a.enterNobody(timeline.Room, "So you are not in "+name+".")
	}
}

// cmdLeave leaves a room: that of a name, or the one that plain lines are for.
func (a *App) cmdLeave(name string) {
	if name == "" {
		name = a.to.name
		switch {
		case a.moved():
			a.tellMoved()
			return
		case a.to == toLobby:
			a.tell(timeline.Error, "Nobody leaves the lobby. /quit ends the chat.")
			return
		case a.to.Place != timeline.Room:
			a.tellAim(timeline.Error, "There is no room here. /leave ROOM leaves one.", " What you type is for "+a.calledIn(a.to)+"; /lobby goes back to everybody.")
			return
		case a.to.isNobody():
			a.tellAim(timeline.Error, "You are in no room but the lobby.", " /lobby goes there.")
			return
		}
	}
	switch err := protocol.CheckRoom(name); {
	case err != nil:
		a.tell(timeline.Error, "%s Type /leave ROOM.", err.Text)
	case rooms.IsLobby(name):
		a.tell(timeline.Error, "Nobody leaves the lobby. /quit ends the chat.")
	default:
		a.join(rooms.Request{Room: name, Leaves: true}, leaveVerb, name)
	}
}

// cmdTopic tells what the room is about that plain lines are for, or changes it.
func (a *App) cmdTopic(text string) {
	if room, ok := a.herePublic("topic"); ok {
		fields := map[string]string{"room": room}
		if text != "" {
			fields["text"] = text
		}
		a.askFor(sending.Request{Verb: "topic", Fields: fields})
	}
}

// cmdInvite invites a person to a room: that of a name, or the one that plain lines are for.
func (a *App) cmdInvite(arg string) {
	name, room := command.CutWord(arg)
	if room == "" {
		var ok bool
		if room, ok = a.herePublic("invite NAME ROOM"); !ok {
			return
		}
	}
	a.ask("invite", name+" "+room)
}

// herePublic returns the room that plain lines are for. For one person alone or for nobody
// they are for none, and that is said.
func (a *App) herePublic(command string) (room string, ok bool) {
	switch {
	case a.moved():
		a.tellMoved()
	case a.to == toLobby:
		return protocol.Lobby, true
	case a.to.Place == timeline.Room && !a.to.isNobody():
		return a.to.name, true
	case command == "topic":
		a.tellAim(timeline.Error, "Only rooms have a topic. Go into the room first: /room ROOM.", " What you type is for "+a.calledIn(a.to)+".")
	default:
		a.tellAim(timeline.Error, "Name the room: /"+command+".", " What you type is for "+a.calledIn(a.to)+".")
	}
	return "", false
}

// cmdRoom turns to a conversation, by its name or its number, or says something in a room.
func (a *App) cmdRoom(arg string) {
	name, text := command.CutWord(arg)
	if name == "" {
		a.listConversations("What there is, with its numbers:", byIndex)
		return
	}
	to, err := a.roomNamed(name, text != "")
	switch {
	case err != "" && text != "":
		a.refuse(text, err)
	case err != "":
		a.enterNobody(timeline.Room, err)
	case text != "":
		a.sayTo(to, text)
	default:
		a.turnTo(to)
	}
}

// roomNamed returns the room in which one is of that name or, unless something is to be
// said there, the conversation of that number. err says why there is none.
func (a *App) roomNamed(name string, saying bool) (to recipient, err string) {
	room, in := a.rooms.In(name)
	n, notNumber := strconv.Atoi(name)
	switch {
	case in:
		return toRoom(room.Name), ""
	case rooms.IsLobby(name):
		return toLobby, ""
	case a.mayUse(name):
		return toRoom(name), ""
	case notNumber == nil && saying:
		return to, "To say something in a room, type its name: /room ROOM TEXT."
	case notNumber == nil:
		return a.numbered(n)
	case protocol.CheckRoom(name) != nil:
		return to, protocol.CheckRoom(name).Text + " Type /room ROOM."
	}
	return to, notInRoom(name)
}

// numbered returns the conversation of a number.
func (a *App) numbered(n int) (to recipient, err string) {
	for _, s := range a.timeline.Conversations() {
		if s.Index != n || n <= 0 {
			continue
		}
		to := recipient{s.In, s.Name}
		if _, in := a.rooms.In(s.Name); s.In.Place == timeline.Room && !in {
			return to, notInRoom(s.Name)
		}
		if s.In.Alone() && protocol.CheckName(s.Name) != nil {
			break
		}
		return to, ""
	}
	return to, "There is no conversation " + strconv.Itoa(n) + ". /room lists them."
}

// cmdHold holds lines of other rooms back, or shows them.
func (a *App) cmdHold(arg string) {
	switch strings.ToLower(arg) {
	case "on":
		a.hold = true
	case "off":
		a.hold = false
	}
	if a.cfg.Mode != Interactive {
		a.hold = false
		a.tell(timeline.Error, "Lines are held back only where a person can look at them later, at a terminal.")
		return
	}
	if a.hold {
		a.tellWithHint(timeline.Notice, "Lines of other rooms are held back and counted.", " The prompt has how many; /room ROOM shows them, /hold off all that come from now on.")
		return
	}
	a.tellWithHint(timeline.Notice, "Lines of other rooms are shown, each with its room.", " /hold on holds them back and counts them.")
}

// cmdMsg says something in the room where one is.
func (a *App) cmdMsg(text string) {
	switch {
	case a.moved():
		a.refuseMoved(text)
	case a.to.Place == timeline.Room:
		a.sayTo(a.to, text)
	case a.to.Alone() && a.home != toLobby:
		a.refuse(text, "You are speaking to "+a.calledIn(a.to)+". Name the room: "+a.home.typed("TEXT")+", or /room lobby TEXT.")
	default:
		a.sayTo(toLobby, text)
	}
}
