package client

import (
	"fmt"
	"strings"

	"parley/eventloop/client/names"
	"parley/eventloop/client/seen"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
	"parley/protocol/printable"
)

// A View shows what the App tells. Its methods are called by the goroutine of Run.
type View interface {
	// Changed is called when an entry was added to the timeline or has changed.
	Changed(timeline.Change)
	// Received is called with each response of the server, as it came. If there are
	// numbers in it, log names whose they are.
	Received(frame []byte, log string)
	// Status is called when something else may be seen of the chat: whom a line goes
	// to, what is asked.
	Status(view.Status)
	// Expand shows an entry whole, from the given page on; 1 is the first.
	Expand(e timeline.Entry, page int)
	// Clear shows nothing of what was shown before.
	Clear()
}

// tell adds the client's own words.
func (a *App) tell(kind timeline.Kind, format string, args ...any) {
	a.add(timeline.Entry{Kind: kind, Text: fmt.Sprintf(format, args...)})
}

func (a *App) add(e timeline.Entry) timeline.ID {
	e.Came = a.now()
	return a.timeline.Add(e)
}

// lobby is where everybody hears what is said.
var lobby = timeline.Conversation{Place: timeline.Lobby}

// addOwn adds a text that was just typed, for one person or, in the lobby, for all.
func (a *App) addOwn(in timeline.Conversation, to, text string, state timeline.State) timeline.ID {
	return a.add(timeline.Entry{In: in, Sender: a.login.Name(), To: to, Own: true, Text: text, State: state})
}

// addText adds a text that was just typed, for one person by way of the server or, if
// to is "", for everybody.
func (a *App) addText(to, text string, sent bool) timeline.ID {
	in := lobby
	if to != "" {
		in = timeline.With(timeline.Direct, to)
		a.alone.at = a.now()
	}
	state := timeline.Typed
	if sent {
		state = timeline.Sent
	}
	return a.addOwn(in, to, text, state)
}

// addSaid adds what somebody has said to everybody.
func (a *App) addSaid(m protocol.Response) {
	if !a.isSelf(m.Sender) {
		a.gap()
	}
	a.add(a.missed(a.saidBy(m, false)))
}

// saidBy is a message to everybody as an entry.
func (a *App) saidBy(m protocol.Response, old bool) timeline.Entry {
	sender := m.Sender
	if names.IsServer(sender) {
		sender = ""
	}
	return timeline.Entry{
		In: lobby, Sender: sender, Own: a.isSelf(m.Sender), Text: m.Content, Old: old, Number: seen.ID(m),
		Times:   timesOf(m),
		Mention: view.Mentions(m.Content, append(a.cfg.Highlight, a.login.Name())...),
	}
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
		Name: a.login.Name(), Server: a.cfg.Target.Label, To: a.to.Conversation, ToName: a.to.called(),
		Naming: a.naming() && a.reached, Writing: a.private.Writing(),
	}
	if a.gapShown {
		for _, c := range a.timeline.Conversations() {
			s.Unread += c.Unread
		}
	}
	s.Fresh, s.Hidden = a.login.Fresh(), a.login.Asking()
	if s.Hidden {
		s.Question = a.login.Prompt()
	}
	s.Notes = append(a.toNotes(), a.phaseNotes()...)
	if s.To.Place == timeline.Lobby && len(s.Notes) == 0 && a.phase == loggedIn && a.aloneIsNear() {
		s.Notes = []string{"public"}
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
