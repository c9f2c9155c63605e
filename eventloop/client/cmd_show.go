package client

import (
	"strconv"
	"strings"

	"parley/eventloop/client/timeline"
)

// cmdShow shows a text whole of which a part was folded away.
func (a *App) cmdShow(arg string) {
	words := strings.Fields(arg)
	id, err := strconv.ParseUint(words[0], 10, 64)
	page := 1
	if err == nil && len(words) > 1 {
		page, err = strconv.Atoi(words[1])
	}
	e, ok := a.timeline.Lookup(timeline.ID(id))
	switch {
	case err != nil || page < 1 || len(words) > 2:
		a.tell(timeline.Error, "Type /show and the number that stands behind a text of which more is there, such as /show 17, and for what comes behind that /show 17 2.")
	case !ok:
		a.tell(timeline.Error, "There is no text with the number %d any more: the oldest are forgotten.", id)
	default:
		a.view.Expand(e, page)
	}
}
