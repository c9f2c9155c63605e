package server

import (
	"runtime/debug"

	"parley/users"
	"parley/users/rooms"
)

// What a core asks others to do, and that comes back, passes through here on both
// ways: it is known what a session still waits for, and a panic in what comes back
// ends the connection that had asked, not the server.

// wayBack returns what is to be called in place of done. The session is the one whose
// request is being carried out, if any is.
func wayBack[T any](c *Core, done func(T)) func(T) {
	s := c.acting
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

// cameBack ends what has come back for a session.
func (c *Core) cameBack(s *session) {
	if p := recover(); p != nil {
		c.cfg.Log.Error("the answer to a request failed", "panic", p, "stack", string(debug.Stack()))
		if s != nil && c.sessions[s.id] == s {
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
// answered everything.
func (c *Core) endIfQuiet(s *session) {
	if s.ended && s.pending == 0 && !s.leaving && c.sessions[s.id] == s {
		c.close(s, users.LostConnection, c.cfg.Clock())
	}
}

// asyncKeeper is a Keeper whose answers come back through the core.
type asyncKeeper struct {
	Keeper
	core *Core
}

func (k asyncKeeper) AddAccount(a users.Account, done func(error)) {
	k.Keeper.AddAccount(a, wayBack(k.core, done))
}

func (k asyncKeeper) SetHash(name, was, hash string, done func(error)) {
	k.Keeper.SetHash(name, was, hash, wayBack(k.core, done))
}

func (k asyncKeeper) PutBlock(b users.Block, done func(error)) {
	k.Keeper.PutBlock(b, wayBack(k.core, done))
}

func (k asyncKeeper) DeleteBlock(b users.Block, done func(error)) {
	k.Keeper.DeleteBlock(b, wayBack(k.core, done))
}

func (k asyncKeeper) PutDirect(d users.Direct, request string, done func(error)) {
	k.Keeper.PutDirect(d, request, wayBack(k.core, done))
}

func (k asyncKeeper) Directs(receiver string, done func([]users.Direct, error)) {
	type answer struct {
		list []users.Direct
		err  error
	}
	back := wayBack(k.core, func(a answer) { done(a.list, a.err) })
	k.Keeper.Directs(receiver, func(list []users.Direct, err error) { back(answer{list, err}) })
}

// asyncHasher is a Hasher whose answers come back through the core.
type asyncHasher struct {
	Hasher
	core *Core
}

func (h asyncHasher) Verify(from, hash, password string, done func(ok, rehash bool)) bool {
	back := wayBack(h.core, func(answer [2]bool) { done(answer[0], answer[1]) })
	taken := h.Hasher.Verify(from, hash, password, func(ok, rehash bool) { back([2]bool{ok, rehash}) })
	if !taken {
		h.core.withdraw()
	}
	return taken
}

func (h asyncHasher) Hash(from, password string, done func(hash string)) bool {
	taken := h.Hasher.Hash(from, password, wayBack(h.core, done))
	if !taken {
		h.core.withdraw()
	}
	return taken
}

// asyncLog is a Log whose confirmations come back through the core.
type asyncLog struct {
	rooms.Log
	core *Core
}

func (l asyncLog) Append(m rooms.Message, request string, committed func(rooms.Message, error)) (rooms.Message, bool, error) {
	s := l.core.acting
	if s != nil {
		s.pending++
	}
	m, fresh, err := l.Log.Append(m, request, func(m rooms.Message, err error) {
		defer l.core.cameBack(s)
		committed(m, err)
	})
	if err != nil {
		l.core.withdraw()
	}
	return m, fresh, err
}
