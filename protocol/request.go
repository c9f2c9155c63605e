package protocol

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A Request is what a client asks for: {"request": VERB, "content": ARGUMENT}
// and the keys that are ours.
type Request struct {
	Verb     string  // the word as it was sent, in lower case
	Content  Content // its argument
	Extended bool    // "extended": 1, at login: the client understands ref and data
	Password string  // at login, of an account
	Register bool    // "register": true, at login: make the name an account with that password
	Takeover bool    // "takeover": true, at login with the right password: end the session that has the name
	Token    string  // "token", at login: of one's session before, which this one ends and goes on with
	Log      string  // "log", at login: names the log that After is a number of
	After    uint64  // "after", at login: tell what came behind that number; if HasAfter
	HasAfter bool    // After was sent: 0 asks for all there is
	Ref      string  // the client's tag, sent back on every direct answer
	ID       string  // names what is created, so that a retry creates nothing twice
}

// Content is the argument of a request: nothing (absent, null or ""), a string
// as a person types it, or an object with named fields from a program.
type Content struct {
	Text   string            // of a string
	Fields map[string]string // of an object; nil for a string
	pairs  []pair            // of an object, from a slim Parser
	odd    map[string]odd    // of an object, its fields that are no text
	wrong  string            // what it is in place of these
}

// IsZero reports whether there is nothing.
func (c *Content) IsZero() bool {
	return c.Text == "" && len(c.Fields)+len(c.pairs)+len(c.odd) == 0 && c.wrong == ""
}

// Size returns how many bytes of text a request has, about.
func (r *Request) Size() int {
	n := len(r.Verb) + len(r.Content.Text) + len(r.Password) + len(r.Token) + len(r.Log) + len(r.Ref) + len(r.ID)
	for name, value := range r.Content.Fields {
		n += len(name) + len(value)
	}
	for _, p := range r.Content.pairs {
		n += len(p.name) + len(p.value)
	}
	return n
}

// odd is the value of a field that is no text.
type odd struct {
	is     string // "a number", "a list"
	digits string // of a whole number; "" of anything else
}

type pair struct{ name, value string }

// field returns a field of an object, "" if it is not there.
func (c *Content) field(name string) string {
	for _, p := range slices.Backward(c.pairs) { // of those that come twice the last one
		if p.name == name {
			return p.value
		}
	}
	return c.Fields[name]
}

// A Parser turns frames into requests. It keeps its memory from one frame to
// the next; one goroutine uses it at a time. The zero value is ready.
type Parser struct {
	// Slim says that the fields of a content are for Verb.Parse only. Then Fields,
	// which takes as much memory as all the rest of a request, may be nil.
	Slim bool

	dec jsontext.Decoder
	src bytes.Reader
}

// Parse decodes one frame, a complete JSON object. Keys may be in any letter
// case, of a key that comes twice the last one counts, unknown keys are
// ignored. Text that is not UTF-8 is an error, and so is a key with a value of
// another type; of the fields of a content only the verb can tell: Verb.Parse. The
// request does not refer to frame.
func (p *Parser) Parse(frame []byte) (Request, *Error) {
	if r, ok := fast(frame, p.Slim); ok {
		return r, nil
	}
	return p.parse(frame)
}

// parse decodes any frame.
func (p *Parser) parse(frame []byte) (r Request, err *Error) {
	p.src.Reset(frame)
	p.dec.Reset(&p.src, jsontext.AllowDuplicateNames(true))
	if p.dec.PeekKind() != '{' {
		return r, Errorf(BadRequest, `That is not a request. Send an object, such as {"request":"help","content":null}.`)
	}
	if e := p.fields(&r); e != nil {
		return r, e
	}
	if r.Verb == "" {
		return r, Errorf(BadRequest, `"request" is missing: it names what to do, such as "help".`)
	}
	return r, nil
}

func (p *Parser) fields(r *Request) *Error {
	if _, err := p.dec.ReadToken(); err != nil {
		return badJSON(err)
	}
	for p.dec.PeekKind() == '"' {
		tok, err := p.dec.ReadToken()
		if err != nil {
			return badJSON(err)
		}
		if e := p.field(r, tok.String()); e != nil {
			return e
		}
	}
	if _, err := p.dec.ReadToken(); err != nil { // the closing brace
		return badJSON(err)
	}
	if _, err := p.dec.ReadToken(); err != io.EOF { // something behind it
		return badJSON(err)
	}
	return nil
}

// field decodes the value of one key.
func (p *Parser) field(r *Request, key string) (e *Error) {
	switch strings.ToLower(key) {
	case "request":
		r.Verb, e = p.text(`"request"`)
		r.Verb = strings.ToLower(r.Verb)
	case "content":
		r.Content, e = p.content()
	case "extended":
		r.Extended, e = p.truth(`"extended"`)
	case "register":
		r.Register, e = p.truth(`"register"`)
	case "takeover":
		r.Takeover, e = p.truth(`"takeover"`)
	case "password":
		r.Password, e = p.text(`"password"`)
	case "token":
		r.Token, e = p.tag(`"token"`)
	case "log":
		r.Log, e = p.tag(`"log"`)
	case "after":
		r.After, r.HasAfter, e = p.number(`"after"`)
	case "ref":
		r.Ref, e = p.tag(`"ref"`)
	case "id":
		r.ID, e = p.tag(`"id"`)
	default:
		if err := p.dec.SkipValue(); err != nil {
			return badJSON(err)
		}
	}
	return e
}

func (p *Parser) value() (jsontext.Value, *Error) {
	v, err := p.dec.ReadValue()
	if err != nil {
		return nil, badJSON(err)
	}
	return v, nil
}

