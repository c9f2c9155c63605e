package server

import (
	"fmt"
	"time"

	"parley/protocol"
	"parley/users"
)

func register(c *Core, s *session, r call) *protocol.Error {
	return c.register(s, r, s.name, r.args[0], s.account)
}

// register makes a name an account with a password, and logs in if that is not
// done yet.
func (c *Core) register(s *session, r call, name, password string, registered bool) *protocol.Error {
	switch err := users.CheckPassword(name, password); {
	case registered:
		return domainError(users.ErrRegistered, name)
	case c.cfg.RegistrationClosed:
		return protocol.Errorf(protocol.NotAllowed, "Registration is closed: ask the server's owner for an account.")
	case err != nil:
		return protocol.Errorf(protocol.BadRequest, "%s", sentence(err))
	}
	if err := c.accounts.Hold(name); err != nil {
		return domainError(err, name)
	}
	err := c.hashed(s, password, func(hash string, now time.Time, finish func(*protocol.Error)) {
		account := users.Account{Name: name, Hash: hash, Registered: now, LastSeen: now}
		c.keeper.AddAccount(account, func(err error) {
			c.accounts.Release(name)
			if err != nil {
				finish(domainError(err, name))
				return
			}
			c.accounts.Put(account)
			s.account = s.name != "" // also if it is left before the blocks are kept
			c.keepBlocks(name, func() {
				c.registered(s, r, name)
				finish(nil)
			})
		})
	}, r)
	if err != nil {
		c.accounts.Release(name)
	}
	return err
}

// keepBlocks keeps the blocks that a guest made who has an account now.
func (c *Core) keepBlocks(name string, done func()) {
	made := c.blocks.Made(name)
	if len(made) == 0 {
		done()
		return
	}
	for i, b := range made {
		c.keeper.PutBlock(b, func(error) {
			if i == len(made)-1 {
				done()
			}
		})
	}
}

// registered goes on when a name has become an account.
func (c *Core) registered(s *session, r call, name string) {
	r.now = c.cfg.Clock()
	switch {
	case c.sessions[s.id] != s || s.leaving:
	case s.name == "":
		c.enter(s, r, name, true)
	default:
		answer := c.info(fmt.Sprintf("%s is registered: nobody can use the name without your password.", name), protocol.EventRegistered, r.now)
		answer.Ref = r.Ref
		c.reply(s, answer)
	}
}

// hashed hashes a password and goes on. The session is busy until finish is
// called, which it may be after the connection is gone.
func (c *Core) hashed(s *session, password string, do func(hash string, now time.Time, finish func(*protocol.Error)), r call) *protocol.Error {
	id := s.id
	s.busy = true
	taken := c.hasher.Hash(s.source(), password, func(hash string) {
		do(hash, c.cfg.Clock(), func(err *protocol.Error) {
			if c.sessions[id] != s || s.leaving {
				return
			}
			if err != nil {
				c.refuse(s, r.Request, err, c.cfg.Clock())
			}
			c.resume(s, c.cfg.Clock())
		})
	})
	if !taken {
		s.busy = false
		return protocol.Errorf(protocol.Busy, "The server has too much to do. Wait a moment and send that again.")
	}
	return nil
}

func passwd(c *Core, s *session, r call) *protocol.Error {
	account, err := c.accounts.Lookup(s.name)
	if err != nil || !s.account {
		return protocol.Errorf(protocol.NotAllowed, "Your name is not registered. Use:").WithCommands("register PASSWORD")
	}
	if err := users.CheckPassword(s.name, r.args[1]); err != nil {
		return protocol.Errorf(protocol.BadRequest, "%s", sentence(err))
	}
	if wait, blocked := c.guard.Check(s.name, s.remote.Addr(), r.now); blocked {
		return blockedLogin(wait)
	}
	id := s.id
	s.busy = true
	taken := c.hasher.Verify(s.source(), account.Hash, r.args[0], func(ok, _ bool) {
		now := c.cfg.Clock()
		if c.sessions[id] != s || s.leaving {
			if !ok { // counts all the same
				c.wrongPassword(s, account.Name, now)
			}
			return
		}
		s.busy = false
		problem := c.changePassword(s, r, account, ok, now)
		if problem != nil {
			c.refuse(s, r.Request, problem, now)
			c.resume(s, now)
		}
	})
	if !taken {
		s.busy = false
		return protocol.Errorf(protocol.Busy, "The server has too much to do. Wait a moment and send that again.")
	}
	return nil
}

