package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/eventloop/doctor"
)

// faults are what a fake server does wrong. One without is as the doctor wants it.
type faults struct {
	name          string // of the fault, in words
	loneNewline   bool
	newline       bool
	glued         bool // the answers to a login in one write
	split         bool // each response in two
	indented      bool
	capitals      bool
	keyMissing    bool
	numberTime    bool
	nullSender    bool
	colours       bool
	dollar        bool // the pattern for names
	anyName       bool
	twins         bool // a name may be taken
	noEcho        bool
	toAll         bool // also to who has not logged in
	wrongSender   bool
	history       string // objects, strings, text, none
	backwards     bool   // the history
	namesList     bool
	namesKind     bool
	ghosts        bool
	stays         bool // after a logout
	closes        bool // on an error
	dies          bool // of what is no object
	readIsRequest bool // what one read brings is one request
	braces        bool // counts them, in strings too
	swaps         bool
	blocks        bool // writes while all wait
	limit         int  // messages that one may send
	noWords       bool
	noKeys        bool // a request without content is refused
	greets        bool
	inKind        bool // a newline behind responses to who sends newlines
	firstLine     bool // of what one read brings is one request
	escapes       bool // texts, as if they were HTML
	ignores       bool // requests that it does not know
	late          bool // it notices only after a moment that a connection is lost
	hurries       bool // leaves next to no pause behind a response
}

// A fake is a server in memory.
type fake struct {
	faults
	mu    lock
	conns []*fakeConn
	said  []map[string]any
	most  int      // connections at a time
	names []string // that were asked for
	heard int      // messages
	help  []byte   // the answer to it, which is asked for a thousand times
}

// A lock is a mutex that lets simulated time go on while it is waited for.
type lock chan struct{}

func (l lock) Lock()   { l <- struct{}{} }
func (l lock) Unlock() { <-l }

type fakeConn struct {
	s    *fake
	conn net.Conn
	name string
	gone bool
	out  chan []byte
	n    int  // messages
	line bool // it has sent a newline
}

func (s *fake) dial(context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	s.serve(ours)
	return theirs, nil
}

func (s *fake) serve(conn net.Conn) {
	c := &fakeConn{s: s, conn: conn, out: make(chan []byte, 10000)}
	s.mu.Lock()
	s.conns = append(s.conns, c)
	open := 0
	for _, x := range s.conns {
		if !x.gone {
			open++
		}
	}
	s.most = max(s.most, open)
	if s.greets {
		c.answer("info", "Welcome.")
	}
	s.mu.Unlock()
	go c.write()
	go c.read()
}

// write leaves a pause behind each response.
func (c *fakeConn) write() {
	for b := range c.out {
		if _, err := c.conn.Write(b); err != nil {
			for range c.out { // nobody waits for it
			}
			return
		}
		pause := 50 * time.Millisecond
		if c.s.hurries {
			pause = time.Millisecond
		}
		time.Sleep(pause)
	}
}

func (c *fakeConn) read() {
	defer c.end()
	buf := make([]byte, 64<<10)
	var cut doctor.Cutter
	junk := 0
	for {
		n, err := c.conn.Read(buf)
		if err != nil {
			return
		}
		b := buf[:n]
		c.line = c.line || bytes.ContainsAny(b, "\r\n")
		c.s.mu.Lock()
		switch {
		case c.s.readIsRequest:
			c.handle(b)
		case c.s.firstLine:
			first, _, _ := bytes.Cut(b, []byte("\n"))
			c.handle(first)
		default:
			values := cut.Push(b)
			for _, v := range values {
				c.handle(v.Raw)
			}
			if len(values) > 0 {
				junk = 0
			}
			if words := bytes.TrimSpace(cut.Behind()[junk:]); len(words) > 0 && !cut.Within() {
				c.refuse("That is not JSON.")
			}
			junk = len(cut.Behind())
		}
		gone := c.gone
		c.s.mu.Unlock()
		if gone {
			time.Sleep(200 * time.Millisecond) // what is on its way goes first
			return
		}
	}
}