// truth reads true or false, or 1 or 0; null stands for false.
func (p *Parser) truth(what string) (bool, *Error) {
	v, err := p.value()
	switch {
	case err != nil:
		return false, err
	case string(v) == "true", string(v) == "1":
		return true, nil
	case string(v) == "false", string(v) == "0", string(v) == "null":
		return false, nil
	}
	return false, Errorf(BadRequest, "%s must be true or false, without quotes.", what)
}

// text reads a string; null stands for "".
func (p *Parser) text(what string) (string, *Error) {
	tok, err := p.token()
	if err != nil {
		return "", err
	}
	switch tok.Kind() {
	case '"':
		return tok.String(), nil
	case 'n':
		return "", nil
	}
	return "", Errorf(BadRequest, "%s must be a string.", what)
}

// number reads a whole number, or a string of its digits; null is as good as absent.
func (p *Parser) number(what string) (n uint64, is bool, e *Error) {
	tok, e := p.token()
	if e != nil || tok.Kind() == 'n' {
		return 0, false, e
	}
	if tok.Kind() == '0' || tok.Kind() == '"' {
		if n, err := strconv.ParseUint(tok.String(), 10, 64); err == nil {
			return n, true, nil
		}
	}
	return 0, false, Errorf(BadRequest, "%s must be a whole number, such as 12.", what)
}

// token reads a scalar or the beginning of an object or array.
func (p *Parser) token() (jsontext.Token, *Error) {
	tok, err := p.dec.ReadToken()
	if err != nil {
		return tok, badJSON(err)
	}
	return tok, nil
}

func (p *Parser) tag(what string) (string, *Error) {
	s, err := p.text(what)
	switch {
	case err != nil:
		return "", err
	case len(s) > MaxTag:
		return "", Errorf(BadRequest, "%s is too long: at most %d bytes.", what, MaxTag)
	}
	if err := checkArgument(s); err != nil {
		return "", err
	}
	return s, nil
}

func (p *Parser) content() (c Content, e *Error) {
	switch p.dec.PeekKind() {
	case '"', 'n':
		c.Text, e = p.text(`"content"`)
		return c, e
	case '{':
		c.Fields = map[string]string{}
		return c, p.contentFields(&c)
	}
	c.wrong = typeName(p.dec.PeekKind())
	_, e = p.value()
	return c, e
}

// typeName returns what a value is that is no text.
func typeName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '0':
		return "a number"
	}
	return "true or false"
}

// wholeNumber returns a value that is digits and nothing else, "" of any other.
func wholeNumber(v jsontext.Value) string {
	for _, c := range v {
		if c < '0' || c > '9' {
			return ""
		}
	}
	return string(v)
}

// contentFields reads an object. A field that is null is as good as absent.
func (p *Parser) contentFields(c *Content) *Error {
	if _, e := p.token(); e != nil {
		return e
	}
	for p.dec.PeekKind() == '"' {
		tok, e := p.token()
		if e != nil {
			return e
		}
		key := strings.ToLower(tok.String())
		delete(c.Fields, key) // of those that come twice the last one counts
		delete(c.odd, key)
		switch kind := p.dec.PeekKind(); kind {
		case '"':
			c.Fields[key], e = p.text(key)
		case 'n':
			_, e = p.value()
		default:
			if c.odd == nil {
				c.odd = map[string]odd{}
			}
			var value jsontext.Value
			value, e = p.value()
			c.odd[key] = odd{typeName(kind), wholeNumber(value)}
		}
		if e != nil {
			return e
		}
	}
	_, e := p.token()
	return e
}

// badJSON makes the answer to bytes that the JSON library refuses. Its own
// words are for programmers, so only the place is told.
func badJSON(err error) *Error {
	if syntax, ok := err.(*jsontext.SyntacticError); ok {
		return Errorf(BadJSON, "That is not valid JSON near byte %d; text must be UTF-8 in double quotes.", syntax.ByteOffset)
	}
	return Errorf(BadJSON, "That is not valid JSON.")
}

// AppendRequest appends a request in the shape that the world's servers read:
// compact ASCII, a newline at the end, content null where there is none. Braces in
// strings are escaped, for a server that counts braces without knowing strings. A
// content with fields is an object, its keys in order. Of our own keys only those
// that are set are written.
func AppendRequest(dst []byte, r Request) []byte {
	dst = append(dst, `{"request":`...)
	dst = appendPlainText(dst, r.Verb)
	dst = append(dst, `,"content":`...)
	switch {
	case r.Content.Fields != nil:
		dst = appendFields(dst, r.Content.Fields)
	case r.Content.Text == "":
		dst = append(dst, "null"...)
	default:
		dst = appendPlainText(dst, r.Content.Text)
	}
	if r.Extended {
		dst = append(dst, `,"extended":1`...)
	}
	if r.Register {
		dst = append(dst, `,"register":true`...)
	}
	if r.Takeover {
		dst = append(dst, `,"takeover":true`...)
	}
	dst = appendKey(dst, "password", r.Password)
	dst = appendKey(dst, "token", r.Token)
	dst = appendKey(dst, "log", r.Log)
	if r.HasAfter {
		dst = strconv.AppendUint(append(dst, `,"after":`...), r.After, 10)
	}
	dst = appendKey(dst, "ref", r.Ref)
	dst = appendKey(dst, "id", r.ID)
	return append(dst, "}\n"...)
}

func appendFields(dst []byte, fields map[string]string) []byte {
	dst = append(dst, '{')
	for i, key := range slices.Sorted(maps.Keys(fields)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendPlainText(dst, key), ':')
		dst = appendPlainText(dst, fields[key])
	}
	return append(dst, '}')
}

func appendKey(dst []byte, key, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(append(append(dst, `,"`...), key...), `":`...)
	return appendPlainText(dst, value)
}
