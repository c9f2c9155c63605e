package client

import (
	"strings"
	"unicode"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const (
	// maxAwayShown is of how many people is known what was said of their being away.
	// With one more it is all forgotten, and said again.
	maxAwayShown = 1_000

	// maxReason is the size in bytes (UTF-8) of why somebody is away, where it stands
	// whole in a sentence of the client's own.
	maxReason = 40
)

// tellAway says that somebody who was written to is away, or is not any more, unless
// that is what was said of them last: an extended server tells it with each text.
func (a *App) tellAway(name string, away bool, why string) {
	if a.cfg.Mode != Interactive || protocol.CheckName(name) != nil {
		return
	}
	words := ""
	if away {
		words = "is " + awayWords(why)
	}
	key := strings.ToLower(name)
	if words == a.awayShown[key] {
		return
	}
	if len(a.awayShown) >= maxAwayShown {
		clear(a.awayShown)
	}
	a.awayShown[key] = words
	if words == "" {
		delete(a.awayShown, key)
		words = "is back"
	}
	a.tell(timeline.Notice, "%s %s.", a.toldApart(name), words)
}

// awayWords say that somebody is away, and why if they have said so. A reason that
// could be taken for more of the sentence or of the list around it is quoted.
func awayWords(why string) string {
	words := strings.Join(strings.Fields(sanitizeLine(why)), " ")
	if words == "" {
		return "away"
	}
	isSpecial := func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.M, unicode.N) && r != ' ' && r != '-' && r != '\''
	}
	if len(words) > maxReason || strings.ContainsFunc(words, isSpecial) {
		words = quote(strings.ReplaceAll(words, `"`, "'"))
	}
	return "away: " + words
}
