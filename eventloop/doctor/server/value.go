package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"parley/eventloop/doctor"
)

// A value is something that a server has sent: a response, or what stands for one.
type value struct {
	doctor.Value
	at     time.Time
	object map[string]any // with keys in small letters; nil if it is no object
}

func newValue(v doctor.Value, at time.Time) *value {
	x := &value{Value: v, at: at}
	if o, ok := v.V.(map[string]any); ok {
		x.object = make(map[string]any, len(o))
		for k, field := range o {
			x.object[strings.ToLower(k)] = field
		}
	}
	return x
}

// kind returns what kind of response it is, in small letters. A bare array is a history,
// as some servers send it.
func (v *value) kind() string {
	if _, ok := v.V.([]any); ok {
		return "history"
	}
	kind, _ := v.object["response"].(string)
	return strings.ToLower(kind)
}

func (v *value) sender() any { return v.object["sender"] }

// content returns the content; of a bare array itself.
func (v *value) content() any {
	if v.object == nil {
		return v.V
	}
	return v.object["content"]
}

// text returns all strings of a value in one, with what is JSON in a string opened.
func text(v any) string {
	var parts []string
	switch v := v.(type) {
	case string:
		parts = append(parts, v)
		var inner any
		if strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[") {
			if json.Unmarshal([]byte(v), &inner) == nil {
				parts = append(parts, text(inner))
			}
		}
	case map[string]any:
		for _, x := range v {
			parts = append(parts, text(x))
		}
	case []any:
		for _, x := range v {
			parts = append(parts, text(x))
		}
	case nil:
	default:
		parts = append(parts, fmt.Sprint(v))
	}
	return strings.Join(parts, " ")
}

const shortSize = 160 // bytes of what is quoted in a sentence

// short returns the bytes of the value, or the beginning of them.
func (v *value) short() string {
	if len(v.Raw) <= shortSize {
		return string(v.Raw)
	}
	return strings.ToValidUTF8(string(v.Raw[:shortSize]), "") + "..."
}

// request returns the bytes of a request with the two keys, and nothing behind it.
func request(verb string, content any) []byte {
	return object(struct {
		Request string `json:"request"`
		Content any    `json:"content"`
	}{verb, content})
}

// object returns a value as compact JSON in ASCII.
func object(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // all values are the tables' own
	}
	if !bytes.ContainsFunc(b, func(r rune) bool { return r >= 0x80 }) {
		return b
	}
	var ascii []byte
	for _, r := range string(b) {
		switch {
		case r < 0x80:
			ascii = append(ascii, byte(r))
		case r < 0x10000:
			ascii = fmt.Appendf(ascii, `\u%04x`, r)
		default:
			r -= 0x10000
			ascii = fmt.Appendf(ascii, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
	return ascii
}

// raw returns the bytes of a value that may be missing.
func (v *value) raw() []byte {
	if v == nil {
		return nil
	}
	return v.Raw
}
