package client

import (
	"slices"
	"time"

	"parley/eventloop/client/names"
	"parley/protocol"
)

const (
	// replayWindow is for how long after a login a message may be a repeated one: some
	// servers send the history as messages.
	replayWindow = 3 * time.Second

	// historyPatience is for how long after a login the history may come; a server
	// sends it with the answer, as a rule.
	historyPatience = 250 * time.Millisecond
)

// received handles a response. raw is the frame that it was decoded from.
func (a *App) received(r protocol.Response, raw []byte) {
	if a.cfg.Plain {
		r.Data = nil
	}
	a.view.Received(raw, a.known(r))
	r.Sender = speaker(r.Sender)
	a.noteLikes(r)
	defer a.writtenAnswered(r)
	a.heard()
	a.login.SentAway(r)
	login := a.awaitsLogin(r)
	if login && a.loginAnswered(r) {
		return
	}
	if !login {
		if a.queue.Answered(r) {
			a.learnNames(r)
			return
		}
	}
	if !login && (a.foundPast(r) || r.Kind == protocol.KindMessage && a.changeEvent(&r)) {
		return
	}
	switch r.Kind {
	case protocol.KindHistory:
		a.history(r)
	case protocol.KindMessage:
		a.message(r)
	case protocol.KindError:
		a.serverError(r)
	default:
		a.info(r, a.cfg.Mode == Lines && (login || a.logoutQueued) || login && a.restarting() && a.dialect == extended)
	}
	if login {
		a.login.Offer(r)
		a.set(alarmHint, historyPatience)
		a.settleInRoom()
		a.release()
		a.tellNotResumed()
		a.restart = restart{}
	}
}

// speaker returns a sender as it came, but the server's without colours and what cannot
// be seen. To take these off a person's would make a name of what is none: that of
// somebody else.
func speaker(sender string) string {
	if clean := sanitizeLine(sender); names.IsServer(clean) {
		return clean
	}
	return sender
}

func (a *App) info(r protocol.Response, quiet bool) {
	a.learnNames(r)
	if r.Data != nil && a.event(&r) {
		return
	}
	if !quiet {
		a.showWords(r)
	}
}

// event handles what an extended server tells. It reports whether there is
// nothing left to show of it.
func (a *App) event(r *protocol.Response) (done bool) {
	d := r.Data
	a.met(d.Name)
	a.met(d.Names...)
	a.noteWho(*r)
	if a.namesAnswered(*r) {
		return true
	}
	if d.Event == protocol.EventPresence && (d.State == protocol.StateOffline || d.State == protocol.StateLost) {
		a.cfg.Completion.Left(d.Name)
	}
	if a.privateEvent(*r) {
		if d.Event == protocol.EventInvited && d.State == protocol.StateAway {
			a.tellAway(d.Name, true, d.Text)
		}
		return true
	}
	if a.textEvent(r) || a.changeEvent(r) || a.orderEvent(r) || a.roomEvent(r) || a.listed(*r) {
		return true
	}
	switch d.Event {
	case protocol.EventResumed:
		a.resumed(d.ID)
		return true
	case protocol.EventShuttingDown:
		return a.restartTold(r)
	case protocol.EventPong:
		a.ponged(r.Ref)
		return true
	case protocol.EventForgotten:
		a.forgotten(*r)
		return true
	case protocol.EventExport:
		a.exported(d)
		return true
	case protocol.EventBlocked:
		a.private.Blocked(d.Name)
	case protocol.EventIdle:
		a.keepalive.WarnedIdle(time.Duration(d.Seconds) * time.Second)
	case protocol.EventRegistered, protocol.EventPassword:
		a.login.Changed()
		a.reading.keeps = true
	}
	a.phrase(r)
	return false
}

// textEvent handles what has become of a text. It reports whether r says that.
func (a *App) textEvent(r *protocol.Response) bool {
	switch d := r.Data; d.Event {
	case protocol.EventAccepted:
		a.queue.Accepted(r.Ref, d.Room, d.ID)
	case protocol.EventDelivered, protocol.EventStored:
		a.directArrived(*r)
	default:
		return false
	}
	return true
}

// roomEvent handles what is told of rooms. It reports whether there is nothing left to
// show of it.
func (a *App) roomEvent(r *protocol.Response) (done bool) {
	d := r.Data
	switch d.Event {
	case protocol.EventJoined, protocol.EventCreated:
		return a.cameIn(*r)
	case protocol.EventLeft:
		a.left(*r)
		return true
	case protocol.EventTopic:
		a.rooms.SetTopic(d.Room, d.Topic)
	case protocol.EventRooms:
		for _, room := range d.Rooms {
			a.rooms.Heard(room.Name)
		}
		a.roomsChanged()
	case protocol.EventRoomInvitation:
		a.rooms.Heard(d.Room)
		a.roomsChanged()
		return a.invited(d)
	case protocol.EventRead:
		a.readElsewhere(d)
		return true
	}
	return false
}

// met notes names that can be completed from now on. What servers call themselves
// is nobody.
func (a *App) met(met ...string) {
	a.cfg.Completion.Learn(slices.DeleteFunc(slices.Clone(met), names.IsServer)...)
}

// learnNames learns from what may be a plain server's answer to names.
func (a *App) learnNames(r protocol.Response) {
	if a.queue.ListsNames(r) {
		list := names.In(sanitize(r.Content))
		a.met(list...)
		a.roster.Listed("", list, nil, false)
	}
}

func (a *App) serverError(r protocol.Response) {
	if r.Data != nil {
		a.phrase(&r)
	}
	if a.namesAnswered(r) {
		return
	}
	defer a.exportRefused(r)
	if a.queue.RefusedText(r) || a.failed(r) {
		return
	}
	a.showWords(r)
}

// message handles something that was said now.
func (a *App) message(m protocol.Response) {
	a.met(sanitizeLine(m.Sender))
	m = named(m, "")
	if m.Data != nil && m.Data.Event == protocol.EventDirect {
		a.direct(m)
		return
	}
	if a.queue.Echo(m) {
		a.refresh(m)
		return
	}
	replayed := m.Stamp != "" && a.now().Sub(a.loginAt) <= replayWindow
	if a.seen.Has(m, replayed) {
		a.refresh(m)
		return
	}
	a.seen.Add(m)
	if a.isUnclear(m) {
		return
	}
	a.addSaid(m)
	if a.isSelf(m.Sender) && !replayed {
		a.queue.Imitated()
	}
}
