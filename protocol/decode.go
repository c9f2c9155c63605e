package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DecodeResponse decodes one frame from a server, anybody's: a JSON object or
// array. It takes what 29 public servers were seen to send:
//
//   - keys and kinds in any letter case, missing keys, "name" or "username" for
//     "sender", a sender that is a string, null or a list;
//   - a timestamp that is a string in any format, an int or a float;
//   - "msg" for "message"; kinds that the standard does not know are info, within
//     a history message;
//   - a bare array, which is a history;
//   - a history that is a list of JSON strings (nested ones too), of objects, of
//     {username, message, timestamp} or of plain text, one string, one string
//     of JSON, or one message by itself.
//
// encoding/json is used here and not jsontext, which the server uses: it puts
// U+FFFD for bytes that are not UTF-8, where the server is to say no.
func DecodeResponse(frame []byte) (Response, *Error) {
	v, ok := decodeJSON(bytes.NewReader(frame))
	if !ok {
		return Response{}, Errorf(BadJSON, "The server sent something that is not JSON.")
	}
	switch v := v.(type) {
	case map[string]any:
		return decodeObject(v, KindInfo, 0), nil
	case []any:
		return Response{Kind: KindHistory, History: decodeEntries(v, 0)}, nil
	}
	return Response{}, Errorf(BadRequest, "The server sent something that is not a response.")
}

// decodeJSON decodes one JSON value with nothing behind it. Numbers keep their digits.
func decodeJSON(r io.Reader) (v any, ok bool) {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return nil, false
	}
	_, err := dec.Token()
	return v, err == io.EOF
}

// maxHistoryNesting is how often a history may stand as a JSON string within
// another; two were seen.
const maxHistoryNesting = 4

// decodeObject decodes a response; unknown is the kind of one that does not name
// one of the standard's.
func decodeObject(o map[string]any, unknown Kind, nesting int) Response {
	fields := make(map[string]any, len(o))
	for _, k := range slices.Sorted(maps.Keys(o)) { // capitals first: of "Sender" and "sender" the latter counts
		fields[strings.ToLower(k)] = o[k]
	}
	var r Response
	r.Kind = decodeKind(fields["response"], unknown)
	r.Sender = decodeText(firstOf(fields, "sender", "username", "name"))
	r.Time, r.Stamp = decodeTime(firstOf(fields, "timestamp", "time"))
	r.Ref, _ = fields["ref"].(string)
	r.Data = decodeData(fields["data"])
	content := firstOf(fields, "content", "message")
	if r.Kind == KindHistory {
		r.History = decodeHistory(content, r, nesting)
	} else {
		r.Content = decodeText(content)
	}
	return r
}

func firstOf(fields map[string]any, keys ...string) any {
	for _, k := range keys {
		if v := fields[k]; v != nil {
			return v
		}
	}
	return nil
}

func decodeKind(v any, unknown Kind) Kind {
	s, _ := v.(string)
	switch k := Kind(strings.ToLower(strings.TrimSpace(s))); k {
	case KindError, KindInfo, KindHistory, KindMessage:
		return k
	case "msg":
		return KindMessage
	}
	return unknown
}

// decodeText makes one string of a value: a list of names is joined by ", ",
// what is no text stays the JSON that it is.
func decodeText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			if _, ok := x.([]any); ok {
				parts[i] = encodeJSON(x)
			} else {
				parts[i] = decodeText(x)
			}
		}
		return strings.Join(parts, ", ")
	}
	return encodeJSON(v)
}

// encodeJSON makes text of a value, for a person to read.
func encodeJSON(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// decodeTime understands RFC 3339 and seconds since 1970. Of anything else only
// the text is kept: it is in the server's own format and time zone.
func decodeTime(v any) (time.Time, string) {
	stamp := decodeText(v)
	if t, err := time.Parse(time.RFC3339, stamp); err == nil {
		return t, stamp
	}
	seconds, err := strconv.ParseFloat(stamp, 64)
	if err != nil || !(seconds >= 1e8 && seconds <= 1e11) { // nor is a bare "2026", "1156" or "NaN"
		return time.Time{}, stamp
	}
	whole, frac := math.Modf(seconds)
	return time.Unix(int64(whole), int64(frac*1e9)).UTC(), stamp
}

// decodeData reads data; what is not an object with an event is not ours.
func decodeData(v any) *Data {
	o, _ := v.(map[string]any)
	event, ok := o["event"].(string)
	if !ok {
		return nil
	}
	d := &Data{Event: event}
	if code, ok := o["code"].(string); ok {
		d.Code = Code(code)
	}
	if id, ok := o["id"].(json.Number); ok {
		d.ID, _ = strconv.ParseUint(id.String(), 10, 64)
	}
	d.Name, _ = o["name"].(string)
	d.Log, _ = o["log"].(string)
	d.To, _ = o["to"].(string)
	d.Text, _ = o["text"].(string)
	d.State, _ = o["state"].(string)
	if seconds, ok := o["seconds"].(json.Number); ok {
		d.Seconds, _ = strconv.Atoi(seconds.String())
	}
	d.Registered, _ = decodeTime(o["registered"])
	d.Private = decodePrivate(o["private"])
	if names, ok := o["names"].([]any); ok {
		d.Names = make([]string, 0, len(names))
		for _, n := range names {
			d.Names = append(d.Names, decodeText(n))
		}
	}
	return d
}

// decodeHistory reads the content of the history response r.
func decodeHistory(content any, r Response, nesting int) []Response {
	switch v := content.(type) {
	case []any:
		return decodeEntries(v, nesting)
	case map[string]any:
		return decodeEntries([]any{v}, nesting)
	case string:
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
			if e.Sender == "" && e.Content == "" { // not understood: shown as it is
				e.Content = encodeJSON(x)
			}
			entries = append(entries, e)
		case string:
			entries = append(entries, decodeEntry(x, nesting)...)
		case []any:
			if nesting < maxHistoryNesting {
				entries = append(entries, decodeEntries(x, nesting+1)...)
			}
		default:
			entries = append(entries, textEntries(decodeText(x))...)
		}
	}
	return entries
}

func hasSender(r Response) bool { return r.Sender != "" }

// decodeEntry reads an entry that is a string: JSON, or text as it is shown.
func decodeEntry(s string, nesting int) []Response {
	if inner, ok := jsonInside(s); ok && nesting < maxHistoryNesting {
		if list, ok := inner.([]any); ok {
			return decodeEntries(list, nesting+1)
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
