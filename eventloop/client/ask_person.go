package client

import (
	"strings"

	"parley/eventloop/client/timeline"
	"parley/protocol"
	"parley/protocol/printable"
)

// askAnswer takes an answer to what is asked, and to nothing else: a password must not be said
// because the question is gone.
func (a *App) askAnswer(q Ask) Answer {
	now := a.asksNow()
	if now.ID == 0 || now.ID != q.Number {
		return refused("That is not asked any more, so what you typed was not used.")
	}
	switch now.Kind {
	case AsksPassword:
		if q.Text == "" {
			return refused("A password is missing.")
		}
		a.login.Typed(q.Text)
	case AsksYes:
		a.answerQuestion(q.Text)
	case AsksName:
		name := strings.TrimSpace(q.Text)
		if err := protocol.CheckName(name); err != nil {
			return refused(err.Text)
		}
		a.line(name)
	}
	return Answer{}
}

// askCancel goes back from what is asked.
func (a *App) askCancel(q Ask) Answer {
	now := a.asksNow()
	switch {
	case now.ID == 0 || now.ID != q.Number:
	case now.Kind == AsksPassword:
		a.login.Interrupted()
	case now.Kind == AsksYes:
		a.giveUpQuestion()
	}
	return Answer{}
}

// peerAsker returns what runs the command of a private session with one person.
func peerAsker(command string) asker {
	return func(a *App, q Ask) Answer {
		if why := a.whyNoPeer(q.Name); why != "" {
			return refused(why)
		}
		a.private.Begin()
		a.handlers[command](a, q.Name)
		return Answer{}
	}
}

func (a *App) whyNoPeer(name string) string {
	switch err := protocol.CheckName(name); {
	case a.noPrivate() != "":
		return a.noPrivate()
	case a.dialect == plain:
		return notInStandard("startprivate")
	case err != nil:
		return err.Text
	}
	return ""
}

func (a *App) askWords(q Ask) Answer {
	if why := a.whyNoPeer(q.Name); why != "" {
		return refused(why)
	}
	words, err := a.private.Words(q.Name)
	if err != nil {
		return refused(printable.Line(err.Error()))
	}
	return Answer{Words: words}
}

func (a *App) askVerify(q Ask) Answer {
	if why := a.whyNoPeer(q.Name); why != "" {
		return refused(why)
	}
	a.private.Begin()
	a.private.Verify(q.Name + " yes")
	return Answer{}
}

func (a *App) askTyping(q Ask) Answer {
	if q.In.Place == timeline.Private && a.private.Exist() {
		a.private.Typing(q.InName)
	}
	return Answer{}
}

// askDraft keeps what was typed and not sent.
func (a *App) askDraft(q Ask) Answer {
	switch {
	case a.reveals(q.Text): // of which the beginning is kept
		a.kept.draft(q.In, "")
		return refused("A password that you have typed stands in that line, so it is not kept.")
	case len(q.Text) > protocol.MaxText:
		return refused("That is too long to be kept.")
	case q.In.Place == timeline.Status || q.In.Place > timeline.Room:
		return refused("There is no such conversation.")
	}
	return a.kept.draft(q.In, q.Text)
}

func (a *App) askSetting(q Ask) Answer { return a.kept.set(q.Name, q.Text) }
