package client

import (
	"strings"
	"unicode"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const (
	// recentWords is among how many of its newest words the client looks whether it has
	// said that somebody is away. What is further up may be said again.
	recentWords = 100

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
	words := name + " is back."
	if away {
		words = name + " is " + awayWords(why) + "."
	}
	if last := a.lastOfAway(name); !strings.EqualFold(words, last) && (away || last != "") {
		a.tell(timeline.Notice, "%s", words)
	}
}

// lastOfAway returns what tellAway has said of somebody last; "" if it has said nothing.
func (a *App) lastOfAway(name string) string {
	begin := strings.ToLower(name) + " is "
	words := a.timeline.Page(timeline.Conversation{Place: timeline.Status}, 0, recentWords)
	for i := len(words) - 1; i >= 0; i-- {
		e := words[i]
		if rest, ok := strings.CutPrefix(strings.ToLower(e.Text), begin); ok && e.Kind == timeline.Notice &&
			(strings.HasPrefix(rest, "away") || rest == "back.") {
			return e.Text
		}
	}
	return ""
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
