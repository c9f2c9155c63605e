package client

import (
	"fmt"
	"strings"

	"parley/eventloop/client/forms"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// to returns the conversation of an ask as whom something is for.
func (q Ask) to() recipient {
	if q.In.Place == timeline.Lobby {
		return toLobby
	}
	return recipient{q.In, q.InName}
}

// askOpen turns to a conversation.
func (a *App) askOpen(q Ask) Answer {
	to := q.to()
	switch q.In.Place {
	case timeline.Room:
		if room, in := a.rooms.In(to.name); in {
			to = toRoom(room.Name)
		} else if _, known := a.timeline.Summary(to.Conversation); !known {
			return refused(notInRoom(to.name))
		}
	case timeline.Direct, timeline.Private:
		if err := protocol.CheckName(to.name); err != nil {
			return refused(err.Text)
		}
		a.timeline.Open(to.Conversation, a.spelled(to))
	case timeline.Lobby:
	default:
		return refused("There is no such conversation.")
	}
	a.askNames(to.Conversation)
	if a.to.Conversation == to.Conversation {
		return Answer{}
	}
	if _, closed := a.reach(to); closed != "" && to.Place == timeline.Room {
		return Answer{} // it can be read, and the terminal's lines stay where they are
	}
	a.aim(to)
	a.refreshStatus()
	if !a.cfg.Unshown {
		a.look(to)
	}
	return Answer{}
}

// spelled is the name of the other one of a conversation as it is written.
func (a *App) spelled(to recipient) string {
	if p, ok := a.roster.Lookup(to.name); ok {
		return p.Name
	}
	if s, ok := a.timeline.Summary(to.Conversation); ok && s.Name != "" {
		return s.Name
	}
	return to.name
}

func (a *App) askRead(q Ask) Answer {
	a.timeline.Read(q.In, q.Entry)
	a.readSoon()
	return Answer{}
}

// askSay says something in one conversation, and nowhere else.
func (a *App) askSay(q Ask) Answer {
	text := strings.TrimRight(strings.ReplaceAll(q.Text, "\r\n", "\n"), "\n")
	to, why := a.reach(q.to())
	if why == "" {
		why = a.whyNotSay(to, text)
	}
	switch {
	case why != "":
		return refused(why)
	case to.Place == timeline.Private && q.Number != 0:
		return refused("In a private session nobody knows messages by numbers.")
	case to.Place == timeline.Private:
		if why := a.private.Say(to.name, text); why != "" {
			return refused(why)
		}
		a.active()
		a.alone.at = a.now()
		return Answer{}
	}
	where := to.where()
	where.Re = q.Number
	if o := a.sayText(where, text); o.Why != 0 {
		return refused(a.failureWords(sending.Text{Where: where, Body: text}, o))
	}
	return Answer{}
}

// whyNotSay is why nothing can be said now, or why not this.
func (a *App) whyNotSay(to recipient, text string) string {
	switch {
	case strings.TrimSpace(text) == "":
		return "There is nothing to be said."
	case a.leaving:
		return "You are leaving; this is not sent."
	case a.login.Name() == "" && to.Place != timeline.Private:
		return a.loginFirst()
	case a.reveals(text):
		return secretTyped
	}
	return ""
}

// secretTyped is why a line is not sent.
const secretTyped = "A password that you have typed stands in that line, so it was not sent."

// askLine does what a terminal does with a line, whose plain lines are for that conversation.
func (a *App) askLine(q Ask) Answer {
	to, why := a.reach(q.to())
	slash := strings.HasPrefix(strings.TrimSpace(q.Text), "/")
	switch {
	case a.leaving:
		return refused("You are leaving; nothing more is done.")
	case !slash && why != "":
		return refused(why)
	case !slash:
		return a.askSay(q)
	}
	a.asking.line = &lineOfPage{to, a.to}
	a.to = to
	a.line(q.Text)
	a.to = a.linesTo()
	return Answer{}
}

func (a *App) askEdit(q Ask) Answer {
	switch {
	case strings.TrimSpace(q.Text) == "":
		return refused("There is no new text. To take the message away, remove it.")
	case len(q.Text) > protocol.MaxText:
		return refused(fmt.Sprintf("Nothing was changed: that text has %d bytes, at most %d are allowed.", len(q.Text), protocol.MaxText))
	case a.reveals(q.Text):
		return refused(secretTyped)
	}
	return a.askOfMessage("edit", q.Number, forms.Fields{"text": q.Text})
}

func (a *App) askRemove(q Ask) Answer {
	f := forms.Fields{}
	if q.Text != "" {
		f["why"] = q.Text
	}
	return a.askOfMessage("remove", q.Number, f)
}

func (a *App) askReact(q Ask) Answer {
	if err := protocol.CheckReaction(q.Text); err != nil {
		return refused(err.Text)
	}
	verb := "unreact"
	if q.On {
		verb = "react"
	}
	return a.askOfMessage(verb, q.Number, forms.Fields{"word": q.Text})
}

// askOfMessage asks the server for something of one message. What it refuses is told.
func (a *App) askOfMessage(verb string, number uint64, f forms.Fields) Answer {
	switch {
	case number == 0:
		return refused("The server has not told the number of that message, so nothing can be done with it yet.")
	case a.dialect == plain:
		return refused(notInStandard(verb))
	}
	f["id"] = fmt.Sprint(number)
	if !a.askFor(sending.Request{Verb: verb, Fields: f}) {
		return refused("Nothing was changed.") // so that the field keeps what was typed
	}
	return Answer{}
}

func (a *App) askComplete(q Ask) Answer {
	candidates, length := a.cfg.Completion.Complete(q.Text)
	return Answer{Candidates: candidates, Length: length}
}

// askRetry connects now.
func (a *App) askRetry(Ask) Answer {
	switch {
	case a.leaving:
		return refused("You are leaving.")
	case a.phase == offline && !a.comeBack():
		a.connect()
	}
	return Answer{}
}
