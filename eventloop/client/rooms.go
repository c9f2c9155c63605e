package client

import (
	"fmt"
	"strings"

	"parley/eventloop/client/rooms"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const (
	joinVerb   = "join"
	createVerb = "create"
	leaveVerb  = "leave"
)

// noRooms is why one is in no room but the lobby on a server of the standard.
const noRooms = "This server has no rooms but the lobby: it speaks the standard protocol only."

// loginRooms notes in which rooms one is, as the answer to a login says; d is nil from a
// plain server.
func (a *App) loginRooms(d *protocol.Data) {
	a.marked = false
	if a.reading.loggedIn(a.dialect == extended && d.State == protocol.StateAccount, a.login.Name(), a.seen.Log()) {
		a.timeline.ForgetNumbers()
	}
	if a.dialect != extended {
		a.rooms.LoggedIn(nil)
		return
	}
	gone := a.rooms.LoggedIn(d.Rooms)
	a.gone = nil
	if a.returning && strings.EqualFold(a.login.Name(), a.login.Last()) {
		a.gone = gone
	}
	a.reading.told(lobby, d.Read)
	for _, room := range d.Rooms {
		a.openRoom(room)
	}
	a.roomsChanged()
}

// openRoom has a room in which one is be there as a conversation.
func (a *App) openRoom(room protocol.Room) {
	if room, ok := a.rooms.In(room.Name); ok {
		in := toRoom(room.Name)
		a.timeline.Open(in.Conversation, room.Name)
		a.reading.told(in.Conversation, room.Read)
	}
}

// roomsChanged lets be sent, or gives up, what is for rooms into which one has come, or of
// which one is out.
func (a *App) roomsChanged() {
	a.cfg.Completion.LearnRooms(a.rooms.Names())
}

// settleInRoom sees after a login whether one is in the room that plain lines are for, and
// tells of others in which one was before.
func (a *App) settleInRoom() {
	name := a.to.name
	for _, room := range a.gone {
		if a.to.Conversation != toRoom(room).Conversation {
			a.tellWithHint(timeline.Notice, notIn(room), joinHint(room))
		}
	}
	a.gone = nil
	switch _, in := a.rooms.In(name); {
	case a.to.Place != timeline.Room || a.to.isNobody() || in || a.rooms.Joining(name):
	case a.dialect == extended && rooms.Same(name, a.cfg.Room):
		a.join(rooms.Request{Room: a.cfg.Room, Quiet: true}, joinVerb, a.cfg.Room)
	case a.dialect != extended:
		a.noRoom(noRooms)
	default:
		a.noRoom(notInRoom(name))
	}
}

// noRoom has plain lines go to nobody: the room that they are for cannot be used. A pipe
// whose lines were to go there ends.
func (a *App) noRoom(why string) {
	if a.cfg.Mode != Interactive && rooms.Same(a.to.name, a.cfg.Room) {
		a.end(failure(Refused, "Not in the room %s: %s", a.cfg.Room, why))
		return
	}
	a.enterNobody(timeline.Room, why)
}

func notIn(name string) string { return "You are not in " + name + "." }

func joinHint(name string) string { return " /join " + name + " goes there." }

// notInRoom is why something cannot be done with a room, and what helps.
func notInRoom(name string) string { return notIn(name) + joinHint(name) }

// mayUse reports whether a text for a room can be taken: one is there, or on the way. What
// a pipe says before its login is seen then.
func (a *App) mayUse(name string) bool {
	_, in := a.rooms.In(name)
	return in || a.rooms.Joining(name) || rooms.Same(name, a.cfg.Room) && a.phase < loggedIn ||
		a.cfg.Mode != Interactive && a.phase < loggedIn
}

// Room tells what a text for a room has to do.
func (d sendDoor) Room(name string) sending.Room {
	a := d.app
	switch _, in := a.rooms.In(name); {
	case a.dialect != extended:
		return sending.RoomClosed
	case a.rooms.Making(name): // what is typed for the new one is not for one that is there already
		return sending.RoomAwaited
	case in:
		return sending.RoomOpen
	case a.rooms.Joining(name):
		return sending.RoomAwaited
	}
	return sending.RoomClosed
}

// join asks the server for something of a room. It reports whether that could be asked.
func (a *App) join(q rooms.Request, verb, content string) bool {
	if !a.ask(verb, content) {
		return false
	}
	q.Ref = a.queue.LastRef(verb)
	a.rooms.Ask(q)
	return true
}

// cameIn handles that one is in a room: one has asked for it here or in another session.
func (a *App) cameIn(r protocol.Response) (done bool) {
	d := r.Data
	room := protocol.Room{Name: d.Room}
	if len(d.Rooms) > 0 && rooms.Same(d.Rooms[0].Name, d.Room) {
		room = d.Rooms[0]
	}
	room.Topic, room.Read = d.Topic, max(room.Read, d.Read)
	asked, mine := a.rooms.Answered(r.Ref)
	if rooms.IsLobby(d.Room) || !a.rooms.Join(room) {
		a.stillOut(asked)
		return false
	}
	a.openRoom(room)
	a.roomsChanged()
	here := mine && a.to.Conversation == toRoom(d.Room).Conversation
	if here {
		a.to = toRoom(room.Name)
	}
	a.refreshStatus()
	a.tellJoined(r, room, asked, here)
	a.stillOut(asked)
	a.releaseRooms()
	return true
}

// stillOut has lines go to nobody that were for the room of a request, if the answer has
// led somewhere else.
func (a *App) stillOut(asked rooms.Request) {
	_, in := a.rooms.In(asked.Room)
	if asked.Ref != "" && !in && a.to.Conversation == toRoom(asked.Room).Conversation {
		a.noRoom(notIn(asked.Room))
		a.releaseRooms()
	}
}

// tellJoined says that one is in a room, what it is about, and who is there.
func (a *App) tellJoined(r protocol.Response, room protocol.Room, asked rooms.Request, here bool) {
	switch {
	case asked.Quiet && a.cfg.Mode != Interactive:
		return
	case a.cfg.Mode != Interactive || asked.Ref == "":
		a.showWords(r)
		return
	case here:
		a.tellWithHint(timeline.Notice, "You are in "+room.Name+".", " What you type is said there.")
	default:
		a.tellWithHint(timeline.Notice, "You are in "+room.Name+", too.", " /room "+room.Name+" goes there.")
	}
	about := func(words string) {
		r.Content = words
		a.showWords(r)
	}
	if room.Topic != "" {
		about("Topic: " + room.Topic)
	}
	if room.Forwarded {
		about("What is said here goes to other programs, too.")
	}
	if n := len(r.Data.Names); n > 0 {
		r.Content = fmt.Sprintf("Here (%d): %s", n, peopleIn(r.Data))
		a.showWords(r)
	}
}

// releaseRooms sends what waited for a room, and gives back what is for one in which one
// is not any more.
func (a *App) releaseRooms() {
	if a.phase == loggedIn && !a.logoutQueued {
		a.queue.Release()
		a.flush()
	}
}

// left handles that one is not in a room any more.
func (a *App) left(r protocol.Response) {
	_, mine := a.rooms.Answered(r.Ref)
	name := r.Data.Room
	was := a.to
	a.rooms.Leave(name)
	a.roomsChanged()
	if !mine || a.cfg.Mode != Interactive {
		a.showWords(r)
	}
	switch {
	case was.Conversation != toRoom(name).Conversation || was == toLobby:
		if mine && a.cfg.Mode == Interactive {
			a.tell(timeline.Notice, "You have left %s.", name)
		}
	case mine:
		a.aim(a.roomBefore())
		a.tellWithHint(timeline.Notice, "You have left "+was.name+".", " What you type is said in "+a.calledIn(a.to)+".")
	default:
		a.noRoom("You are not in " + was.name + " any more.")
	}
	a.releaseRooms()
}

// roomBefore is where plain lines go after one has left a room: into the one into which one
// came last.
func (a *App) roomBefore() recipient {
	if room, ok := a.rooms.Last(); ok {
		return toRoom(room.Name)
	}
	return toLobby
}

// outOfRoom handles that the server has refused a text since one is not in its room.
func (a *App) outOfRoom(name string) {
	if !a.rooms.Leave(name) {
		return
	}
	a.roster.Out(name)
	a.roomsChanged()
	if a.to.Conversation == toRoom(name).Conversation {
		a.noRoom("You are not in " + name + " any more.")
	}
	a.releaseRooms()
}

// roomRefused handles that the server did not do what it was asked of a room. It reports
// whether r says that.
func (a *App) roomRefused(r protocol.Response) bool {
	asked, ok := a.rooms.Answered(r.Ref)
	if !ok {
		return false
	}
	if !asked.Quiet {
		a.showWords(r)
	}
	_, in := a.rooms.In(asked.Room)
	gone := asked.Leaves && r.Data != nil && (r.Data.Code == protocol.NotInRoom || r.Data.Code == protocol.UnknownRoom)
	switch here := a.to.Conversation == toRoom(asked.Room).Conversation; {
	case gone:
		a.outOfRoom(asked.Room)
	case in && asked.Makes:
		a.notMade(asked.Room)
	case in || asked.Leaves:
	case here && asked.Quiet:
		a.noRoom(r.Content)
	case here:
		a.enterNobody(timeline.Room)
	}
	a.releaseRooms()
	return true
}

// notMade gives up what was typed for a room that was to be made, while one is in another
// of that name.
func (a *App) notMade(name string) {
	if a.to.Conversation == toRoom(name).Conversation {
		a.enterNobody(timeline.Room)
	}
	a.queue.GiveUp(name)
}

// roomsLost gives up what was asked of rooms on a connection that is lost.
func (a *App) roomsLost() {
	for _, q := range a.rooms.Lost(a.queue.Waits) {
		switch _, in := a.rooms.In(q.Room); {
		case in && q.Makes:
			a.notMade(q.Room)
		case q.Leaves || in || q.Quiet || a.to.Conversation != toRoom(q.Room).Conversation:
		default:
			a.enterNobody(timeline.Room, "Whether you are in "+q.Room+" is not known: the connection was lost.")
		}
	}
}

// roomNotes say what is to be known of the room that plain lines are for.
func (a *App) roomNotes(name string) []string {
	switch _, in := a.rooms.In(name); {
	case a.phase < loggedIn:
	case a.rooms.Leaving(name):
		return []string{"leaving"}
	case !in && a.rooms.Joining(name) || a.rooms.Making(name):
		return []string{"joining"}
	case !in:
		return []string{"not in it"}
	}
	return nil
}

// inRoom ends a sentence about everybody, which in a room is who is there.
func inRoom(to recipient) string {
	if to.Place != timeline.Room || to.isNobody() {
		return ""
	}
	return " in " + to.name
}

// aboutRoom returns the room, which is not the lobby, that words of the server are about
// that belong into its conversation; "" of none.
func aboutRoom(r protocol.Response) string {
	d := r.Data
	if r.Kind != protocol.KindInfo || d == nil || rooms.IsLobby(d.Room) || protocol.CheckRoom(d.Room) != nil {
		return ""
	}
	switch d.Event {
	case protocol.EventPresence, protocol.EventTopic, protocol.EventForwarded, protocol.EventNames, protocol.EventJoined, protocol.EventCreated:
		return d.Room
	}
	return ""
}
