package server

import (
	"strconv"
	"strings"

	"parley/protocol"
)

// A historyRequest is what somebody wants to be shown.
type historyRequest struct {
	room  string // "": the current one, if with is "", too
	with  string // direct messages with that one
	where string // "before", "after" or "around" the message id; "": the newest
	id    uint64
	count int
}

// withPrefix stands before a name where a room's may stand.
const withPrefix = "with:"

// historyWords are the arguments of a history as the object has them.
type historyWords struct{ room, with, before, after, around, count string }

// askedHistory reads the arguments of history.
func askedHistory(r call) (historyRequest, *protocol.Error) {
	words := historyWords{r.args[0], r.args[1], r.args[2], r.args[3], r.args[4], r.args[5]}
	if r.Content.Text != "" {
		var err *protocol.Error
		if words, err = typedHistory(words.room); err != nil {
			return historyRequest{}, err
		}
	}
	return words.request()
}

// typedHistory reads what somebody has typed. A word of digits alone is how many messages
// are wanted; before others it is a room.
func typedHistory(text string) (words historyWords, _ *protocol.Error) {
	rest := strings.Fields(text)
	if len(rest) > 0 && words.place(rest[0]) == nil && (len(rest) > 1 || !isNumber(rest[0])) {
		if name, is := cutPrefixFold(rest[0], withPrefix); is {
			if words.with = name; name == "" {
				return words, historyUsage("NAME is missing behind %s", withPrefix)
			}
		} else {
			words.room = rest[0]
		}
		rest = rest[1:]
	}
	if len(rest) > 0 {
		if id := words.place(rest[0]); id != nil {
			if len(rest) == 1 {
				return words, historyUsage("%s is missing its ID, which is the number of a message", shorten(rest[0]))
			}
			*id, rest = rest[1], rest[2:]
		}
	}
	if len(rest) > 0 {
		words.count, rest = rest[0], rest[1:]
	}
	if len(rest) > 0 {
		return words, historyUsage("It is not clear what %q means", shorten(rest[0]))
	}
	return words, nil
}

// place returns where the ID behind a word belongs, nil if it is another word.
func (w *historyWords) place(word string) *string {
	switch strings.ToLower(word) {
	case "before":
		return &w.before
	case "after":
		return &w.after
	case "around":
		return &w.around
	}
	return nil
}

func isNumber(word string) bool { return strings.Trim(word, "0123456789") == "" }

func cutPrefixFold(s, prefix string) (rest string, is bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// request checks the words.
func (w *historyWords) request() (asked historyRequest, _ *protocol.Error) {
	asked = historyRequest{room: w.room, with: w.with, count: protocol.DefaultHistoryCount}
	if w.room != "" && w.with != "" {
		return asked, historyUsage("Ask either for a room or for what was said with a person")
	}
	for _, p := range []struct{ where, id string }{{"before", w.before}, {"after", w.after}, {"around", w.around}} {
		if p.id == "" {
			continue
		}
		if asked.where != "" {
			return asked, historyUsage("Ask for only one of before, after and around")
		}
		id, err := strconv.ParseUint(strings.TrimSpace(p.id), 10, 64)
		if err != nil || id == 0 && p.where != "after" { // behind 0 is everything
			return asked, historyUsage("ID is the number of a message, such as 12, and not %q", shorten(p.id))
		}
		asked.where, asked.id = p.where, id
	}
	if w.count != "" {
		count, err := strconv.Atoi(strings.TrimSpace(w.count))
		if err != nil || count < 1 || count > protocol.MaxHistoryCount {
			return asked, historyUsage("COUNT is a whole number from 1 to %d, and not %q", protocol.MaxHistoryCount, shorten(w.count))
		}
		asked.count = count
	}
	return asked, nil
}

// historyUsage says what is wrong, and what may be asked for.
func historyUsage(format string, args ...any) *protocol.Error {
	return protocol.Errorf(protocol.BadRequest, format+". Use:", args...).
		WithCommands("history ROOM COUNT", "history ROOM before ID", "history with:NAME after ID COUNT")
}
