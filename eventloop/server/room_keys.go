package server

import (
	"parley/protocol"
	"parley/users"
	"parley/users/state"
)

// keyCost is how many units the hash of a key uses of what its user may send, beside the cost of the
// request: as much as that of a password, and more than who tries them all has.
const keyCost = 50

// hashKey hashes the key of a new room and goes on.
func (c *Core) hashKey(s *session, r call, key string, do func(r call, hash string) *protocol.Error) *protocol.Error {
	if len(key) > users.MaxPassword {
		return protocol.Errorf(protocol.TooLarge, "That key is too long: at most %d bytes.", users.MaxPassword)
	}
	if err := c.mayHashKey(s, r); err != nil {
		return err
	}
	return c.hashed(s, r, key, do)
}

// mayHashKey charges for a hash, unless it would be in vain.
func (c *Core) mayHashKey(s *session, r call) *protocol.Error {
	if c.log.Failing() != nil {
		return domainError(c.failing(), s.name)
	}
	if c.cfg.Flood.on() {
		c.allowanceOf(s).said.spend(keyCost, c.flood.rate, c.since(r.now)) // what comes next waits for it
	}
	return nil
}

// checkKey has a key of a room looked at, and goes on if it is the right one. The session is
// busy until then. A wrong one is no wrong password: what it costs is the only limit.
func (c *Core) checkKey(s *session, r call, room *state.Room, key string, do func(r call) *protocol.Error) *protocol.Error {
	if err := c.mayHashKey(s, r); err != nil {
		return err
	}
	s.busy = true
	taken := c.hasher.Verify(s.addrKey(), room.Key, key, func(ok, _ bool) {
		r.now = c.cfg.Clock()
		if !c.sessions.has(s) || s.leaving {
			return
		}
		s.busy = false
		defer c.freely()() // but for what a command has brought about
		err := domainError(state.ErrKey, room.Name)
		if ok {
			err = do(r)
		}
		if err != nil {
			c.refuse(s, r.Request, err, r.now)
		}
		c.resume(s, r.now)
	})
	if !taken {
		s.busy = false
		return protocol.Errorf(protocol.Busy, "The server has too much to do. Wait a moment and send that again.")
	}
	return nil
}
