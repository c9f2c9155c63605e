package protocol

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// A known key whose value has another type is an error, and so is a known field,
// whoever reads them: nothing of it is ignored.
func FuzzTypes(f *testing.F) {
	for _, tt := range requestTests {
		f.Add([]byte(tt.frame))
	}
	for _, value := range []string{`true`, `"true"`, `1`, `0`, `null`, `5`, `[]`, `{}`, `"x"`} {
		for _, key := range []string{"extended", "register", "takeover", "password", "ref", "id", "content", "request"} {
			f.Add([]byte(`{"request":"login","content":"alice","` + key + `":` + value + `}`))
		}
		f.Add([]byte(`{"request":"login","content":{"name":"alice","password":` + value + `}}`))
		f.Add([]byte(`{"request":"whoelsesince","content":{"Seconds":` + value + `}}`))
		f.Add([]byte(`{"request":"read","content":{"room":` + value + `,"id":` + value + `,"ID":5}}`))
	}
	verbs := NewVerbs()
	f.Fuzz(func(t *testing.T, frame []byte) {
		for _, slim := range []bool{false, true} {
			p := Parser{Slim: slim}
			r, err := p.Parse(frame)
			if err != nil {
				continue
			}
			v := verbs.Lookup(r.Verb)
			if v == nil {
				v = new(Verb)
			} else if _, err := v.Parse(r.Content); err != nil {
				continue
			}
			if odd := oddKey(v, frame); odd != "" {
				t.Errorf("slim %v: %s of %q was taken", slim, odd, frame)
			}
		}
	})
}

// oddKey returns a key or a field that the verb knows and whose value has another
// type than it must have, "" if there is none. Of contents and of fields that come
// twice the last one counts.
func oddKey(v *Verb, frame []byte) (odd string) {
	types := map[string]string{"request": `"`, "password": `"n`, "ref": `"n`, "id": `"n`, "extended": "tfn10", "register": "tfn10", "takeover": "tfn10"}
	var content string
	for _, m := range members(frame) {
		if m.key == "content" {
			content = m.value
		} else if allowed, known := types[m.key]; known && !strings.ContainsRune(allowed, rune(m.value[0])) {
			odd = m.key
		}
	}
	if content != "" && v.Name != "" && !strings.ContainsRune(`"n{`, rune(content[0])) {
		odd = "content"
	}
	last := map[string]string{}
	if strings.HasPrefix(content, "{") {
		for _, m := range members([]byte(content)) {
			last[m.key] = m.value
		}
	}
	for _, a := range v.Args {
		value := last[a.Name]
		if value != "" && value[0] != '"' && value[0] != 'n' && !(a.Number && digits.MatchString(value)) {
			odd = a.Name
		}
	}
	return odd
}

var digits = regexp.MustCompile(`^[0-9]+$`)

type member struct{ key, value string }

// members returns the keys of an object in lower case, with their values.
func members(object []byte) (list []member) {
	dec := json.NewDecoder(bytes.NewReader(object))
	_, _ = dec.Token()
	for dec.More() {
		key, err := dec.Token()
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			return list
		}
		list = append(list, member{strings.ToLower(key.(string)), string(value)})
	}
	return list
}
