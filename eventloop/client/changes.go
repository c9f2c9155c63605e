package client

import (
	"fmt"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// reactionPause is for how long reactions are gathered before they are shown: many come
// together.
const reactionPause = time.Second

// A reacted is that somebody has put a word to a message, or taken it back.
type reacted struct {
	of   timeline.Entry // the message, as far as the event tells it
	name string
	word string
	on   bool
}

// changeEvent handles what becomes of a message after it was said. It reports whether r
// tells that.
func (a *App) changeEvent(r *protocol.Response) bool {
	d := r.Data
	if d == nil || d.ID == 0 {
		return false
	}
	switch d.Event {
	case protocol.EventEdited:
		a.edited(r)
	case protocol.EventRemoved:
		a.removed(r)
	case protocol.EventReacted, protocol.EventUnreacted:
		a.reacted(r)
	case protocol.EventChanged:
		a.changed(r)
	default:
		return false
	}
	return true
}

// concerned is the message that an event is about, as far as the event tells it.
func (a *App) concerned(d *protocol.Data) timeline.Entry {
	e := timeline.Entry{Number: d.ID, Sender: d.Name, Own: a.isSelf(d.Name), Like: a.roster.Like(d.Name)}
	switch {
	case d.To == "":
		a.place(&e, named(protocol.Response{Data: d}, "").Data.Room)
	case e.Own:
		e.To, e.In = d.To, timeline.With(timeline.Direct, d.To)
	default:
		e.To, e.In = d.To, timeline.With(timeline.Direct, d.Name)
	}
	e.Held = !e.Own && a.holds(e.In)
	return e
}

// edited handles that a message has another text.
func (a *App) edited(r *protocol.Response) {
	d := r.Data
	e, known := a.timeline.Amend(d.ID, func(e *timeline.Entry) {
		if e.Form == timeline.AsSaid {
			e.Text, e.Left, e.Marks.Edited = d.Text, 0, true
		}
	})
	if !known {
		e = a.concerned(d)
	}
	a.tellEdited(r, e)
}

// tellEdited shows the new text of a message, below what was shown before. A screen on which
// its line was drawn anew does not show it twice.
func (a *App) tellEdited(r *protocol.Response, e timeline.Entry) {
	if e.Held {
		return
	}
	said := time.Time{}
	if e.ID != 0 {
		said = whenSaid(e)
	}
	e.From, e.In, e.Form = e.Where(), timeline.Conversation{Place: timeline.Again}, timeline.AsEdited
	e.Text, e.Left, e.Said, e.Times, e.State = r.Data.Text, 0, said, timesOf(*r), timeline.Foreign
	e.Old, e.Missed, e.Re = false, false, timeline.Quote{}
	e.Marks = timeline.Marks{Edited: true}
	a.add(e)
}

// removed handles that a message was taken away: nothing that is kept here has its text any
// more.
func (a *App) removed(r *protocol.Response) {
	d := r.Data
	marks := timeline.Marks{Removed: true}
	if d.Marks != nil && d.Marks.Removed != nil {
		marks = marksOf(d)
	}
	a.cfg.Completion.ForgetMessage(d.ID)
	e, known := a.timeline.Amend(d.ID, func(e *timeline.Entry) {
		e.Text, e.Left, e.Mention, e.Marks = "", 0, false, marks
	})
	if !known {
		e = a.concerned(d)
		e.Marks = marks
	}
	a.tellRemoved(r, e)
}

// tellRemoved says that a message was taken away, by whom and why: on a screen unless its line,
// drawn anew, says so.
func (a *App) tellRemoved(r *protocol.Response, e timeline.Entry) {
	switch {
	case a.cfg.Mode != Interactive:
		a.showWords(*r)
	case !e.Held:
		a.add(timeline.Entry{Kind: timeline.Notice, About: e.Number, Text: a.removedWords(e)})
	}
}

func (a *App) removedWords(e timeline.Entry) string {
	what := view.Number(e.Number)
	switch mine := a.isSelf(e.Marks.By); {
	case e.Own && !mine:
		what += " of yours"
	case !e.Own && e.Sender != "" && !strings.EqualFold(e.Sender, e.Marks.By):
		what += " of " + a.toldApart(e.Sender)
	}
	if e.In.Place == timeline.Room {
		what += " in " + view.Name(e.Room)
	}
	if e.ID != 0 {
		what += " (said " + ago(a.now().Sub(whenSaid(e))) + ")"
	}
	why := "."
	if e.Marks.Why != "" {
		why = ": " + quote(e.Marks.Why)
	}
	switch by := e.Marks.By; {
	case by == "":
		return what + " was removed" + why
	case a.isSelf(by):
		return "You have removed " + what + why
	default:
		return a.toldApart(by) + " has removed " + what + why
	}
}

// reacted handles that somebody has put a word to a message, or taken it back. What comes
// together is shown together.
func (a *App) reacted(r *protocol.Response) {
	d := r.Data
	if a.cfg.Mode != Interactive {
		a.showWords(*r)
	}
	of := a.concerned(d)
	of.Sender, of.Own = "", false // the name is of who has reacted
	a.reactions = append(a.reactions, reacted{of, d.Name, d.Text, d.Event == protocol.EventReacted})
	const most = 100
	switch {
	case len(a.reactions) >= most:
		a.showReactions()
	case a.alarms[alarmReactions].IsZero():
		a.set(alarmReactions, reactionPause)
	}
}

// showReactions shows what has gathered, once for each message.
func (a *App) showReactions() {
	a.clear(alarmReactions)
	gathered := a.reactions
	a.reactions = nil
	for len(gathered) > 0 {
		first := gathered[0]
		var rest, same []reacted
		for _, x := range gathered {
			if x.of.Number == first.of.Number {
				same = append(same, x)
			} else {
				rest = append(rest, x)
			}
		}
		gathered = rest
		a.react(first.of, same)
	}
}

// react applies reactions to a message. If its line is not there to be drawn anew, they are
// told.
func (a *App) react(of timeline.Entry, list []reacted) {
	e, known := a.timeline.Amend(of.Number, func(e *timeline.Entry) {
		for _, x := range list {
			if e.Form != timeline.AsSaid {
				break
			}
			e.Marks.Reactions = timeline.React(e.Marks.Reactions, x.word, x.name, x.on)
			e.Marks = e.Marks.Liked(x.name, a.roster.Like(x.name))
		}
	})
	if known && e.In.Place != timeline.Again && e.In.Place != timeline.Past || of.Held || a.cfg.Mode != Interactive {
		return
	}
	of.Sender, of.Own, of.Like = e.Sender, e.Own, e.Like
	for _, x := range list {
		words := "has put %s to %s."
		if !x.on {
			words = "has taken %s from %s."
		}
		a.tell(timeline.Notice, "%s "+words, a.toldApart(x.name), view.Word(x.word), view.Message(of))
	}
}

// changed handles what has become, while one was not there, of a message that was said
// before: all that there is to be known of it.
func (a *App) changed(r *protocol.Response) {
	before, known := a.timeline.Numbered(r.Data.ID)
	e := a.asNow(*r, r.Data.Text)
	if !known {
		e = a.concerned(r.Data)
		e.Marks, e.Text = marksOf(r.Data), r.Data.Text
	}
	switch {
	case e.Marks.Removed && !before.Marks.Removed:
		a.tellRemoved(r, e)
	case e.Marks.Removed:
	case known && before.Text != r.Data.Text, !known && e.Marks.Edited:
		a.tellEdited(r, e)
	case !known && len(e.Marks.Reactions) > 0 && a.cfg.Mode == Interactive && !e.Held:
		e.Text = "" // what is told in words of the client's own would stay when it is removed
		a.tell(timeline.Notice, "Reactions to %s: %s", view.Message(e), view.Reactions(e.Marks))
	case !known && len(e.Marks.Reactions) > 0 && a.cfg.Mode != Interactive:
		a.showWords(*r)
	}
}

// asNow makes a message what it is now, with that text, wherever it stands.
func (a *App) asNow(m protocol.Response, text string) timeline.Entry {
	marks := marksOf(m.Data)
	if marks.Removed {
		text = ""
		a.cfg.Completion.ForgetMessage(m.Data.ID)
	}
	e, _ := a.timeline.Amend(m.Data.ID, func(e *timeline.Entry) {
		if e.Form == timeline.AsSaid || marks.Removed {
			e.Text, e.Left, e.Marks = text, 0, marks
		}
	})
	return e
}

// refresh notes what has become of a message that was shown and is told once more.
func (a *App) refresh(m protocol.Response) {
	if m.Data != nil && m.Data.ID != 0 && m.Data.Marks != nil {
		a.asNow(m, m.Content)
	}
}

// marksOf are what has become of a message, as the server tells it.
func marksOf(d *protocol.Data) (marks timeline.Marks) {
	m := d.Marks
	if m == nil {
		return marks
	}
	marks.Edited, marks.Likes = !m.Edited.IsZero(), d.Likes
	if m.Removed != nil {
		return timeline.Marks{Removed: true, By: m.Removed.By, Why: m.Removed.Why, Likes: d.Likes}
	}
	for _, r := range m.Reactions {
		marks.Reactions = append(marks.Reactions, timeline.Reaction{Word: r.Word, Names: r.Names})
	}
	return marks
}

// noteMarks puts what a message answers, and what has become of it, into its entry.
func noteMarks(e *timeline.Entry, d *protocol.Data) {
	if d == nil {
		return
	}
	e.Re.Number = d.Re
	if e.Marks = marksOf(d); e.Marks.Removed {
		e.Text, e.Mention = "", false
	}
}

// quoted fills in what a message answers, if that is known here.
func (a *App) quoted(q timeline.Quote) timeline.Quote {
	if e, ok := a.timeline.Numbered(q.Number); ok && !e.Held {
		return timeline.QuoteOf(e)
	}
	return q
}

// learnMessage has the number of a message be completed from now on.
func (a *App) learnMessage(c timeline.Change) {
	e := c.Entry
	if e.Kind == timeline.Message && e.Number != 0 && e.Number != c.Before.Number && e.Form == timeline.AsSaid && !e.Marks.Removed {
		a.cfg.Completion.LearnMessage(e.Number, e.Own)
	}
}

// cmdIDs shows the numbers of messages, or not.
func (a *App) cmdIDs(arg string) {
	switch arg {
	case "on":
		a.ids = true
	case "off":
		a.ids = false
	}
	a.refreshStatus()
	words := "Messages are shown without their numbers. /ids on shows them: what is said from now on has one before it."
	if a.ids {
		words = fmt.Sprintf("Messages are shown with their numbers, such as #%d. Tab completes them where one is needed.", 12)
	}
	a.tell(timeline.Notice, "%s", words)
}