// changePassword goes on when the old password was looked at.
func (c *Core) changePassword(s *session, r call, account users.Account, ok bool, now time.Time) *protocol.Error {
	if !ok {
		if wait := c.wrongPassword(s, account.Name, now); wait > 0 {
			return blockedLogin(wait)
		}
		return protocol.Errorf(protocol.WrongCredentials, "The old password is wrong.")
	}
	return c.hashed(s, r.args[1], func(hash string, now time.Time, finish func(*protocol.Error)) {
		c.setHash(account.Name, account.Hash, hash, func(err error) {
			if err != nil {
				finish(domainError(err, account.Name))
				return
			}
			answer := c.info("Your password is changed.", protocol.EventPassword, now)
			answer.Ref = r.Ref
			if c.sessions[s.id] == s && !s.leaving {
				c.reply(s, answer)
			}
			finish(nil)
		})
	}, r)
}

// Changed takes over what the owner has done beside the server. Who is there
// stays, but for the user of an account that was deleted, and for a guest whose
// name is an account's now: who writes to it or asks who that is means the account.
// The connection of a guest ends too, since no client knows another way back to
// before a login.
func (c *Core) Changed(change Change, now time.Time) {
	if !change.Blocked {
		c.guard.Forget(change.Key)
	}
	before, err := c.accounts.Lookup(change.Key)
	if err == nil && (change.Account == nil || !change.Account.Registered.Equal(before.Registered)) {
		c.deleted(before, now)
	}
	if change.Account != nil {
		c.accounts.Put(*change.Account)
		if s := c.find(change.Account.Name); s != nil && !s.account {
			c.expel(s, protocol.PasswordRequired, now, "Good bye: the name %s belongs to an account now. Log in with its password, or with another name.", change.Account.Name)
		}
	}
}

// deleted forgets an account. Others' blocks of it are gone from the disk with it, but
// for what they have asked for since.
func (c *Core) deleted(account users.Account, now time.Time) {
	_, _ = c.accounts.Delete(account.Name)
	if s := c.find(account.Name); s != nil && s.account {
		s.account = false
		c.expel(s, protocol.NotAllowed, now, "Good bye: your account was deleted by the server's owner.")
	}
	for _, b := range c.blocks.Forget(account.Name) {
		if !c.guest(b.Blocker) {
			c.keeper.DeleteBlock(b, func(error) {})
		}
	}
	c.mail.boxes.Forget(account.Name)
}

// expel logs somebody out.
func (c *Core) expel(s *session, why protocol.Code, now time.Time, format string, args ...any) {
	r := c.info(fmt.Sprintf(format, args...), protocol.EventLogout, now)
	r.Data.Code = why
	c.reply(s, r)
	c.close(s, users.LoggedOut, now)
}

// rehash stores a hash with today's parameters.
func (c *Core) rehash(s *session, name, was, password string) {
	c.hasher.Hash(s.source(), password, func(hash string) { c.setHash(name, was, hash, func(error) {}) })
}

// setHash replaces a password's hash on the disk, then here.
func (c *Core) setHash(name, was, hash string, done func(error)) {
	c.keeper.SetHash(name, was, hash, func(err error) {
		if err == nil {
			_, err = c.accounts.SetHash(name, hash)
		}
		done(err)
	})
}
