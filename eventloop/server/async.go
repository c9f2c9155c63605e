package server

import (
	"errors"
	"log/slog"
	"runtime/debug"

	"parley/protocol"
	"parley/users"
)

// What a core asks others to do, and that comes back, passes through here on both
// ways: it is known what a session still waits for, and a panic in what comes back
// ends the connection that had asked, not the server.

// wayBack returns what is to be called in place of done. The session is the one that
// waits for it, or nil.
func wayBack[T any](c *Core, s *session, done func(T)) func(T) {
	if s != nil {
		s.pending++
	}
	return func(x T) {
		defer c.cameBack(s)
		was := c.acting
		c.acting = s
		defer func() { c.acting = was }()
		done(x)
	}
}

// readFor has a session be busy until something has been read for one of its requests, and
// returns what is to be called with that: what it asks meanwhile waits. What could not be read
// is told; what is its subject, as "What was said earlier". Else then answers, or says why not.
func readFor[T any](c *Core, s *session, r call, what string, then func(r call, found T) *protocol.Error) func(T, error) {
	type answer struct {
		found T
		err   error
	}
	s.busy = true
	back := wayBack(c, s, func(a answer) {
		r.now = c.cfg.Clock()
		if !c.sessions.has(s) || s.leaving {
			return
		}
		s.busy = false
		defer c.firmly()()
		var err *protocol.Error
		switch {
		case errors.Is(a.err, errTooSlow):
			err = tooSlow()
		case a.err != nil:
			c.journal(slog.LevelError, s, "what a request asks for cannot be read", slog.String("what", what), slog.Any("error", a.err))
			err = protocol.Errorf(protocol.Internal, "%s cannot be read now. Send that again later.", what)
		default:
			err = then(r, a.found)
		}
		if err != nil {
			c.refuse(s, r.Request, err, r.now)
		}
		c.resume(s, r.now)
	})
	return func(found T, err error) { back(answer{found, err}) }
}

// survive goes on after a panic that belongs to one connection, or to none. It is counted, and
// logged with the stack. While a command was carried out nothing goes on: see log.Owner.
func (c *Core) survive(p any, what string, args ...any) {
	why, is := p.(*fault)
	if !is {
		why = &fault{p, debug.Stack()}
	}
	if c.broken {
		panic(why.value)
	}
	c.counts.panics++
	c.cfg.Log.Error(what, append(args, "panic", why.value, "stack", string(why.stack))...)
}

// A fault is a panic that is handed on to the loop of the core, with the stack that it had.
type fault struct {
	value any
	stack []byte
}

// contain runs what was to follow when something is safe, and is nobody's.
func (c *Core) contain(f func()) {
	defer func() {
		if p := recover(); p != nil {
			c.survive(p, "what was to follow a commit failed")
		}
	}()
	f()
}

// cameBack ends what has come back for a session.
func (c *Core) cameBack(s *session) {
	if p := recover(); p != nil {
		c.survive(p, "the answer to a request failed")
		if s != nil && c.sessions.has(s) {
			c.Failed(s.id, c.cfg.Clock())
		}
	}
	if s != nil {
		s.pending--
		c.endIfQuiet(s)
	}
}

// withdraw takes back that a session waits for something: it was refused.
func (c *Core) withdraw() {
	if c.acting != nil {
		c.acting.pending--
	}
}

// endIfQuiet closes a session whose peer has ended its side, once it has been
// answered everything. What it was told in a plain session, and has gone out, was seen:
// who leaves like this leaves in peace.
func (c *Core) endIfQuiet(s *session) {
	if !s.ended || s.pending > 0 || s.catch() != nil || s.leaving || !c.sessions.has(s) {
		return
	}
	now := c.cfg.Clock()
	c.sawDirects(s, now)
	c.close(s, users.LostConnection, now)
}

// asyncHasher is a Hasher whose answers come back through the core.
type asyncHasher struct {
	Hasher
	core *Core
}

func (h asyncHasher) Verify(from, hash, password string, done func(ok, rehash bool)) bool {
	back := wayBack(h.core, h.core.acting, func(answer [2]bool) { done(answer[0], answer[1]) })
	taken := h.Hasher.Verify(from, hash, password, func(ok, rehash bool) { back([2]bool{ok, rehash}) })
	if !taken {
		h.core.withdraw()
	}
	return taken
}

func (h asyncHasher) Hash(from, password string, done func(hash string)) bool {
	taken := h.Hasher.Hash(from, password, wayBack(h.core, h.core.acting, done))
	if !taken {
		h.core.withdraw()
	}
	return taken
}
