package server

import (
	"bytes"
	"context"
	"net"
	"slices"
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
		c.s.mu.Lock()
		c.line = c.line || bytes.ContainsAny(b, "\r\n")
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
