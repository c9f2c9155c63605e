package server

import (
	"strings"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/rooms"
)

// Effects is what a Core does to the world. Frames are not changed afterwards.
type Effects interface {
	// Send sends one frame to one connection.
	Send(to eventloop.ConnID, frame []byte)
	// Join makes a connection a member of the room, in an extended or a plain
	// session: it gets what is delivered from now on.
	Join(id eventloop.ConnID, extended bool)
	// Deliver sends a message to every member: one frame to extended sessions,
	// one or more to plain ones. Each is nil if there is no such session.
	Deliver(extended []byte, plain [][]byte)
	// Close closes a connection when all that was sent to it before is out.
	Close(id eventloop.ConnID)
}

// A Core is the chat server without its sockets. One goroutine owns it.
type Core struct {
	cfg      Config
	fx       Effects
	log      rooms.Log
	verbs    *protocol.Verbs
	requests map[string]request
	help     string

	sessions map[eventloop.ConnID]*session
	waiting  []waiting // for a login, the longest first
	online   *users.Registry
	plain    int // members in plain sessions
	extended int // members in extended sessions

	names   *protocol.Response // the answer to names, nil when somebody came or went
	history history            // as it was last encoded
}

// A session is a connection and, after the login, its user.
type session struct {
	id       eventloop.ConnID
	name     string // "" before the login
	extended bool
	leaving  bool // is being closed: what it asks for is ignored
	strikes  int  // malformed frames in a row
	bucket   bucket
}

// state returns the session's state as the verb table names it.
func (s *session) state() protocol.States {
	if s.name == "" {
		return protocol.LoggedOut
	}
	return protocol.LoggedIn
}

// waiting is a connection that has not logged in.
type waiting struct {
	id    eventloop.ConnID
	until time.Time
}

// history is the answer to a login in both forms, kept until the next message or
// the next second.
type history struct {
	last     uint64 // number of the newest message in it
	at       int64  // second of its timestamp
	extended []byte
	plain    [][]byte
}

// NewCore returns a Core that keeps its messages in log.
func NewCore(cfg Config, log rooms.Log, fx Effects) *Core {
	c := &Core{cfg: cfg, fx: fx, log: log, verbs: protocol.NewVerbs(),
		sessions: make(map[eventloop.ConnID]*session), online: users.NewRegistry()}
	c.requests = newRequests()
	c.help = c.verbs.HelpText()
	return c
}

// Opened adds a connection.
func (c *Core) Opened(id eventloop.ConnID, now time.Time) {
	c.sessions[id] = &session{id: id}
	if c.cfg.LoginTimeout > 0 {
		c.waiting = append(c.waiting, waiting{id, now.Add(c.cfg.LoginTimeout)})
	}
}

// Closed forgets a connection. A name is free at once, however its user left.
func (c *Core) Closed(id eventloop.ConnID) {
	s := c.sessions[id]
	if s == nil {
		return
	}
	c.leave(s)
	delete(c.sessions, id)
}

// leave ends the login of a session.
func (c *Core) leave(s *session) {
	if s.name == "" {
		return
	}
	c.online.Release(s.name)
	c.names = nil
	if s.extended {
		c.extended--
	} else {
		c.plain--
	}
	s.name = ""
}

// Request runs one request: the verb table says whether it is allowed, what it
// costs and which arguments it has.
func (c *Core) Request(id eventloop.ConnID, r protocol.Request, now time.Time) {
	s := c.sessions[id]
	if s == nil || s.leaving {
		return
	}
	s.strikes = 0
	if err := c.dispatch(s, r, now); err != nil {
		c.refuse(s, r, err, now)
	}
}

