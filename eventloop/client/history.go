package client

import (
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// maxOldShown is how many messages of one history are shown: some servers send
// everything that was ever said.
const maxOldShown = 200

// older is what of a history is to be shown when all of it is there: the newest
// messages, and how many there were before them.
type older struct {
	entries []timeline.Entry
	left    int
}

func (o *older) add(e timeline.Entry) {
	e.Cut() // they may wait
	o.entries = append(o.entries, e)
	if len(o.entries) >= 2*maxOldShown {
		o.trim()
	}
}

func (o *older) trim() {
	if n := len(o.entries) - maxOldShown; n > 0 {
		o.entries = append([]timeline.Entry(nil), o.entries[n:]...)
		o.left += n
	}
}

// history shows what was said before, as far as it was not shown yet. What comes in
// several responses is shown when all is there.
func (a *App) history(r protocol.Response) {
	for _, m := range r.History {
		m.Sender = speaker(m.Sender)
		a.met(sanitizeLine(m.Sender))
		if a.seen.Has(m, true) || a.dialect == extended && a.queue.Echo(m) {
			continue
		}
		a.seen.Add(m)
		a.older.add(a.saidBy(m, true))
	}
	if r.Data != nil && r.Data.More {
		return
	}
	a.seen.HistoryEnded()
	a.older.trim()
	old := a.older
	a.older = older{}
	// A pipe gets what is said from its first login on.
	if a.cfg.Mode == Interactive || a.login.Last() != "" {
		a.showOld(old)
	}
	a.login.Hint()
}

func (a *App) showOld(old older) {
	if old.left > 0 {
		a.tell(timeline.Notice, "%d older messages are not shown.", old.left)
	}
	for _, e := range old.entries {
		a.add(e)
	}
}
