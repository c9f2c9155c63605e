package client

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// lookBack is how many lines of a conversation are shown again to who turns to it, at
// least. Of what is new there more are, but not more than of a history.
const lookBack = 10

// turnTo makes plain lines go into a conversation, and shows its last lines again.
func (a *App) turnTo(to recipient) {
	switch to.Place {
	case timeline.Private:
		a.look(to)
		a.enterPrivate(to.name)
	case timeline.Direct:
		a.look(to)
		a.enter(to)
	default:
		a.aim(to)
		a.refreshStatus()
		a.look(to)
	}
}

// look shows the last lines of a conversation again, with a line before what is new.
func (a *App) look(to recipient) {
	s, _ := a.timeline.Summary(to.Conversation)
	page := a.timeline.Page(to.Conversation, 0, maxOldShown)
	l := view.Look{In: to.Conversation, Name: to.name, Like: a.likeIn(to.Conversation)}
	first := slices.IndexFunc(page, func(e timeline.Entry) bool { return e.ID >= s.New && isNew(e) })
	from := max(0, len(page)-lookBack)
	if first >= 0 {
		l.New = page[first].ID
		from = min(from, max(0, first-2))
	}
	l.Entries = page[from:]
	shown := 0
	for _, e := range l.Entries {
		if e.ID > s.Cursor && isNew(e) {
			shown++
		}
	}
	l.Left = s.Unread - shown
	a.view.Look(l)
	a.timeline.Look(to.Conversation)
	a.readSoon()
}

// isNew reports whether an entry is something that somebody else has said, and not before
// one came.
func isNew(e timeline.Entry) bool { return e.Kind == timeline.Message && !e.Own && !e.Old }

// holds reports whether lines of a room are held back.
func (a *App) holds(in timeline.Conversation) bool {
	return a.hold && !in.Alone() && in.Place != timeline.Status && in != a.to.Conversation
}

// isHeld reports whether something of a conversation waits to be shown.
func (a *App) isHeld(in timeline.Conversation) bool {
	s, _ := a.timeline.Summary(in)
	return s.Held
}

// unreadCounts are what was not read: of conversations that plain lines are not for, and in
// all. What is shown to somebody who is there is read.
func (a *App) unreadCounts() (others []view.Count, all int) {
	list := slices.DeleteFunc(a.timeline.Conversations(), func(s timeline.Summary) bool {
		return s.Unread == 0 || !s.Held && !a.gapShown
	})
	slices.SortFunc(list, byIndex)
	for _, s := range list {
		all += s.Unread
		if s.In != a.to.Conversation {
			others = append(others, view.Count{In: s.In, Name: s.Name, Like: a.likeIn(s.In), New: s.Unread, Meant: s.Mentions > 0 || s.In.Alone()})
		}
	}
	return others, all
}

func (a *App) index(c timeline.Conversation) int {
	s, _ := a.timeline.Summary(c)
	return s.Index
}

func byIndex(x, y timeline.Summary) int { return x.Index - y.Index }

// bySpoke is the order of who has spoken last: the newest is last.
func bySpoke(x, y timeline.Summary) int {
	return cmp.Or(x.Spoke.Compare(y.Spoke), byIndex(x, y))
}

// listConversations lists the lobby, the rooms in which one is and the people to whom one
// has spoken alone, or who did.
func (a *App) listConversations(title string, order func(x, y timeline.Summary) int) {
	list := a.conversations()
	slices.SortFunc(list, order)
	words := []string{title}
	for _, s := range list {
		words = append(words, a.conversationRow(s))
	}
	a.tell(timeline.Notice, "%s\n/room and a number goes to one.", strings.Join(words, "\n"))
}

// conversations returns those that can be turned to.
func (a *App) conversations() []timeline.Summary {
	return slices.DeleteFunc(a.timeline.Conversations(), func(s timeline.Summary) bool {
		_, in := a.rooms.In(s.Name)
		return s.In.Place == timeline.Status || s.In.Place == timeline.Room && !in
	})
}

// conversationRow is a conversation in a list.
func (a *App) conversationRow(s timeline.Summary) string {
	row := fmt.Sprintf("%3d  %s", s.Index, a.called(s.In, s.Name))
	if s.Unread > 0 {
		row += ": " + newWords(s.Unread, s.Mentions, false)
	}
	if !s.Spoke.IsZero() {
		row += ", last spoke " + ago(a.now().Sub(s.Spoke))
	}
	return row
}

// called is what a conversation is called in a list.
func (a *App) called(in timeline.Conversation, name string) string {
	words := view.Called(in, name, a.likeIn(in))
	if in.Place == timeline.Private {
		words += ", privately"
	}
	return words
}

// likeIn is whose name that of the other one of a conversation can be taken for; "": nobody's,
// or there is no other one.
func (a *App) likeIn(c timeline.Conversation) string {
	if !c.Alone() {
		return ""
	}
	return a.roster.Like(c.Name)
}

// newWords say how much is new, and how much of it has one's name in it.
func newWords(count, mentions int, more bool) string {
	words := fmt.Sprintf("%d new", count)
	if more {
		words = fmt.Sprintf("%d or more new", count)
	}
	if mentions > 0 {
		words += fmt.Sprintf(", %d with your name", mentions)
	}
	return words
}

// ago is how long ago something was.
func ago(d time.Duration) string {
	if d < time.Minute {
		return "just now"
	}
	return since(d) + " ago"
}

// since is a duration in its largest unit.
func since(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

func (a *App) cmdRecent(string) { a.listConversations("What was said in last comes last:", bySpoke) }

// cmdUnread lists what was not read. The server knows more of it than what has come here,
// if it keeps that.
func (a *App) cmdUnread(string) {
	if a.reading.keeps && a.phase == loggedIn {
		a.tellRead()
		a.ask("unread", "")
		return
	}
	var words []string
	list := a.conversations()
	slices.SortFunc(list, byIndex)
	for _, s := range list {
		if s.Unread > 0 {
			words = append(words, a.unreadRow(s.In, s.Name, newWords(s.Unread, s.Mentions, false)))
		}
	}
	a.tellUnread(words)
}

func (a *App) unreadRow(in timeline.Conversation, name, words string) string {
	return fmt.Sprintf("%3d  %s: %s", a.index(in), a.called(in, name), words)
}

func (a *App) tellUnread(rows []string) {
	if len(rows) == 0 {
		a.tell(timeline.Notice, "You have read all that there is.")
		return
	}
	a.tell(timeline.Notice, "Not read:\n%s\n/room and a number shows it.", strings.Join(rows, "\n"))
}

// unread lists what the server says was not read.
func (a *App) unread(list []protocol.Unread) {
	var rows []string
	for _, u := range list {
		to := toRoom(u.Room)
		if u.Name != "" {
			to = toOne(timeline.Direct, u.Name)
		}
		if to.Alone() && protocol.CheckName(u.Name) != nil || to.Place == timeline.Room && protocol.CheckRoom(u.Room) != nil {
			continue
		}
		if to != toLobby {
			a.timeline.Open(to.Conversation, to.name)
		}
		rows = append(rows, a.unreadRow(to.Conversation, to.name, newWords(u.Count, u.Mentions, u.More)))
	}
	a.tellUnread(rows)
}
