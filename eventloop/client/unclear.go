package client

import (
	"parley/protocol"
)

// An own message comes back that was edited or removed, and a text of one's own was sent on a lost
// connection: by its text nobody can tell whether it is that one. It waits until the server has said
// which numbers these texts have.

// isUnclear reports whether m, which was said before, is such a message. Then it waits.
func (a *App) isUnclear(m protocol.Response) bool {
	if m.Data == nil || m.Data.ID == 0 || !a.queue.MayBe(m) {
		return false
	}
	if marks := marksOf(m.Data); !marks.Removed && !marks.Edited {
		return false
	}
	a.unclear = append(a.unclear, m)
	return true
}

// clearUp goes through what waits. The one with the number of a text is that text, of which it is told
// what it has become; 0 is none. One that cannot be a text any more was said on another screen.
func (a *App) clearUp(number uint64) {
	waiting := a.unclear
	a.unclear = nil
	for _, m := range waiting {
		switch {
		case m.Data.ID == number:
			a.becameMeanwhile(m)
		case a.queue.MayBe(m):
			a.unclear = append(a.unclear, m)
		case m.Data.Event == protocol.EventDirect:
			a.add(a.saidAlone(m))
		default:
			a.add(a.saidBy(m, true))
		}
	}
}

// becameMeanwhile tells what has become of a text of one's own while one was not there.
func (a *App) becameMeanwhile(m protocol.Response) {
	data := *m.Data
	data.Name, data.Text = m.Sender, m.Content
	m.Data = &data
	a.changed(&m)
}
