package client

import (
	"fmt"
	"slices"
	"strings"

	"parley/eventloop/client/forms"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const (
	// maxPage is how many entries one page has, for an Ask of any Count.
	maxPage = 200

	// maxLooks is how often the server is asked for one page: one of its own may have nothing
	// that one may see, and there be more.
	maxLooks = 10
)

// askPage looks back in a conversation: in what is kept here, and behind that at the server.
func (a *App) askPage(q Ask) Answer {
	count := min(max(q.Count, 1), maxPage)
	before, _ := a.timeline.Lookup(q.Entry)
	if before.In.Place != timeline.Past {
		if page := a.timeline.Page(q.In, q.Entry, count); len(page) > 0 {
			more := len(a.timeline.Page(q.In, page[0].ID, 1)) > 0 || a.canLookBack(q.to()) && a.numberBefore(q.In, page[0].ID) > 0
			return Answer{Entries: page, More: more}
		}
	}
	number := before.Number
	if before.In.Place != timeline.Past && q.Entry != 0 {
		number = a.numberBefore(q.In, q.Entry)
	}
	if !a.canLookBack(q.to()) || q.Entry != 0 && number == 0 {
		return Answer{}
	}
	a.lookBack(q.to(), number, count, 1, a.answersLater(q))
	return Answer{}
}

// canLookBack reports whether the server may have more of a conversation.
func (a *App) canLookBack(to recipient) bool {
	if a.dialect != extended || a.phase != loggedIn || a.logoutQueued {
		return false
	}
	_, why := a.reach(to)
	return to.Place == timeline.Lobby || to.Place == timeline.Room && why == "" || to.Place == timeline.Direct && why == ""
}

// numberBefore returns the number of the message that stands at an entry of a conversation, or
// behind it as the first one that has a number; 0: there is none.
func (a *App) numberBefore(in timeline.Conversation, id timeline.ID) uint64 {
	for _, e := range a.timeline.Page(in, 0, timeline.MaxEntries) {
		if e.ID >= id && e.Number != 0 && e.Kind == timeline.Message {
			return e.Number
		}
	}
	return 0
}

// lookBack asks the server for a page before the message of a number, or for the newest one if
// that is 0.
func (a *App) lookBack(to recipient, number uint64, count, looks int, answer func(Answer)) {
	f := forms.Fields{"count": fmt.Sprint(count)}
	switch {
	case to.Place == timeline.Direct:
		f["with"] = to.name
	case to.Place == timeline.Room:
		f["room"] = to.name
	default:
		f["room"] = protocol.Lobby
	}
	if number > 0 {
		f["before"] = fmt.Sprint(number)
	}
	l := &lookup{fields: f}
	l.found = func(d *protocol.Data) {
		if len(l.entries) == 0 && d.Before != 0 && looks < maxLooks {
			a.lookBack(to, d.Before, count, looks+1, answer)
			return
		}
		answer(Answer{Entries: a.keepPast(l.entries), More: d.Before != 0})
	}
	a.lookUpFor(sending.Request{Verb: "history", Fields: f}, l, answer)
}

// keepPast keeps what was found, so that it is known what becomes of it.
func (a *App) keepPast(found []timeline.Entry) []timeline.Entry {
	kept := make([]timeline.Entry, 0, len(found))
	for _, e := range found {
		e.Came = a.now()
		e.Re = a.quoted(e.Re)
		e.Like = a.likeOf(e)
		if now, ok := a.timeline.Lookup(a.timeline.Keep(e)); ok {
			kept = append(kept, now)
		}
	}
	return kept
}

// lookUpFor looks something up for a view, which is answered with an error if that is not
// possible.
func (a *App) lookUpFor(r sending.Request, l *lookup, answer func(Answer)) {
	l.failed = func(why string) { answer(refused(why)) }
	if a.asking == nil {
		a.asking = &asking{}
		defer func() { a.asking = nil }()
	}
	if a.askFor(r) {
		a.lookups[a.queue.LastRef(r.Verb)] = l
		return
	}
	answer(a.withTold(Answer{}, a.asking.added))
}

// askSearch looks for messages. Number is the page; 0 is the first.
func (a *App) askSearch(q Ask) Answer {
	words := strings.TrimSpace(q.Text)
	switch {
	case words == "":
		return refused("There is nothing to look for.")
	case a.dialect == plain:
		return refused(notInStandard("search"))
	}
	content := words
	if q.Number > 0 {
		content = fmt.Sprintf("%s page:%d", strings.TrimSpace(pageOf.ReplaceAllString(words, "")), q.Number)
	}
	answer := a.answersLater(q)
	l := &lookup{typed: words}
	l.found = func(d *protocol.Data) {
		slices.Reverse(l.entries) // the server has the newest first
		answer(Answer{Entries: a.keepPast(l.entries), Next: d.Before})
	}
	a.lookUpFor(sending.Request{Verb: "search", Content: content}, l, answer)
	return Answer{}
}

// askRooms lists the rooms of the server.
func (a *App) askRooms(q Ask) Answer {
	if a.dialect == plain {
		return refused(noRooms)
	}
	answer := a.answersLater(q)
	l := &lookup{}
	l.found = func(*protocol.Data) { answer(Answer{Rooms: l.rooms}) }
	a.lookUpFor(sending.Request{Verb: "rooms"}, l, answer)
	return Answer{}
}
