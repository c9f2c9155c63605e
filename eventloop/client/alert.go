package client

import (
	"strings"
	"time"

	"parley/eventloop/client/timeline"
)

// A BellMode says for which messages the terminal's bell rings.
type BellMode string

// The modes of the bell.
const (
	BellOff      BellMode = "off"
	BellMentions BellMode = "mentions"
	BellAll      BellMode = "all"
)

// absence is how long no key must have been pressed for a person to be away.
const absence = 2 * time.Minute

func bellModes() []string {
	return []string{string(BellOff), string(BellMentions), string(BellAll)}
}

// alert rings for what somebody has said, if the person wants that; once for all that
// was missed.
func (a *App) alert(c timeline.Change) {
	if a.cfg.Mode != Interactive || !c.Heard() {
		return
	}
	if (a.bell == BellAll || a.bell == BellMentions && c.Entry.Meant()) && !(c.Entry.Missed && a.resumption.rung) {
		a.resumption.rung = a.resumption.rung || c.Entry.Missed
		a.cfg.Ring()
	}
}

// gap marks where what comes is new to somebody who was away.
func (a *App) gap() {
	if a.cfg.Mode == Interactive && a.now().Sub(a.lastKey) >= absence && !a.gapShown {
		a.gapShown = true
		a.readAll()
		a.timeline.Mark()
		a.add(timeline.Entry{Kind: timeline.Gap})
	}
}

// readAll notes that the person has read all that was shown: on a terminal that is all.
func (a *App) readAll() {
	if a.cfg.Unshown {
		return
	}
	for _, s := range a.timeline.Conversations() {
		if !s.Held {
			a.timeline.Read(s.In, s.Last)
		}
	}
	a.readSoon()
}

func (a *App) cmdBell(when string) {
	if when == "" {
		a.tell(timeline.Notice, "The bell rings for: %s. Change it with /bell %s.", a.bell, strings.Join(bellModes(), "|"))
		return
	}
	a.bell = BellMode(strings.ToLower(when))
	a.tell(timeline.Notice, "The bell rings for: %s.", a.bell)
}
