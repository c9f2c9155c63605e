package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// object is a JSON object whose keys have an order.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON is for json.Marshal.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(m.key))
		b.WriteByte(':')
		b.Write(encode(m.value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode returns a value as JSON. It is only given values that can be.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Response returns a response as the server writes it, with what ends it unless that
// goes in a segment of its own.
func (h Habits) Response(kind string, content, sender any, now time.Time) []byte {
	b := h.write(h.object(kind, content, sender, now))
	if !h.EndLate {
		b = append(b, h.End...)
	}
	return b
}

// object returns a response.
func (h Habits) object(kind string, content, sender any, now time.Time) object {
	if kind == "message" {
		kind = h.MessageAs
	}
	if h.Titles {
		kind = strings.ToUpper(kind[:1]) + kind[1:]
	}
	if name, is := sender.(string); is && h.Colours {
		sender = "\x1b[32m" + name + "\x1b[0m"
	}
	o := object{{"timestamp", h.stamp(now)}, {"sender", sender}, {"response", kind}, {"content", content}}
	o = slices.DeleteFunc(o, func(m member) bool { return slices.Contains(h.Leave, m.key) })
	for i := range o {
		if o[i].key == h.Rename[0] {
			o[i].key = h.Rename[1]
		}
	}
	for key, value := range h.Extra {
		o = append(o, member{key, value})
	}
	return o
}

func (h Habits) stamp(now time.Time) any {
	switch h.Stamp {
	case StampISO:
		return now.UTC().Format(time.RFC3339)
	case StampSeconds:
		return now.Unix()
	case StampFloat:
		return float64(now.UnixMilli()) / 1000
	case StampDigits:
		return fmt.Sprint(now.Unix())
	case StampNull:
		return nil
	}
	return now.Format("02-01-2006 15:04:05")
}

// text is a string of JSON with its quotation marks.
var text = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// write returns a value as the server writes JSON.
func (h Habits) write(v any) []byte {
	b := encode(v)
	if h.Indent {
		var indented bytes.Buffer
		if err := json.Indent(&indented, b, "", "    "); err != nil {
			panic(err)
		}
		b = indented.Bytes()
	}
	if !h.UTF8 {
		b = ascii(b)
	}
	if h.Braces {
		b = text.ReplaceAllFunc(b, func(s []byte) []byte {
			s = bytes.ReplaceAll(s, []byte("{"), []byte(`\u007b`))
			return bytes.ReplaceAll(s, []byte("}"), []byte(`\u007d`))
		})
	}
	return b
}

// ascii escapes what is not ASCII.
func ascii(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r < utf8.RuneSelf:
			out = append(out, b[0])
		case r > 0xffff:
			first, second := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, first, second)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		b = b[n:]
	}
	return out
}

// history returns the responses that tell what was said before.
func (h Habits) history(past []Said, now time.Time) (list [][]byte) {
	say := func(kind string, content, sender any) { list = append(list, h.Response(kind, content, sender, now)) }
	var objects, triples, usernames, stringsOf, lines []any
	for _, p := range past {
		o := h.object("message", p.Text, p.Name, now)
		objects = append(objects, o)
		stringsOf = append(stringsOf, string(h.write(o)))
		lines = append(lines, p.Name+": "+p.Text)
		usernames = append(usernames, object{{"username", p.Name}, {"message", p.Text}, {"timestamp", h.stamp(now)}})
		triples = append(triples, []any{h.stamp(now), p.Name, p.Text})
	}
	forms := map[History]any{HistoryStrings: stringsOf, HistoryObjects: objects, HistoryUsernames: usernames, HistoryTriples: triples, HistoryLines: lines,
		HistoryEmpty: []any{}, HistoryEmptyReplay: []any{}, HistoryBlank: "", HistoryBlankReplay: "",
		HistoryInString: string(encode(objects)), HistoryText: joinLines(lines)}
	if content, is := forms[h.History]; is {
		say("history", content, h.Sender)
	}
	switch h.History {
	case HistoryArray:
		list = append(list, h.write(objects))
	case HistoryOneByOne:
		for _, p := range past {
			say("history", p.Text, p.Name)
		}
	case HistoryReplay, HistoryEmptyReplay, HistoryBlankReplay:
		for _, p := range past {
			say("message", p.Text, p.Name)
		}
	}
	return list
}

// joinLines returns one text of lines, each with its end.
func joinLines(lines []any) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintln(&b, l)
	}
	return b.String()
}

// names returns the content of the answer to names, and its kind.
func (h Habits) names(names []string) (kind string, content any) {
	switch h.Names {
	case NamesLines:
		return "info", strings.Join(names, "\n")
	case NamesList:
		return "info", names
	case NamesObjects:
		list := make([]any, len(names))
		for i, n := range names {
			list[i] = object{{"name", n}}
		}
		return "info", list
	case NamesKind:
		return "names", strings.Join(names, ", ")
	}
	return "info", strings.Join(names, ", ")
}