func (c *fakeConn) end() {
	if c.s.late && c.name != "" {
		time.Sleep(300 * time.Millisecond)
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.conn.Close()
	close(c.out)
	c.gone = true
	if !c.s.ghosts || c.name == "" {
		c.s.conns = slices.DeleteFunc(c.s.conns, func(x *fakeConn) bool { return x == c })
	}
}

func (c *fakeConn) refuse(why string) {
	c.answer("error", why)
	c.gone = c.gone || c.s.closes
}

// countBraces returns how many bytes have come when as many braces are closed as opened.
func countBraces(b []byte) int {
	depth := 0
	for i, x := range b {
		switch x {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

var goodName = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)

func (c *fakeConn) handle(b []byte) {
	s := c.s
	var r map[string]any
	if s.braces {
		b = b[:countBraces(b)]
	}
	if err := json.Unmarshal(b, &r); err != nil || r == nil {
		c.gone = c.gone || s.dies
		c.refuse("That is not a request.")
		return
	}
	for k, v := range r {
		r[strings.ToLower(k)] = v
	}
	verb, _ := r["request"].(string)
	content, has := r["content"]
	text, isText := content.(string)
	if s.noKeys && !has {
		c.gone = true
		return
	}
	switch {
	case verb == "help":
		if s.help == nil {
			s.help = c.bytes("info", "login, logout, msg, names, help. "+strings.Repeat("Ask again. ", 250), "server")
		}
		c.queue(s.help)
	case verb == "login":
		c.login(text, isText)
	case c.name == "":
		c.refuse("Log in first.")
	case verb == "names":
		c.names()
	case verb == "msg" || verb == "message":
		if c.n++; s.limit > 0 && c.n > s.limit {
			c.refuse("Too many messages, wait 9 s.")
			return
		}
		if !isText {
			c.refuse("What do you say?")
			return
		}
		s.say(c, text)
	case verb == "logout":
		c.answer("info", "Goodbye.")
		if !s.stays {
			c.name, c.gone = "", true
		}
	case s.ignores:
	default:
		c.refuse("There is no such request.")
	}
}

func (c *fakeConn) login(name string, ok bool) {
	s := c.s
	checked := name
	if s.dollar {
		checked = strings.TrimSuffix(name, "\n")
	}
	taken := slices.ContainsFunc(s.conns, func(x *fakeConn) bool { return x.name == name })
	switch {
	case !ok || !s.anyName && !goodName.MatchString(checked):
		c.refuse("That is no name.")
	case c.name != "":
		c.refuse("You are logged in.")
	case taken && !s.twins:
		c.refuse("That name is taken.")
	default:
		c.name = name
		s.names = append(s.names, name)
		words := "Login successful."
		if s.noWords {
			words = "Hello."
		}
		for _, x := range s.conns {
			if x != c && x.name != "" {
				x.answer("info", name+" has come.")
			}
		}
		c.history(words)
	}
}

func (c *fakeConn) history(words string) {
	s := c.s
	first := c.bytes("info", words, "server")
	said := slices.Clone(s.said[max(0, len(s.said)-10):])
	if s.backwards {
		slices.Reverse(said)
	}
	var more [][]byte
	var strs, lines []string
	for _, r := range said {
		b, _ := json.Marshal(r)
		strs = append(strs, string(b))
		lines = append(lines, fmt.Sprintf("%s: %s", r["sender"], r["content"]))
		more = append(more, c.shape(r))
	}
	switch {
	case s.faults.history == "none":
		more = nil
	case s.faults.history == "strings":
		more = [][]byte{c.bytes("history", strs, "server")}
	case s.faults.history == "objects":
		more = [][]byte{c.bytes("history", said, "server")}
	case s.faults.history == "text":
		more = [][]byte{c.bytes("history", strings.Join(lines, "\n"), "server")}
	case len(said) == 0:
		more = [][]byte{c.bytes("history", "", "server")}
	}
	if s.glued && len(more) > 0 {
		first, more = append(first, more[0]...), more[1:]
	}
	c.queue(first)
	for _, b := range more {
		c.queue(b)
	}
}

func (c *fakeConn) names() {
	var list []string
	for _, x := range c.s.conns {
		if x.name != "" {
			list = append(list, x.name)
		}
	}
	kind, content := "info", any(strings.Join(list, ", "))
	if c.s.namesList {
		content = list
	}
	if c.s.namesKind {
		kind = "names"
	}
	c.answer(kind, content)
}

func (s *fake) say(from *fakeConn, text string) {
	s.heard++
	sender := from.name
	if s.wrongSender {
		sender = "somebody"
	}
	if s.escapes {
		text = html.EscapeString(text)
	}
	if s.colours {
		sender = "\x1b[31m" + sender
	}
	r := map[string]any{"timestamp": "12:00", "sender": sender, "response": "message", "content": text}
	if len(text) < 100 { // the long ones would be all there is
		s.said = append(s.said, r)
	}
	for _, x := range s.conns {
		if x.name == "" && !s.toAll || x == from && s.noEcho {
			continue
		}
		b := x.shape(r)
		if s.swaps && from.n%2 == 0 {
			time.AfterFunc(30*time.Millisecond, func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				x.queue(b)
			})
			continue
		}
		x.queue(b)
	}
}

func (c *fakeConn) answer(kind string, content any) { c.queue(c.bytes(kind, content, "server")) }

func (c *fakeConn) bytes(kind string, content, sender any) []byte {
	if c.s.nullSender {
		sender = nil
	}
	return c.shape(map[string]any{"timestamp": "12:00", "sender": sender, "response": kind, "content": content})
}

// shape writes a response as the faults have it.
func (c *fakeConn) shape(r map[string]any) []byte {
	out := map[string]any{}
	for k, v := range r {
		if c.s.capitals {
			k = strings.ToUpper(k[:1]) + k[1:]
		}
		if k == "timestamp" && c.s.numberTime {
			v = 1234567890
		}
		if k != "timestamp" || !c.s.keyMissing {
			out[k] = v
		}
	}
	b := object(out)
	if c.s.indented {
		b, _ = json.MarshalIndent(out, "", "  ")
	}
	if c.s.newline || c.s.inKind && c.line {
		b = append(b, '\n')
	}
	return b
}

func (c *fakeConn) queue(b []byte) {
	if c.gone {
		return
	}
	pieces := [][]byte{b}
	if c.s.split {
		pieces = [][]byte{b[:len(b)/2], b[len(b)/2:]}
	}
	if c.s.loneNewline {
		pieces = append(pieces, []byte("\n"))
	}
	for _, p := range pieces {
		if c.s.blocks {
			c.conn.SetWriteDeadline(time.Now().Add(time.Hour))
			c.conn.Write(p)
		} else {
			c.out <- p
		}
	}
}
