package client

import "strings"

// A BellMode says for which messages the terminal's bell rings.
type BellMode string

// The modes of the bell.
const (
	BellOff      BellMode = "off"
	BellMentions BellMode = "mentions"
	BellAll      BellMode = "all"
)

func bellModes() []string {
	return []string{string(BellOff), string(BellMentions), string(BellAll)}
}

func (a *App) cmdBell(when string) {
	if when == "" {
		a.tell(ToneNotice, "The bell rings for: %s. Change it with /bell %s.", a.bell, strings.Join(bellModes(), "|"))
		return
	}
	a.bell = BellMode(strings.ToLower(when))
	a.tell(ToneNotice, "The bell rings for: %s.", a.bell)
}
