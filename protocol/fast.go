package protocol

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// fast reads a frame as programs send it: our own keys in lower case, strings
// without escapes, a content that is a string, null or an object of strings. It
// returns false for anything else, be it right or wrong: that is for jsontext to
// see, which takes five times as long.
func fast(frame []byte, slim bool) (r Request, ok bool) {
	c := cursor{b: frame, slim: slim}
	if ok = c.object(func(key []byte) bool { return fastField(&c, &r, key) }); !ok {
		return r, false
	}
	c.space()
	return r, c.at == len(frame) && r.Verb != ""
}

// fastField reads the value of one key.
func fastField(c *cursor, r *Request, key []byte) (ok bool) {
	var b []byte
	switch string(key) {
	case "request":
		b, ok = c.text()
		r.Verb = strings.ToLower(word(b))
	case "content":
		r.Content, ok = fastContent(c)
	case "extended":
		r.Extended, ok = true, c.literal("1") || c.literal("true")
	case "register":
		r.Register, ok = true, c.literal("true")
	case "password":
		b, ok = c.text()
		r.Password = string(b)
	case "token":
		b, ok = c.text()
		r.Token, ok = string(b), ok && isPlainTag(b)
	case "log":
		b, ok = c.text()
		r.Log, ok = string(b), ok && isPlainTag(b)
	case "after":
		r.After, ok = c.number()
		r.HasAfter = true
	case "ref":
		b, ok = c.text()
		r.Ref, ok = string(b), ok && isPlainTag(b)
	case "id":
		b, ok = c.text()
		r.ID, ok = string(b), ok && isPlainTag(b)
	}
	return ok
}

// isPlainTag reports whether a tag is short and has nothing but visible characters of ASCII and blanks:
// what else may be in one is for the other parser to judge.
func isPlainTag(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(b) <= MaxTag
}

func fastContent(c *cursor) (content Content, ok bool) {
	c.space()
	switch c.peek() {
	case 'n':
		return content, c.literal("null")
	case '{':
		if c.slim {
			content.pairs = make([]pair, 0, 4) // enough for the verbs of the table
		} else {
			content.Fields = map[string]string{}
		}
		return content, c.object(func(key []byte) bool {
			b, ok := c.text()
			name, value := strings.ToLower(word(key)), string(b)
			if c.slim {
				content.pairs = append(content.pairs, pair{name, value})
			} else {
				content.Fields[name] = value
			}
			return ok
		})
	}
	b, ok := c.text()
	content.Text = string(b)
	return content, ok
}

// word returns b as a string, for most words of requests without new memory.
func word(b []byte) string {
	switch string(b) {
	case "msg":
		return "msg"
	case "dm":
		return "dm"
	case "ping":
		return "ping"
	case "login":
		return "login"
	case "relay":
		return "relay"
	case "name":
		return "name"
	case "text":
		return "text"
	case "session":
		return "session"
	case "credit":
		return "credit"
	case "data":
		return "data"
	}
	return string(b)
}

// A cursor reads JSON from the front. What it returns is part of b.
type cursor struct {
	b    []byte
	at   int
	slim bool // as in Parser
}

// peek returns the next byte, 0 at the end.
func (c *cursor) peek() byte {
	if c.at < len(c.b) {
		return c.b[c.at]
	}
	return 0
}

func (c *cursor) space() {
	for c.at < len(c.b) && (c.b[c.at] == ' ' || c.b[c.at] == '\t' || c.b[c.at] == '\r' || c.b[c.at] == '\n') {
		c.at++
	}
}

// literal passes over s, which is a whole value.
func (c *cursor) literal(s string) bool {
	c.space()
	end := c.at + len(s)
	if end > len(c.b) || string(c.b[c.at:end]) != s {
		return false
	}
	c.at = end
	c.space()
	return c.peek() == ',' || c.peek() == '}'
}

// number reads a whole number, which is a whole value.
func (c *cursor) number() (uint64, bool) {
	c.space()
	start := c.at
	for '0' <= c.peek() && c.peek() <= '9' {
		c.at++
	}
	digits := c.b[start:c.at]
	if len(digits) > 1 && digits[0] == '0' { // is no JSON
		return 0, false
	}
	n, err := strconv.ParseUint(string(digits), 10, 64)
	c.space()
	return n, err == nil && (c.peek() == ',' || c.peek() == '}')
}

// take passes over one byte that is not in a string.
func (c *cursor) take(b byte) bool {
	c.space()
	if c.peek() != b {
		return false
	}
	c.at++
	return true
}

// text reads a string without escapes.
func (c *cursor) text() ([]byte, bool) {
	if !c.take('"') {
		return nil, false
	}
	start := c.at
	c.at = skipOrdinary(c.b, c.at)
	if c.peek() != '"' {
		return nil, false
	}
	c.at++
	s := c.b[start : c.at-1]
	return s, utf8.Valid(s)
}

// object reads an object; field reads the value of each key.
func (c *cursor) object(field func(key []byte) bool) bool {
	if !c.take('{') {
		return false
	}
	if c.take('}') {
		return true
	}
	for {
		if key, ok := c.text(); !ok || !c.take(':') || !field(key) {
			return false
		}
		if !c.take(',') {
			return c.take('}')
		}
	}
}
