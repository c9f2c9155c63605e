package protocol

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// maxHistoryNesting is how often a history may stand as a JSON string within
// another; two were seen.
const maxHistoryNesting = 4

// decodeHistory reads the content of the history response r.
func decodeHistory(content any, r Response, nesting int) []Response {
	switch v := content.(type) {
	case []any:
		return decodeList(v, nesting)
	case map[string]any:
		return decodeEntries([]any{v}, nesting)
	case string:
		if isNoText(v) && isServer(r.Sender) || strings.TrimSpace(v) == "" {
			return nil
		}
		if inner, ok := jsonInside(v); ok && nesting < maxHistoryNesting {
			entries := decodeHistory(inner, r, nesting+1)
			if isServer(r.Sender) || slices.ContainsFunc(entries, hasSender) { // else a user's text that happens to be JSON
				return entries
			}
		}
		if !isServer(r.Sender) { // one message by itself
			return []Response{{Time: r.Time, Stamp: r.Stamp, Sender: r.Sender, Kind: KindMessage, Content: v, Data: r.Data}}
		}
		return textEntries(v)
	}
	return nil
}

// decodeList reads a list that is one message or several.
func decodeList(list []any, nesting int) []Response {
	if e, ok := decodeTuple(list); ok {
		return []Response{e}
	}
	return decodeEntries(list, nesting)
}

func decodeEntries(list []any, nesting int) []Response {
	var entries []Response
	for _, x := range list {
		switch x := x.(type) {
		case map[string]any:
			e := decodeObject(x, KindMessage, nesting)
			if e.Kind == KindHistory {
				entries = append(entries, e.History...)
				continue
			}
			if len(x) == 0 {
				continue
			}
			if e.Sender == "" && e.Content == "" { // not understood: shown as it is
				e.Content = encodeJSON(x)
			}
			entries = append(entries, e)
		case string:
			entries = append(entries, decodeEntry(x, nesting)...)
		case []any:
			if nesting < maxHistoryNesting {
				entries = append(entries, decodeList(x, nesting+1)...)
			}
		default:
			entries = append(entries, textEntries(decodeText(x))...)
		}
	}
	return entries
}

func hasSender(r Response) bool { return r.Sender != "" }

// isNoText reports whether the text of a history says that there is none.
func isNoText(s string) bool {
	s = strings.TrimSpace(s)
	return s == "" || s == pythonNull || s == "null"
}

// someTime finds what a text must begin with to tell a time: "9:05" or "2026-11-21".
var someTime = regexp.MustCompile(`^\W?(\d\d?:\d\d|\d+[-/.]\d\d?[-/.]\d)`)

func tellsTime(v any) bool {
	switch v := v.(type) {
	case json.Number, nil:
		return true
	case string:
		return someTime.MatchString(v)
	}
	return false
}

// decodeTuple reads a message that is a list: [time, name, text] or [name, text,
// time]. The name is one word.
func decodeTuple(list []any) (e Response, ok bool) {
	const parts = 3
	if len(list) != parts {
		return e, false
	}
	at, rest := list[0], list[1:]
	if !tellsTime(at) {
		at, rest = list[2], list[:2]
	}
	name, named := rest[0].(string)
	text, said := rest[1].(string)
	if !tellsTime(at) || !named || !said || name == "" || strings.ContainsAny(name, " \t\n{:") {
		return e, false
	}
	e = Response{Kind: KindMessage, Sender: decodeSender(name), Content: text}
	e.Time, e.Stamp = decodeTime(at)
	return e, true
}

// decodeEntry reads an entry that is a string: JSON, or text as it is shown.
func decodeEntry(s string, nesting int) []Response {
	if isNoText(s) {
		return nil
	}
	if inner, ok := jsonInside(s); ok && nesting < maxHistoryNesting {
		if list, ok := inner.([]any); ok {
			return decodeList(list, nesting+1)
		}
		return decodeEntries([]any{inner}, nesting+1)
	}
	return textEntries(s)
}

// jsonInside decodes a string that holds a JSON object, array or string.
func jsonInside(s string) (v any, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" || !strings.ContainsRune(`{["`, rune(s[0])) {
		return nil, false
	}
	return decodeJSON(strings.NewReader(s))
}

// textEntries makes a message without a sender of every line.
func textEntries(s string) []Response {
	var entries []Response
	for line := range strings.Lines(s) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			entries = append(entries, Response{Kind: KindMessage, Content: line})
		}
	}
	return entries
}

// isServer reports whether a sender is one of the names that servers use for
// themselves.
func isServer(sender string) bool {
	switch strings.ToLower(strings.Trim(sender, "[] ")) {
	case "", "server", "chatserver", "history":
		return true
	}
	return false
}
