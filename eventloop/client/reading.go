package client

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const readVerb = "read"

// readPause is how long what was read waits to be told to the server: somebody who talks
// reads on all the time.
const readPause = 5 * time.Second

// A reading is what a server knows of how far one has read, which it keeps for accounts.
type reading struct {
	keeps bool
	whose string                           // name and log of what follows
	upTo  map[timeline.Conversation]uint64 // numbers of that log
}

// loggedIn notes a login of somebody at the log of that name. It reports whether that was
// another one before.
func (r *reading) loggedIn(keeps bool, name, log string) (other bool) {
	r.keeps = keeps
	whose := strings.ToLower(name) + " " + log
	if whose == r.whose && r.upTo != nil {
		return false
	}
	r.whose, r.upTo = whose, make(map[timeline.Conversation]uint64)
	return true
}

// told notes that the server knows how far a conversation was read.
func (r *reading) told(c timeline.Conversation, upTo uint64) { r.upTo[c] = max(r.upTo[c], upTo) }

// readSoon has the server told how far one has read, if it does not know.
func (a *App) readSoon() {
	if a.reading.keeps && a.alarms[alarmRead].IsZero() && len(a.newlyRead()) > 0 {
		a.set(alarmRead, readPause)
	}
}

// newlyRead returns the conversations of which the server does not know how far one has
// read.
func (a *App) newlyRead() []timeline.Summary {
	return slices.DeleteFunc(a.timeline.Conversations(), func(s timeline.Summary) bool {
		_, in := a.rooms.In(s.Name)
		return s.In.Place == timeline.Status || s.In.Place == timeline.Private || s.In.Place == timeline.Room && !in ||
			s.In.Alone() && protocol.CheckName(s.Name) != nil || s.Read <= a.reading.upTo[s.In]
	})
}

// tellRead tells the server how far one has read.
func (a *App) tellRead() {
	a.clear(alarmRead)
	if !a.reading.keeps || a.phase != loggedIn || a.logoutQueued {
		return
	}
	for _, s := range a.newlyRead() {
		a.reading.told(s.In, s.Read)
		fields := map[string]string{"id": fmt.Sprint(s.Read)}
		switch s.In.Place {
		case timeline.Lobby:
			fields["room"] = protocol.Lobby
		case timeline.Room:
			fields["room"] = s.Name
		default:
			fields["name"] = s.Name
		}
		a.enqueue(sending.Request{Verb: readVerb, Fields: fields, Ref: a.queue.Ref(readVerb)})
	}
}

// readElsewhere handles that the server knows how far one has read: it was told here, or
// in another session.
func (a *App) readElsewhere(d *protocol.Data) {
	c := toRoom(d.Room).Conversation
	if d.Name != "" {
		c = timeline.With(timeline.Direct, d.Name)
	}
	a.reading.told(c, max(d.ID, d.Read))
	a.timeline.ReadNumber(c, max(d.ID, d.Read))
}
