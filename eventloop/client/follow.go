package client

import (
	"strings"
	"time"

	"parley/eventloop/client/rooms"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

const (
	namesVerb = "names"
	ownerRole = "owner" // of who has made a room
)

// namesPause is how old a list of who is in a room must be to be asked for once more when
// somebody looks at it: who has gone away since is told to nobody.
const namesPause = time.Minute

// noteWho notes who is there and what one is oneself, of what an extended server tells.
func (a *App) noteWho(r protocol.Response) {
	d := r.Data
	switch d.Event {
	case protocol.EventNames:
		if verb, _, _ := strings.Cut(r.Ref, "-"); verb == namesVerb {
			a.roster.Listed(d.Room, d.Names, d.Away, d.More)
		}
	case protocol.EventJoined, protocol.EventCreated:
		a.roster.Listed(d.Room, d.Names, d.Away, d.More)
	case protocol.EventPresence:
		a.notePresence(d)
	case protocol.EventAway:
		a.roster.IsAway(a.login.Name(), true, d.Text)
	case protocol.EventBack:
		a.roster.IsAway(a.login.Name(), false, "")
	case protocol.EventDelivered:
		a.roster.IsAway(d.To, d.State == protocol.StateAway, d.Text)
	case protocol.EventWhois:
		a.noteWhois(d)
	case protocol.EventLeft:
		a.roster.Out(d.Room)
	case protocol.EventRegistered:
		a.account = true
	case protocol.EventRole:
		if a.isSelf(d.Name) && d.Order != nil {
			a.roles[toRoom(d.Room).Conversation] = strings.TrimSuffix(d.Order.Role, protocol.NoRole)
		}
	}
	if d.Event == protocol.EventCreated {
		a.roles[toRoom(d.Room).Conversation] = ownerRole
	}
}

// noteLikes notes whose names can be taken for another one's. With what names a person a
// server tells that each time, but of no more than so many at once.
func (a *App) noteLikes(r protocol.Response) {
	for _, m := range r.History {
		a.noteLikes(m)
	}
	if r.Data == nil {
		return
	}
	for name := range r.People() {
		if r.Data.Likes[name] == "" && len(r.Data.Likes) < protocol.MaxLikes {
			a.roster.IsLike(name, "")
		}
	}
	for name, like := range r.Data.Likes {
		a.roster.IsLike(name, like)
	}
}

// toldApart is the name of another one in a sentence, with whose it is not where it can be
// taken for that. All sentences about people have it; commands in them have the bare name.
func (a *App) toldApart(name string) string { return view.ToldApart(name, a.roster.Like(name)) }

func (a *App) notePresence(d *protocol.Data) {
	switch d.State {
	case protocol.StateOnline:
		a.roster.Came(d.Name)
	case protocol.StateJoined:
		a.roster.CameIn(d.Name, d.Room)
	case protocol.StateLeft:
		a.roster.LeftRoom(d.Name, d.Room)
	case protocol.StateOffline, protocol.StateLost, protocol.StateTimedOut:
		a.roster.Left(d.Name)
	}
}

func (a *App) noteWhois(d *protocol.Data) {
	switch d.State {
	case protocol.StateOffline:
		a.roster.Left(d.Name)
	case protocol.StateAway, protocol.StateOnline:
		a.roster.IsAway(d.Name, d.State == protocol.StateAway, d.Text)
	}
}

// forgetWho forgets who is there: the connection is another one.
func (a *App) forgetWho() {
	a.roster.Forget()
	clear(a.namesAt)
	clear(a.namesRefs)
}

// askNames asks who is in a room, or on the server, if that is not known well and somebody
// follows the chat. The answer is shown to nobody.
func (a *App) askNames(in timeline.Conversation) {
	if a.cfg.Watch == nil || a.dialect != extended || a.phase != loggedIn || a.logoutQueued {
		return
	}
	room := protocol.Lobby
	if in.Place == timeline.Room {
		room = in.Name
	}
	if at, ok := a.namesAt[room]; ok && a.now().Sub(at) < namesPause {
		return
	}
	r := sending.Request{Verb: namesVerb, Ref: a.queue.Ref(namesVerb)}
	if !rooms.IsLobby(room) {
		r.Content = room
	}
	a.namesAt[room] = a.now()
	a.namesRefs[r.Ref] = true
	a.enqueue(r)
}

// namesAnswered reports whether r answers askNames.
func (a *App) namesAnswered(r protocol.Response) bool {
	if !a.namesRefs[r.Ref] {
		return false
	}
	if r.Data == nil || !r.Data.More {
		delete(a.namesRefs, r.Ref)
	}
	return true
}
