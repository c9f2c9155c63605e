package client

import (
	"slices"

	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// A written is what a person has written in a view that is no terminal, for a request that is on
// its way. Its field is empty by then, and no key fetches it back: so it is given back in words if
// nothing comes of it. There are no more of them than requests that the queue takes.
type written struct {
	ref  string // of the request
	text string
}

// wrote returns what a person has written for something that is not said, but asked of the server.
func (q Ask) wrote() string {
	switch q.Kind {
	case AskLine, AskEdit, AskRemove:
		return q.Text
	}
	return ""
}

// writtenFor returns what was written for a request, if that carries words of the person's own; else "".
func (a *App) writtenFor(r sending.Request) string {
	if r.Fields["text"] != "" || r.Fields["why"] != "" || r.Verb == "away" && r.Content != "" {
		return a.wrote
	}
	return ""
}

// keepWritten keeps what was written for the request that the queue has just taken, until the
// server has answered it.
func (a *App) keepWritten(r sending.Request) {
	if text := a.writtenFor(r); text != "" {
		a.written = append(a.written, written{a.queue.LastRef(r.Verb), text})
	}
}

// takeWritten returns what was written for a request, once; "": nothing.
func (a *App) takeWritten(ref string) string {
	i := slices.IndexFunc(a.written, func(w written) bool { return w.ref == ref })
	if i < 0 {
		return ""
	}
	text := a.written[i].text
	a.written = slices.Delete(a.written, i, i+1)
	return text
}

// writtenAnswered gives back what the server has refused. What it has done needs nothing.
func (a *App) writtenAnswered(r protocol.Response) {
	text := a.takeWritten(r.Ref)
	if r.Kind == protocol.KindError {
		a.giveBack(nothingDone, text)
	}
}

// writtenLost gives back all that the server has not answered when the connection is lost.
func (a *App) writtenLost() {
	for _, w := range a.written {
		a.giveBack(mayBeDone, w.text)
	}
	a.written = nil
}

// What is known of something that a person wanted to be done.
const (
	nothingDone = "Nothing was done."
	mayBeDone   = "It is not known whether this was done." // it was not answered
)

// giveBack tells what was written, and what is known of it; "": nothing was.
func (a *App) giveBack(known, text string) {
	if text != "" {
		a.tell(timeline.Warning, "%s You wrote: %s", known, text)
	}
}
