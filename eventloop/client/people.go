package client

import "parley/protocol"

func (a *App) cmdDirect(arg string) {
	name, text := cutWord(arg)
	a.tellAlone(name, text)
}

// cmdReply says something to the last one with whom a direct message was
// exchanged. The line that is shown has the name.
func (a *App) cmdReply(text string) {
	if a.partner == "" {
		a.tell(ToneError, "Nobody has said anything to you alone yet. Begin with /dm NAME TEXT.")
		return
	}
	a.tellAlone(a.partner, text)
}

func (a *App) tellAlone(name, text string) {
	if err := protocol.CheckName(name); err != nil {
		a.tell(ToneError, "%s Type /dm NAME TEXT.", err.Text)
		return
	}
	if !a.naming() {
		a.partner = name
	}
	a.say(name, text)
}

// direct shows what somebody said to one alone.
func (a *App) direct(m protocol.Response) {
	if a.seen.hasDirect(m) {
		return
	}
	if !a.view.isSelf(m.Sender) && protocol.CheckName(m.Sender) == nil {
		a.partner = m.Sender
	}
	a.ruleUnread(m.Sender)
	a.show(a.view.direct(m, a.now()))
	if a.rings(m.Sender, true) {
		a.term.Bell()
	}
}

// directArrived handles that an own direct message is delivered or stored.
func (a *App) directArrived(r protocol.Response) {
	a.confirmed(r.Ref)
	a.cfg.Completion.learn(r.Data.To)
	if r.Data.Event == protocol.EventStored && a.cfg.Mode == Interactive {
		a.tell(ToneMark, "(stored until %s comes)", r.Data.To)
	}
}
