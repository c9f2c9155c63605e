package client

import (
	"fmt"
	"strings"
	"time"

	"parley/eventloop/client/forms"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// cmdEdit gives a message another text. Without a number it is the last line of one's own,
// which is shown first: it may be another one than was meant.
func (a *App) cmdEdit(arg string) {
	id, text := forms.CutID(arg)
	switch {
	case text == "":
		a.refuseCommand("Type /edit TEXT for your last line, or /edit ID TEXT.")
	case len(text) > protocol.MaxText:
		a.refuseCommand(fmt.Sprintf("Nothing was changed: that text has %d bytes, at most %d are allowed.", len(text), protocol.MaxText))
	case id != "":
		a.askFor(sending.Request{Verb: "edit", Fields: forms.Fields{"id": id, "text": text}})
	default:
		a.askAboutLast("edit", "/edit ID TEXT", "Edit this line of yours?", forms.Fields{"text": text})
	}
}

// cmdRemove takes a message away, in the same way.
func (a *App) cmdRemove(arg string) {
	id, why := forms.CutID(arg)
	f := forms.Fields{}
	if why != "" {
		f["why"] = why
	}
	if id != "" {
		f["id"] = id
		a.askFor(sending.Request{Verb: "remove", Fields: f})
		return
	}
	a.askAboutLast("remove", "/remove ID", "Remove this line of yours?", f)
}

// askAboutLast shows the last line of one's own, asks whether it is meant, and sends the
// request then.
func (a *App) askAboutLast(verb, syntax, words string, f forms.Fields) {
	e, why := a.lastOwn()
	switch {
	case a.cfg.Mode != Interactive:
		why = "Name the message: there is nobody to ask which one is meant."
	case a.moved():
		a.tellMoved()
		return
	}
	if why != "" {
		a.refuseCommand(why + " Type " + syntax)
		return
	}
	f["id"] = fmt.Sprint(e.Number)
	a.askPerson(words, verb+" "+view.Number(e.Number), sending.Request{Verb: verb, Fields: f})
	a.showAgain(e)
}

func whenSaid(e timeline.Entry) time.Time {
	if e.At.IsZero() {
		return e.Came
	}
	return e.At
}

// lastOwn returns the last line of one's own where plain lines go. why says that there is
// none that can be named.
func (a *App) lastOwn() (last timeline.Entry, why string) {
	if a.to.Place == timeline.Private {
		return last, "What is said in a private session stays as it was said."
	}
	page := a.timeline.Page(a.to.Conversation, 0, timeline.MaxEntries)
	for i := len(page) - 1; i >= 0; i-- {
		switch e := page[i]; {
		case e.Kind != timeline.Message || !e.Own || e.Marks.Removed || e.State == timeline.Failed:
		case e.Number == 0:
			return last, "The server has not said yet that it has your last line."
		default:
			return e, ""
		}
	}
	return last, "There is no line of yours " + a.whereShown() + "."
}

// whereShown is where plain lines go, in a sentence about what was said there.
func (a *App) whereShown() string {
	switch {
	case a.to.isNobody():
		return "here"
	case a.to.Alone():
		return "to " + a.calledIn(a.to)
	}
	return "in " + a.calledIn(a.to)
}

// cmdReact puts a word to a message, or takes it back. Without a number it is the last
// message of somebody else that stood there when one began to type.
func cmdReact(verb string, which func(*App, string) (timeline.Entry, bool)) handler {
	return func(a *App, arg string) {
		id, word := forms.CutID(arg)
		if id == "" {
			word = arg
		}
		syntax := "/" + verb + " ID WORD, such as /" + verb + " 12 +1"
		if err := protocol.CheckReaction(word); word == "" || err != nil {
			why := "A word or an emoji is missing."
			if word != "" {
				why = err.Text
			}
			a.refuseCommand(why + " Type " + syntax)
			return
		}
		if id == "" {
			e, ok := which(a, word)
			switch {
			case a.cfg.Mode != Interactive || !ok:
				a.refuseCommand("Name the message. Type " + syntax)
				return
			case a.moved():
				a.tellMoved()
				return
			}
			id = fmt.Sprint(e.Number)
		}
		a.askFor(sending.Request{Verb: verb, Fields: forms.Fields{"id": id, "word": word}})
	}
}

// lastOfOthers returns the last message of somebody else where plain lines go. What came
// while the line was typed is not meant.
func lastOfOthers(a *App, _ string) (timeline.Entry, bool) {
	return a.lastThat(func(e timeline.Entry) bool {
		return !e.Own && !e.Held && (a.lineBegan.IsZero() || !e.Came.After(a.lineBegan))
	})
}

// lastWith returns the last message there to which one has put a word.
func lastWith(a *App, word string) (timeline.Entry, bool) {
	return a.lastThat(func(e timeline.Entry) bool {
		for _, r := range e.Marks.Reactions {
			for _, name := range r.Names {
				if r.Word == word && a.isSelf(name) {
					return true
				}
			}
		}
		return false
	})
}

func (a *App) lastThat(is func(timeline.Entry) bool) (timeline.Entry, bool) {
	page := a.timeline.Page(a.to.Conversation, 0, timeline.MaxEntries)
	for i := len(page) - 1; i >= 0; i-- {
		if e := page[i]; e.Kind == timeline.Message && e.Number != 0 && !e.Marks.Removed && is(e) {
			return e, true
		}
	}
	return timeline.Entry{}, false
}

// cmdReply answers a message, if its number stands in front, or whoever spoke last to one
// alone. A number without its # may be the beginning of what is for one person alone: if
// anybody has said something to one alone, it is to be clear which of both is meant.
func (a *App) cmdReply(arg string) {
	id, text := forms.CutID(arg)
	last := a.alone.last
	switch marked := strings.HasPrefix(arg, "#"); {
	case id != "" && text != "" && (marked || last.name == ""):
		a.replyTo(id, text)
	case id != "" && text != "":
		a.refuse(arg, fmt.Sprintf("For the message with that number, type: /reply #%s TEXT\nFor %s alone: %s", id, a.toldApart(last.name), last.typed("TEXT")))
	case id != "" && marked:
		a.refuseCommand("What you answer is missing. Type /reply #" + id + " TEXT")
	default:
		a.replyAlone(arg)
	}
}

// replyTo answers a message where it was said. One that is not known here is of where plain
// lines go.
func (a *App) replyTo(digits, text string) {
	id, ok := forms.ID(digits)
	if !ok {
		a.refuse(text, "There is no message #"+digits+".")
		return
	}
	to := a.to
	if a.moved() {
		to = a.toBegan
	}
	to = a.saidAt(digits, to)
	switch {
	case to.isNobody() || to.Alone() && protocol.CheckName(to.name) != nil:
		a.refuse(text, sentToNobody)
	case to.Place == timeline.Private:
		a.refuse(text, "In a private session nobody knows messages by numbers. Type it without one.")
	case to.Place == timeline.Room && !a.mayUse(to.name):
		a.refuse(text, notInRoom(to.name))
	default:
		where := to.where()
		where.Re = id
		a.say(where, text)
	}
}

// whereSaid returns who hears what is said where a message was said.
func (a *App) whereSaid(e timeline.Entry) recipient {
	switch c := e.Where(); c.Place {
	case timeline.Direct:
		return toOne(timeline.Direct, e.With())
	case timeline.Room:
		return toRoom(e.Room)
	default:
		return toLobby
	}
}
