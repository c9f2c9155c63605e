package client

import (
	"fmt"
	"strings"

	"parley/eventloop/client/names"
	"parley/eventloop/client/seen"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
	"parley/protocol/printable"
)

// A View shows what the App tells. Its methods are called by the goroutine of Run.
type View interface {
	// Changed is called when an entry was added to the timeline or has changed.
	Changed(timeline.Change)
	// Received is called with each response of the server, as it came, and what is known
	// beside it.
	Received(frame []byte, known view.Known)
	// Status is called when something else may be seen of the chat: whom a line goes
	// to, what is asked.
	Status(view.Status)
	// Look shows the last entries of a conversation again.
	Look(view.Look)
	// Expand shows an entry whole, from the given page on; 1 is the first.
	Expand(e timeline.Entry, page int)
	// Clear shows nothing of what was shown before.
	Clear()
}

// tell adds the client's own words.
func (a *App) tell(kind timeline.Kind, format string, args ...any) {
	a.add(timeline.Entry{Kind: kind, Text: fmt.Sprintf(format, args...)})
}

// tellWithHint tells words with a hint for who types lines, see [timeline.Entry].
func (a *App) tellWithHint(kind timeline.Kind, words, hint string) {
	a.add(timeline.Entry{Kind: kind, Text: words, Hint: hint})
}

func (a *App) add(e timeline.Entry) timeline.ID {
	e.Came = a.now()
	e.Re = a.quoted(e.Re)
	e.Like = a.likeOf(e)
	e.Answered = a.asking != nil && a.asking.shows && e.Kind == timeline.Error
	id := a.timeline.Add(e)
	if a.asking != nil {
		a.asking.added = append(a.asking.added, id)
	}
	return id
}

// likeOf returns whose name that of the other one of an entry can be taken for.
func (a *App) likeOf(e timeline.Entry) string {
	switch {
	case !e.Own:
		return a.roster.Like(e.Sender)
	case e.To != "":
		return a.roster.Like(e.To)
	}
	return ""
}

// lobby is where everybody hears what is said.
var lobby = timeline.Conversation{Place: timeline.Lobby}

// addText adds a text that was just typed, which the server is to pass on.
func (a *App) addText(where sending.Where, text string, sent bool) timeline.ID {
	e := timeline.Entry{In: lobby, Sender: a.login.Name(), To: where.To, Own: true, Text: text, State: timeline.Typed, Re: timeline.Quote{Number: where.Re}}
	if sent {
		e.State = timeline.Sent
	}
	if where.To != "" {
		e.In = timeline.With(timeline.Direct, where.To)
		a.alone.at = a.now()
	} else {
		a.place(&e, where.Room)
	}
	return a.add(e)
}

// place puts an entry into the conversation of a room; "" is the lobby.
func (a *App) place(e *timeline.Entry, room string) {
	e.In = toRoom(room).Conversation
	if e.In == lobby {
		return
	}
	e.Room = room
	if known, ok := a.rooms.In(room); ok {
		e.Room = known.Name
	}
}

// addSaid adds what somebody has said in a room.
func (a *App) addSaid(m protocol.Response) {
	e := a.missed(a.saidBy(m, false))
	if !e.Own && !e.Held {
		a.gap()
	}
	a.add(e)
}

// saidBy is what was said in a room as an entry.
func (a *App) saidBy(m protocol.Response, old bool) timeline.Entry {
	sender := m.Sender
	if names.IsServer(sender) {
		sender = ""
	}
	e := timeline.Entry{
		Sender: sender, Own: a.isSelf(m.Sender), Text: m.Content, Old: old, Number: seen.ID(m),
		Times:   timesOf(m),
		Mention: view.Mentions(m.Content, append(a.cfg.Highlight, a.login.Name())...),
	}
	room := ""
	if m.Data != nil {
		room = m.Data.Room
	}
	a.place(&e, room)
	e.Held = !e.Own && a.holds(e.In)
	noteMarks(&e, m.Data)
	return e
}

func timesOf(m protocol.Response) timeline.Times {
	return timeline.Times{At: m.Time, Stamp: m.Stamp}
}

// showWords adds an info or an error of the server.
func (a *App) showWords(r protocol.Response) {
	content := strings.TrimSpace(r.Content)
	if content == "" || a.presence.hides(r, a.to, a.now()) {
		return
	}
	e := timeline.Entry{Kind: timeline.Info, Text: content, Times: timesOf(r)}
	if room := aboutRoom(r); room != "" {
		a.place(&e, room)
		e.Held = a.holds(e.In)
	}
	switch {
	case r.Kind == protocol.KindError:
		e.Kind = timeline.Failure
	case r.Data != nil && r.Data.Event == protocol.EventPresence:
		e.Kind = timeline.Presence
	}
	if protocol.CheckName(r.Sender) == nil && !names.IsServer(r.Sender) && !a.isSelf(r.Sender) {
		e.Sender = r.Sender
	}
	a.add(e)
}

func (a *App) isSelf(name string) bool {
	return a.login.Name() != "" && strings.EqualFold(name, a.login.Name())
}

// quote returns the beginning of a text for use in a sentence.
func quote(text string) string { return view.Quote(text) }

// sanitize makes what others sent comparable with what was typed, or fit for a
// sentence. To make it safe for a screen is the view's job.
func sanitize(s string) string { return printable.Text(s) }

// sanitizeLine is sanitize for what must stay on one line, such as a name.
func sanitizeLine(s string) string { return printable.Line(s) }

// refreshStatus tells the view who one is, and whom a line goes to.
func (a *App) refreshStatus() {
	s := view.Status{
		IDs: a.ids, Name: a.login.Name(), Server: a.cfg.Target.Label, To: a.to.Conversation, ToName: a.to.called(),
		Naming: a.naming() && a.reached, Writing: a.private.Writing(),
	}
	s.Others, s.Unread = a.unreadCounts()
	s.Fresh, s.Hidden = a.login.Fresh(), a.login.Asking()
	if s.Hidden {
		s.Question = a.login.Prompt()
	} else if a.question != nil {
		s.Question = a.question.prompt
	}
	s.Notes = append(a.toNotes(), a.phaseNotes()...)
	if s.Writing != "" {
		s.Writing = a.toldApart(s.Writing)
	}
	if like := a.likeIn(s.To); like != "" {
		s.Notes = append(s.Notes, "not "+view.Name(like))
	}
	if !s.To.Alone() && len(s.Notes) == 0 && a.phase == loggedIn && a.aloneIsNear() {
		s.Notes = []string{map[timeline.Place]string{timeline.Lobby: "public", timeline.Room: "room"}[s.To.Place]}
	}
	a.view.Status(s)
}

// phaseNotes say what is wrong with the connection.
func (a *App) phaseNotes() []string {
	switch {
	case a.phase == dialling && !a.reached:
		return []string{"connecting"}
	case a.login.Name() == "":
	case a.phase < connected:
		return []string{"offline"}
	case a.phase < loggedIn:
		return []string{"logging in"}
	}
	return nil
}
