package client

import (
	"encoding/json"
	"fmt"

	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// maxStrange is how many texts of a server that has sent no response yet are shown:
// a page for browsers has hundreds of lines.
const maxStrange = 3

// spoke handles words of the server that are no response: a JSON string, or a line
// of text. Once the server has made sense they count as an info; before, they are
// shown, and may as well come from what is no chat server.
func (a *App) spoke(words string) {
	r := protocol.Response{Kind: protocol.KindInfo, Content: words}
	raw, _ := json.Marshal(words)
	if a.sensible {
		a.received(r, raw)
		return
	}
	a.strange++
	switch {
	case a.strange > maxStrange:
	case a.cfg.Mode == JSON:
		a.view.Received(raw, view.Known{})
	case a.cfg.Mode == Lines:
		a.tell(timeline.Notice, "The server says: %s", quote(words))
	default:
		a.showWords(r)
	}
}

// foreign reports whether all that the server has ever sent made no sense.
func (a *App) foreign() bool { return !a.sensible && a.strange > 0 }

func (a *App) foreignWords() string {
	return fmt.Sprintf("%s does not look like a chat server: it sends something that is not JSON. Check the host and the port.", a.cfg.Target.Label)
}
