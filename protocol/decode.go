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
//   - keys and kinds in any letter case, missing keys, other words for "sender",
//     "timestamp" and "content", a sender that is a string, null, "None" or a list;
//   - a timestamp that is a string in any format, an int or a float;
//   - "msg" for "message"; kinds that the standard does not know are info, within
//     a history message;
//   - a bare array, which is a history;
//   - names as one string, a list of strings or a list of objects;
//   - a history that is a list of JSON strings (nested ones too), of objects, of
//     [time, name, text] or of plain text, one string, one string of JSON, or one
//     message by itself.
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
		return Response{Kind: KindHistory, History: decodeList(v, 0)}, nil
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

// Words that servers use in place of the standard's keys.
var (
	senderKeys  = []string{"sender", "username", "name", "user", "nickname", "nick", "from", "author"}
	timeKeys    = []string{"timestamp", "time", "datetime", "date", "sent", "ts"}
	contentKeys = []string{"content", "message", "text", "msg", "body"}
)

// decodeObject decodes a response; unknown is the kind of one that does not name
// one of the standard's.
func decodeObject(o map[string]any, unknown Kind, nesting int) Response {
	fields := lowerKeys(o)
	var r Response
	r.Kind = decodeKind(fields["response"], unknown)
	r.Sender = decodeSender(firstOf(fields, senderKeys))
	r.Time, r.Stamp = decodeTime(firstOf(fields, timeKeys))
	r.Ref, _ = fields["ref"].(string)
	r.Data = decodeData(fields["data"])
	content := firstOf(fields, contentKeys)
	if r.Kind == KindHistory {
		r.History = decodeHistory(content, r, nesting)
	} else {
		r.Content = decodeText(content)
	}
	return r
}

func lowerKeys(o map[string]any) map[string]any {
	fields := make(map[string]any, len(o))
	for _, k := range slices.Sorted(maps.Keys(o)) { // capitals first: of "Sender" and "sender" the latter counts
		fields[strings.ToLower(k)] = o[k]
	}
	return fields
}

// pythonNull is what Python makes of no value where it is made a text.
const pythonNull = "None"

func decodeSender(v any) string {
	sender := decodeText(v)
	if sender == pythonNull {
		return ""
	}
	return sender
}

func firstOf(fields map[string]any, keys []string) any {
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

// decodeText makes one string of a value: a list of names is joined by ", ", be
// they strings or objects, what is no text stays the JSON that it is.
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
			switch x := x.(type) {
			case []any:
				parts[i] = encodeJSON(x)
			case map[string]any:
				parts[i] = decodeName(x)
			default:
				parts[i] = decodeText(x)
			}
		}
		return strings.Join(parts, ", ")
	}
	return encodeJSON(v)
}

// decodeName returns the name of an object that describes a person, or the object
// as JSON if it has none.
func decodeName(o map[string]any) string {
	if name, ok := firstOf(lowerKeys(o), senderKeys).(string); ok && name != "" {
		return name
	}
	return encodeJSON(o)
}

// DecodeWords returns what a server says that does not answer in objects: a line
// that is a JSON string says what is in it, any other says itself.
func DecodeWords(line []byte) string {
	if v, ok := decodeJSON(bytes.NewReader(line)); ok {
		if s, ok := v.(string); ok {
			return s
		}
	}
	return strings.ToValidUTF8(strings.TrimSpace(string(line)), "\ufffd")
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

// maxSeconds is how much data.seconds may be: a time.Duration has no room for ten times as much.
const maxSeconds = 1e9

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
	d.ID = decodeNumber(o["id"])
	d.Name, _ = o["name"].(string)
	d.Log, _ = o["log"].(string)
	d.Token, _ = o["token"].(string)
	d.Resume, _ = o["resume"].(string)
	d.To, _ = o["to"].(string)
	d.Text, _ = o["text"].(string)
	d.State, _ = o["state"].(string)
	d.More, _ = o["more"].(bool)
	if seconds, ok := o["seconds"].(json.Number); ok {
		d.Seconds, _ = strconv.Atoi(seconds.String())
		d.Seconds = max(min(d.Seconds, maxSeconds), -maxSeconds) // as a time.Duration it is to be one
	}
	if t, _ := decodeTime(o["registered"]); !t.IsZero() {
		d.Registered = &t
	}
	d.Room, _ = o["room"].(string)
	d.Topic, _ = o["topic"].(string)
	d.Read, d.Before, d.After = decodeNumber(o["read"]), decodeNumber(o["before"]), decodeNumber(o["after"])
	d.Rooms = decodeRooms(o["rooms"])
	d.Unread = decodeUnread(o["unread"])
	d.Sessions = decodeSessions(o["sessions"])
	d.Private = decodePrivate(o["private"])
	d.Re, d.Marks, d.Order = decodeNumber(o["re"]), decodeMarks(o["marks"]), decodeOrder(o["order"])
	d.Names = decodeNames(o["names"])
	if likes, ok := o["likes"].(map[string]any); ok {
		d.Likes = make(Likes, len(likes))
		for name, like := range likes {
			d.Likes[name] = decodeText(like)
		}
	}
	if away, ok := o["away"].(map[string]any); ok {
		d.Away = make(Absences, len(away))
		for name, why := range away {
			d.Away[name] = decodeText(why)
		}
	}
	return d
}

// decodeNames returns a list of texts, nil if v is no list.
func decodeNames(v any) []string {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	names := make([]string, 0, len(list))
	for _, n := range list {
		names = append(names, decodeText(n))
	}
	return names
}

// decodeNumber returns a whole number, 0 if v is none.
func decodeNumber(v any) uint64 {
	number, _ := v.(json.Number)
	n, err := strconv.ParseUint(number.String(), 10, 64)
	if err != nil { // of one that is too large n is the largest
		return 0
	}
	return n
}
