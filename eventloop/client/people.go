package client

import (
	"parley/eventloop/client/command"
	"parley/eventloop/client/seen"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

func (a *App) cmdDirect(arg string) {
	name, text := command.CutWord(arg)
	if err := protocol.CheckName(name); err != nil {
		a.refuse(text, err.Text+" Type /dm NAME TEXT.")
		return
	}
	a.say(sending.Where{To: name}, text)
}

// direct shows what somebody said to one alone.
func (a *App) direct(m protocol.Response) {
	if a.isSelf(m.Sender) && a.queue.Echo(m) {
		a.refresh(m)
		return
	}
	defer a.acknowledgeSoon()
	if a.seen.HasDirect(m) {
		a.refresh(m)
		return
	}
	if a.isUnclear(m) {
		return
	}
	e := a.saidAlone(m)
	if e.Own {
		a.add(e)
		return
	}
	a.gap()
	a.add(a.missed(e))
	a.heardAlone(toOne(timeline.Direct, m.Sender))
}

// saidAlone is what was said to one person alone as an entry.
func (a *App) saidAlone(m protocol.Response) timeline.Entry {
	e := timeline.Entry{Sender: m.Sender, To: m.Data.To, Text: m.Content, Number: seen.ID(m), Times: timesOf(m), Own: a.isSelf(m.Sender)}
	e.In = timeline.With(timeline.Direct, e.Sender)
	if e.Own {
		e.In = timeline.With(timeline.Direct, e.To)
	}
	noteMarks(&e, m.Data)
	return e
}

// directArrived handles that an own direct message is delivered or stored.
func (a *App) directArrived(r protocol.Response) {
	state := sending.Delivered
	if r.Data.Event == protocol.EventStored {
		state = sending.Stored
	}
	a.queue.DirectArrived(r.Ref, r.Data.ID, state)
	a.met(r.Data.To)
	if state == sending.Stored && protocol.CheckName(r.Data.To) == nil && a.cfg.Mode == Interactive {
		a.tell(timeline.Warning, "(stored until %s comes)", a.toldApart(r.Data.To))
	}
	if r.Data.Event == protocol.EventDelivered || r.Data.State == protocol.StateAway {
		a.tellAway(r.Data.To, r.Data.State == protocol.StateAway, r.Data.Text)
	}
}
