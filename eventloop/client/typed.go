package client

import "strings"

// typed handles what the keyboard gave.
func (a *App) typed(in Input) {
	a.wantInput = true
	a.touched()
	switch {
	case in.Secret && in.Kind != InputEnd && a.question != nil:
		a.interrupted = false
		a.replied(in)
	case in.Kind == InputEnd:
		a.wantInput = false // there is no more
		a.leave()
	case in.Kind == InputInterrupt && in.Text != "":
		a.interrupted = false
	case in.Kind == InputInterrupt && (a.interrupted || a.leaving):
		a.leave()
	case in.Kind == InputInterrupt:
		a.interrupted = true
		a.tell(ToneNotice, "Press Ctrl-C again to leave.")
	default:
		a.interrupted = false
		a.line(in.Text)
	}
}

// touched notes that somebody is there.
func (a *App) touched() {
	a.lastKey = a.now()
	a.unreadRuled = false
}

// line handles a line that was typed, or read from a pipe. There only the slash
// makes a command, and so it is while lines are for one person alone: the words
// that work without it would reach everybody, or the server.
func (a *App) line(s string) {
	interactive := a.cfg.Mode == Interactive
	naming := a.naming()
	target := a.private.target
	m := a.commands.read(s, situation{naming: naming, bare: interactive && target == "", known: a.cfg.Completion.knows, replies: a.partner != ""})
	if c := a.commands.showsPassword(s); target != "" && m.kind == meansChat && c != nil {
		m = mayBePassword(c)
	}
	// At the name prompt anything may be a slip; a name is not worth keeping.
	if interactive && m.kind != meansNothing && !(naming && m.kind != meansChat) && !a.commands.isSecret(s) {
		a.term.Remember(strings.TrimRight(s, "\r\n"))
	}
	switch m.kind {
	case meansChat:
		if target != "" {
			a.sayPrivate(target, m.text)
			break
		}
		a.say("", m.text)
	case meansCommand:
		a.private.warned = false
		if a.knows(m.command) {
			m.command.run(a, m.arg)
		}
	case meansMistake:
		a.tell(ToneError, "%s", m.text)
		if !interactive {
			a.unsent++
		}
	}
}