func (c *Core) dispatch(s *session, r protocol.Request, now time.Time) *protocol.Error {
	v := c.verbs.Lookup(r.Verb)
	cost := 1 // of a word that is no request
	if v != nil {
		cost = v.Cost
	}
	if wait := s.bucket.take(cost, c.cfg.Rate, now); wait > 0 {
		return protocol.Errorf(protocol.RateLimited, "Too many requests: wait %s and send that again.", wait.Round(10*time.Millisecond))
	}
	if v == nil {
		return protocol.Errorf(protocol.UnknownRequest, "There is no request %q. Known are: %s.", shorten(r.Verb), c.verbList())
	}
	if v.States&s.state() == 0 {
		if s.name == "" {
			return protocol.Errorf(protocol.NotLoggedIn, "Log in first, with: login NAME")
		}
		return protocol.Errorf(protocol.AlreadyLoggedIn, "You are logged in as %s already. To change your name, log out first.", s.name)
	}
	args, err := v.Parse(r.Content)
	if err != nil {
		return err
	}
	return c.requests[v.Name](c, s, call{Request: r, args: args, now: now})
}

// maxQuoted is how many bytes of bad input an error repeats.
const maxQuoted = 32

func shorten(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	return strings.ToValidUTF8(s[:maxQuoted], "") + "..."
}

func (c *Core) verbList() string {
	var names []string
	for _, v := range c.verbs.List() {
		names = append(names, v.Name)
	}
	return strings.Join(names, ", ")
}

// Malformed answers to input that is no request.
func (c *Core) Malformed(id eventloop.ConnID, err *protocol.Error, now time.Time) {
	s := c.sessions[id]
	if s == nil || s.leaving {
		return
	}
	if s.strikes++; s.strikes >= protocol.MaxStrikes {
		err = protocol.Errorf(err.Code, "%s Good bye: that was malformed %d times in a row.", err.Text, s.strikes)
	}
	c.refuse(s, protocol.Request{}, err, now)
	if s.strikes >= protocol.MaxStrikes {
		c.close(s)
	}
}

// Failed ends a connection because of a fault of the server's own.
func (c *Core) Failed(id eventloop.ConnID, now time.Time) {
	s := c.sessions[id]
	if s == nil || s.leaving {
		return
	}
	c.refuse(s, protocol.Request{}, protocol.Errorf(protocol.Internal, "The server failed to answer that. Please connect again."), now)
	c.close(s)
}

// Tick ends connections that have waited too long with their login. It returns
// when it is to be called again; zero if nobody waits.
func (c *Core) Tick(now time.Time) time.Time {
	for len(c.waiting) > 0 {
		w := c.waiting[0]
		s := c.sessions[w.id]
		late := s != nil && s.name == "" && !s.leaving
		if late && now.Before(w.until) {
			return w.until
		}
		c.waiting = c.waiting[1:]
		if late {
			c.refuse(s, protocol.Request{}, protocol.Errorf(protocol.Timeout, "Good bye: you did not log in within %s.", c.cfg.LoginTimeout), now)
			c.close(s)
		}
	}
	c.waiting = nil
	return time.Time{}
}

// Stop tells everybody that the server ends, and closes all connections.
func (c *Core) Stop(now time.Time) {
	r := c.info("The server is shutting down. Good bye.", protocol.EventShuttingDown, now)
	for _, s := range c.sessions {
		if !s.leaving {
			c.reply(s, r)
			c.close(s)
		}
	}
}

// close ends a connection when everything is out.
func (c *Core) close(s *session) {
	s.leaving = true
	c.leave(s)
	c.fx.Close(s.id)
}

// reply sends a response to one session in its form.
func (c *Core) reply(s *session, r protocol.Response) {
	if s.extended {
		c.fx.Send(s.id, protocol.AppendExtended(nil, r))
		return
	}
	for _, frame := range protocol.PlainFrames(r) {
		c.fx.Send(s.id, frame)
	}
}

// refuse answers to a request that failed. Nobody is extended before the login,
// but who asked for it is given the code.
func (c *Core) refuse(s *session, r protocol.Request, err *protocol.Error, now time.Time) {
	answer := protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindError, Content: err.Text,
		Ref: r.Ref, Data: &protocol.Data{Event: protocol.EventError, Code: err.Code}}
	if r.Extended && !s.extended {
		c.fx.Send(s.id, protocol.AppendExtended(nil, answer))
		return
	}
	c.reply(s, answer)
}

// info makes one of the server's own sentences.
func (c *Core) info(text, event string, now time.Time) protocol.Response {
	return protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindInfo, Content: text, Data: &protocol.Data{Event: event}}
}
