package client

import "parley/eventloop/client/timeline"

// cmdQuit leaves. Other chats tell everybody the text behind it.
func (a *App) cmdQuit(text string) {
	if text != "" {
		a.tell(timeline.Notice, "Leaving. Nobody is told why: %s was said to nobody.", quote(text))
	}
	a.leave()
}
