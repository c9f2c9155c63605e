package client

import (
	"fmt"
	"maps"
	"regexp"
	"strings"

	"parley/eventloop/client/forms"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// A lookup is what the server was asked of the past, and what of the answer has come.
type lookup struct {
	fields forms.Fields // of the request
	typed  string       // of a search: what is looked for
	older
	rooms []protocol.Room // that have come

	// Of what a view asks for, which is not told: what to do with it, or with why there is
	// nothing.
	found  func(d *protocol.Data)
	failed func(why string)
}

// cmdLookUp asks for a page of a history, for what a search finds, or for what a message said
// before.
func cmdLookUp(verb, request string) handler {
	return func(a *App, arg string) {
		if f, ok := a.readForm(verb, arg); ok {
			a.lookUp(sending.Request{Verb: request, Fields: f}, &lookup{fields: f})
		}
	}
}

func (a *App) lookUp(r sending.Request, l *lookup) {
	if a.askFor(r) {
		a.lookups[a.queue.LastRef(r.Verb)] = l
	}
}

// cmdSearch looks for messages. What is typed is the server's to read.
func (a *App) cmdSearch(arg string) {
	a.lookUp(sending.Request{Verb: "search", Content: arg}, &lookup{typed: arg})
}

// readForm returns the fields of the request that was typed. Else it tells what to type.
func (a *App) readForm(verb, arg string) (f forms.Fields, ok bool) {
	read := func(to recipient) (forms.Fields, string) {
		if id, _ := forms.CutID(arg); verb == "around" && id != "" {
			to = a.saidAt(id, to)
		}
		return forms.Read(verb, arg, a.hereAt(to))
	}
	f, why := read(a.to)
	if a.moved() && why == "" {
		if before, _ := read(a.toBegan); !maps.Equal(f, before) {
			a.tellMoved()
			return nil, false
		}
	}
	if why != "" {
		a.refuseCommand(why)
	}
	return f, why == ""
}

// saidAt returns where a message was said, by its number; or else, if it is not known here.
func (a *App) saidAt(digits string, or recipient) recipient {
	id, _ := forms.ID(digits)
	if e, known := a.timeline.Numbered(id); known {
		return a.whereSaid(e)
	}
	return or
}

// refuseCommand says why a command is not sent. In a pipe nobody sees that, so it counts as
// not sent.
func (a *App) refuseCommand(why string) {
	a.tell(timeline.Error, "%s", why)
	if a.cfg.Mode != Interactive {
		a.unsent++
	}
}

// hereAt is where a command is typed whose plain lines go to a recipient.
func (a *App) hereAt(to recipient) forms.Here {
	here := forms.Here{KnowsRoom: func(name string) bool { return name != "" && a.cfg.Completion.KnowsRoom(name) }}
	switch {
	case to.isNobody():
	case to.Place == timeline.Direct:
		here.Person = to.name
	case to.Place == timeline.Room:
		here.Room = to.name
	case to.Place == timeline.Lobby:
		here.Room = protocol.Lobby
	}
	return here
}

// foundPast takes what has come of what was looked up. It reports whether r is of that.
func (a *App) foundPast(r protocol.Response) bool {
	l := a.lookups[r.Ref]
	switch {
	case l == nil || r.Ref == "":
		return false
	case r.Kind == protocol.KindError:
		delete(a.lookups, r.Ref)
		if l.failed == nil {
			return false
		}
		l.failed(view.Says(r.Content))
		return true
	case l.found != nil && r.Data != nil && r.Data.Event == protocol.EventRooms:
		l.rooms = append(l.rooms, r.Data.Rooms...)
	case r.Kind != protocol.KindHistory || r.Data == nil:
		return false
	}
	for _, m := range r.History {
		m = named(m, r.Data.Room)
		m.Sender = speaker(m.Sender)
		a.met(sanitizeLine(m.Sender))
		l.add(a.again(m, r.Data))
	}
	if !r.Data.More {
		delete(a.lookups, r.Ref)
		l.trim()
		if l.found != nil {
			l.found(r.Data)
			return true
		}
		a.tellFound(l, r.Data)
	}
	return true
}

// failLookups gives up what was asked on a connection that is lost.
func (a *App) failLookups() {
	for ref, l := range a.lookups {
		if a.queue.Waits(ref) {
			continue
		}
		delete(a.lookups, ref)
		if l.failed != nil {
			l.failed("The connection was lost before the server had answered.")
		}
	}
}

// again is a message as it is told again.
func (a *App) again(m protocol.Response, page *protocol.Data) timeline.Entry {
	if m.Data == nil {
		m.Data = &protocol.Data{}
	}
	e := a.saidBy(m, false)
	if m.Data.Event == protocol.EventDirect {
		e = a.saidAlone(m)
	}
	e.From, e.In, e.Held = e.In, timeline.Conversation{Place: timeline.Again}, false
	if page.Event == protocol.EventVersions {
		e.Form = timeline.AsBefore
		e.Number = max(e.Number, page.ID)
	}
	if page.Event == protocol.EventSearch && m.Data.Text != "" && !e.Marks.Removed {
		e.Text = m.Data.Text
	}
	return e
}

// showAgain shows a message that is known here once more.
func (a *App) showAgain(e timeline.Entry) {
	e.From, e.In, e.Times.At = e.Where(), timeline.Conversation{Place: timeline.Again}, whenSaid(e)
	e.Old, e.Missed, e.Held, e.State = false, false, false, timeline.Foreign
	a.add(e)
}

// tellFound shows what was looked up, and says what to type for more.
func (a *App) tellFound(l *lookup, d *protocol.Data) {
	if a.cfg.Mode == JSON { // which has it as it came
		return
	}
	words := l.title(a, d)
	if len(l.entries) == 0 {
		words = l.nothing(a, d)
	}
	if words != "" {
		a.tell(timeline.Notice, "%s", words)
	}
	if l.left > 0 {
		a.tell(timeline.Notice, "%d older ones are not shown.", l.left)
	}
	for _, e := range l.entries {
		a.add(e)
	}
	if more := l.more(d); len(more) > 0 {
		a.tell(timeline.Notice, "%s", strings.Join(more, "\n"))
	}
}

// whereLooked is what was looked at, in a sentence.
func (a *App) whereLooked(d *protocol.Data) string {
	switch {
	case d.Name != "":
		return "between you and " + a.toldApart(d.Name)
	case d.Room != "":
		return "in " + view.Name(d.Room)
	}
	return "in the lobby"
}

func (l *lookup) title(a *App, d *protocol.Data) string {
	switch d.Event {
	case protocol.EventSearch:
		return "Found:"
	case protocol.EventVersions:
		return "What " + view.Number(d.ID) + " said before:"
	}
	words := "Said " + a.whereLooked(d)
	for _, which := range []string{"before", "after", "around"} {
		if id := l.fields[which]; id != "" && id != "0" {
			words += ", " + which + " #" + id
		}
	}
	return words + ":"
}

func (l *lookup) nothing(a *App, d *protocol.Data) string {
	switch {
	case d.Event == protocol.EventSearch:
		return "Nothing was found."
	case d.Event == protocol.EventVersions:
		return "Nothing else is known of what " + view.Number(d.ID) + " said before."
	case d.Before != 0 || d.After != 0:
		return "Nothing that you may see was said there " + a.whereLooked(d) + "."
	}
	return "Nothing was said there " + a.whereLooked(d) + "."
}

// more says what there is beside what was shown.
func (l *lookup) more(d *protocol.Data) (words []string) {
	place := " "
	switch {
	case d.Event == protocol.EventSearch:
		return l.moreFound(d)
	case protocol.CheckName(d.Name) == nil:
		place = " with:" + d.Name + " "
	case protocol.CheckRoom(d.Room) == nil:
		place = " " + d.Room + " "
	default:
		place = " " + protocol.Lobby + " "
	}
	if d.Before != 0 {
		words = append(words, fmt.Sprintf("Earlier: /history%sbefore %d", place, d.Before))
	}
	if d.After != 0 {
		words = append(words, fmt.Sprintf("Later: /history%safter %d", place, d.After))
	}
	if d.State == protocol.StateNotKept {
		words = append(words, notKept)
	}
	return words
}

const notKept = "This server keeps only what was said lately."

// moreFound says how to go on searching.
func (l *lookup) moreFound(d *protocol.Data) (words []string) {
	if len(l.entries) > 0 {
		words = append(words, "/around ID shows what was said around one.")
	}
	if d.Before != 0 {
		words = append(words, fmt.Sprintf("More: /search %s page:%d", view.Line(pageOf.ReplaceAllString(l.typed, "")), d.Before))
	}
	switch d.State {
	case protocol.StateNotKept:
		words = append(words, notKept)
	case protocol.StateIndexing:
		words = append(words, "Not all can be found yet: search again in a while.")
	}
	return words
}

// pageOf finds which page was asked for.
var pageOf = regexp.MustCompile(`(?i) *\bpage:\S*`)
