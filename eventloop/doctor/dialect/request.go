package dialect

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"parley/eventloop/doctor"
)

// A Request is what a client has asked for. It is read with all forgiveness, so that one
// mistake does not hide the next: a key that is none is taken for what it has in it.
type Request struct {
	Verb     string   // as the specification has it, "" if it is none of its words
	Word     string   // as it was sent
	Text     string   // the content, if it is a string
	Content  any      // as JSON has it
	Keys     []string // in their order
	VerbKey  string   // under which the word stood
	TextKey  string   // under which the content stood, "" if there was none
	Raw      []byte
	Broken   bool          // it is no JSON
	Before   []byte        // what stood in front of it
	After    []byte        // what stood behind it, in the same segment
	Reads    int           // how many reads brought it
	Together bool          // it began in the segment in which another one ended
	Conn     int           // of which connection
	At       time.Duration // when it had come
}

// Verbs are the words of the specification.
var Verbs = []string{"login", "logout", "msg", "names", "help"}

// readRequest reads a request.
func readRequest(v doctor.Value) Request {
	q := Request{Raw: v.Raw, Broken: v.V == nil, Before: v.Before}
	if q.Broken {
		return q
	}
	members := readObject(v.Raw)
	for _, m := range members {
		q.Keys = append(q.Keys, m.key)
	}
	q.VerbKey = keyOf(members, "request", func(v any) bool { return verb(v) != "" })
	q.TextKey = keyOf(members, "content", func(v any) bool { _, is := v.(string); return (is || v == nil) && verb(v) == "" })
	for _, m := range members {
		if m.key == q.VerbKey {
			q.Word, _ = m.value.(string)
			q.Verb = verb(m.value)
		} else if m.key == q.TextKey {
			q.Content = m.value
			q.Text, _ = m.value.(string)
		}
	}
	return q
}

// keyOf returns the key that is called so in any letter case, or else the first that has
// what it could have.
func keyOf(members []member, key string, could func(any) bool) string {
	for _, m := range members {
		if strings.EqualFold(m.key, key) {
			return m.key
		}
	}
	for _, m := range members {
		if could(m.value) {
			return m.key
		}
	}
	return ""
}

// verb returns the word of the specification that a value means, "" if it means none.
// One of the measured clients says message for msg.
func verb(v any) string {
	s, _ := v.(string)
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "message" {
		s = "msg"
	}
	if !slices.Contains(Verbs, s) {
		return ""
	}
	return s
}

// readObject returns the members of an object, nil if it is none.
func readObject(raw []byte) (list []member) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return list
		}
		m := member{key: key.(string)}
		if err := d.Decode(&m.value); err != nil {
			return list
		}
		list = append(list, m)
	}
	return list
}
