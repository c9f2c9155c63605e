package server

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"
)

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
