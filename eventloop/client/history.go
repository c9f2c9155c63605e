package client

import (
	"parley/eventloop/client/rooms"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// maxOldShown is how many messages of one history are shown: some servers send
// everything that was ever said.
const maxOldShown = 200

// older is what of a history is to be shown when all of it is there: the newest
// messages, and how many there were before them.
type older struct {
	begun   bool // something of it has come
	wanted  bool // it is to be shown
	entries []timeline.Entry
	left    int
}

func (o *older) add(e timeline.Entry) {
	e.Cut() // they may wait
	o.entries = append(o.entries, e)
	if len(o.entries) >= 2*maxOldShown {
		o.trim()
	}
}

func (o *older) trim() {
	if n := len(o.entries) - maxOldShown; n > 0 {
		o.entries = append([]timeline.Entry(nil), o.entries[n:]...)
		o.left += n
	}
}

// history shows what was said before in a room, as far as it was not shown yet. What comes
// in several responses is shown when all is there.
func (a *App) history(r protocol.Response) {
	room := ""
	if r.Data != nil && !rooms.IsLobby(r.Data.Room) {
		room = r.Data.Room
	}
	if !a.older.begun {
		// A pipe gets what is said from its first login on, and in a room from when it came.
		a.older.begun = true
		a.older.wanted = a.cfg.Mode == Interactive || a.login.Last() != "" && (room == "" || a.seen.Knows(room))
	}
	for _, m := range r.History {
		m = named(m, room)
		m.Sender = speaker(m.Sender)
		a.met(sanitizeLine(m.Sender))
		if a.seen.Has(m, true) || a.dialect == extended && a.queue.Echo(m) {
			a.refresh(m)
			continue
		}
		a.seen.AddOld(m)
		if !a.isUnclear(m) {
			a.older.add(a.saidBefore(m))
		}
	}
	if r.Data != nil && r.Data.More {
		return
	}
	if room == "" {
		a.seen.HistoryEnded()
	}
	a.older.trim()
	old := a.older
	a.older = older{}
	if old.wanted {
		a.showOld(old)
	}
	if room == "" {
		a.login.Hint()
	}
}

// named returns a message that names its room as the others do: that of what it came with,
// if it names none, and "" in the lobby.
func named(m protocol.Response, room string) protocol.Response {
	switch {
	case m.Data == nil && room == "":
	case m.Data == nil:
		m.Data = &protocol.Data{Room: room}
	default:
		data := *m.Data
		if rooms.IsLobby(data.Room) {
			data.Room = room
		}
		m.Data = &data
	}
	return m
}

// saidBefore is a message of the history as an entry. If it is known how far its room was
// read, what is behind that is new.
func (a *App) saidBefore(m protocol.Response) timeline.Entry {
	e := a.saidBy(m, true)
	if read := a.reading.upTo[e.In]; read > 0 && e.Number > read && !e.Own {
		e.Old, e.Missed = false, true
	}
	return e
}

func (a *App) showOld(old older) {
	if old.left > 0 {
		a.tell(timeline.Notice, "%d older messages are not shown.", old.left)
	}
	begun := false
	for _, e := range old.entries {
		if isNew(e) && !begun {
			begun = true
			a.markMissed()
			a.add(timeline.Entry{Kind: timeline.Gap, In: e.In, Room: e.Room, Held: e.Held})
		}
		a.add(e)
	}
}
