package client

import (
	"strings"
	"time"

	"parley/eventloop/client/command"
	"parley/eventloop/client/timeline"
)

// twice is how soon after a first Ctrl-C a second one leaves.
const twice = 2 * time.Second

// typed handles what the keyboard gave.
func (a *App) typed(in Input) {
	a.wantInput = true
	a.touched()
	defer a.lineDone()
	asked := a.interrupted
	a.interrupted = time.Time{}
	switch {
	case a.leaving && a.cfg.Mode != Interactive:
		a.wantInput = false // nothing behind /quit is read, and its end is no second one
	case in.Kind == InputEnd:
		a.wantInput = false // there is no more
		a.leave()
	case in.Kind == InputInterrupt && in.Secret && a.login.Asking():
		a.login.Interrupted()
	case in.Kind == InputInterrupt && a.question != nil:
		a.giveUpQuestion()
	case in.Kind == InputInterrupt && in.Text != "":
	case in.Kind == InputInterrupt && (a.leaving || !asked.IsZero() && a.now().Sub(asked) <= twice):
		a.leave()
	case in.Kind == InputInterrupt:
		a.interrupted = a.now()
		a.tell(timeline.Notice, "Press Ctrl-C again to leave.")
	case in.Secret:
		a.login.Typed(in.Text)
	case a.question != nil:
		a.answerQuestion(in.Text)
	default:
		a.line(in.Text)
	}
}

// touched notes that somebody is there.
func (a *App) touched() {
	a.lastKey = a.now()
	a.gapShown = false
	a.readAll()
}

// lineDone notes that the next key begins another line.
func (a *App) lineDone() {
	a.lineBegan = time.Time{}
	a.alone.before = a.alone.last
}

// line handles a line that was typed, or read from a pipe, where only the slash makes a
// command.
func (a *App) line(s string) {
	interactive := a.cfg.Mode == Interactive
	naming := a.naming()
	to := a.to
	if a.moved() {
		to = a.toBegan
	}
	m := a.commands.Read(s, a.situation())
	reveals := a.reveals(s)
	if reveals && m.Kind != command.Mistake {
		a.unsent++
		a.tell(timeline.Error, "%s", secretTyped)
		return
	}
	if interactive && !reveals {
		a.remember(strings.TrimRight(s, "\r\n"), m, to, naming)
	}
	switch m.Kind {
	case command.Say:
		if a.moved() {
			a.refuseMoved(m.Text)
			return
		}
		a.sayTo(to, m.Text)
	case command.Run:
		a.private.Begin()
		if a.knows(m.Command, m.Arg) {
			a.handlers[m.Command.Name](a, m.Arg)
		}
	case command.Mistake:
		a.cannotRun(m.Command, m.Arg, m.Text)
		if !interactive {
			a.unsent++
		}
	}
}

// remember keeps a line for the up key, in a form that says the same to the same ones
// from wherever it is fetched: what was said to one person alone must not come back as
// something for everybody. Such lines are not kept on disk, and what may be a password
// is not kept at all. At the name prompt anything may be a slip, and a name is not
// worth keeping.
func (a *App) remember(s string, m command.Meaning, to recipient, naming bool) {
	if m.Kind == command.Nothing || naming && m.Kind != command.Say || a.commands.IsSecret(s) {
		return
	}
	keep := true
	switch m.Kind {
	case command.Say:
		if to != toLobby {
			s, keep = to.typed(m.Text), to.Place == timeline.Room
		}
	case command.Run:
		keep = !m.ForOne && !m.Command.Private
		if m.Command.Name == "msg" && to.Place == timeline.Room {
			s = to.typed(m.Arg)
		}
	case command.Mistake:
		keep = false // it may be a slip of a line for one person
		if !strings.HasPrefix(strings.TrimSpace(s), "/") {
			s = to.typed(s)
		}
	}
	a.keyboard.Remember(s, keep || a.cfg.KeepAlone)
}

// situation is what decides, beside its words, what a line means. Where it is said to
// nobody, only the slash makes a command. What a program
// writes into a pipe does not depend on who is there.
func (a *App) situation() command.Situation {
	interactive := a.cfg.Mode == Interactive
	s := command.Situation{
		Naming: a.naming(), Bare: interactive && !a.to.isNobody(),
		Self: a.login.Name(), Replies: !a.alone.at.IsZero(), Plain: a.dialect == plain,
	}
	switch {
	case a.to.Alone(), a.to.isNobody():
		s.Alone, s.ToAlone = a.to.called(), a.to.before()
	case a.to.Place == timeline.Room:
		s.Room = a.to.name
	}
	if askers, _ := a.private.Names(); len(askers) == 1 {
		s.Asker = askers[0]
	}
	if interactive {
		s.Known, s.KnownRoom = a.cfg.Completion.Knows, a.cfg.Completion.KnowsRoom
	}
	return s
}
