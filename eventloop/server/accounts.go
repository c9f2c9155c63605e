package server

import (
	"fmt"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// mayTell refuses a password that others may have read on its way, before anything is
// made of it: it is to be of no use to try one here.
func (c *Core) mayTell(s *session) *protocol.Error {
	switch {
	case s.tls == eventloop.WithTLS, !c.cfg.PasswordsNeedTLS:
		return nil
	case s.tls == eventloop.UnknownTLS: // whatever the address is: it may be that of the proxy
		c.journalUnseen(s)
		return c.unseenTLS(s)
	case s.local():
		return nil
	}
	return protocol.Errorf(protocol.TLSRequired, "Passwords are taken over TLS only, and this connection has none: others may have read what you sent. Connect with TLS, which is parleys:// before the host, and choose another password if it was yours.")
}

// unseenTLS refuses a password of somebody who may have TLS, for all that a proxy says. Who can
// be here as a guest is told so.
func (c *Core) unseenTLS(s *session) *protocol.Error {
	guest := ""
	if s.name == "" && !c.cfg.AccountsRequired && !c.state.Settings().Lockdown {
		guest = "log in as a guest, with a name that is not registered and no password, or "
	}
	return protocol.Errorf(protocol.TLSRequired, "Passwords are taken over TLS only, and this server cannot see whether you use it: a proxy is before it that does not say. If you do, %sask the server's owner to have the proxy say it. If you do not, others may have read what you sent: connect with TLS, which is parleys:// before the host, and choose another password if it was yours.", guest)
}

// register makes the name of a session an account.
func register(c *Core, s *session, r call) *protocol.Error {
	if err := c.mayTell(s); err != nil {
		return err
	}
	if err := c.mayRegister(s, s.name, r.args[0], s.account, r.now); err != nil {
		return err
	}
	return c.hashedToRegister(s, r, r.args[0], func(r call, hash string) *protocol.Error {
		return c.propose(s, &r, s.name, &command.Register{By: s.by(), Hash: hash}, func(_ *Core, _ *session, _ asked, _ state.Result) {
			c.guests.remove(c.counted(s))
			s.account = true
			answer := c.info(fmt.Sprintf("%s is registered: nobody can use the name without your password.", s.name), protocol.EventRegistered, r.now)
			answer.Ref = r.Ref
			c.reply(s, answer)
		})
	})
}

// registerAndEnter makes a name an account, and logs in with it.
func (c *Core) registerAndEnter(s *session, r call, name string, registered bool) *protocol.Error {
	if err := c.mayRegister(s, name, r.Password, registered, r.now); err != nil {
		return err
	}
	return c.hashedToRegister(s, r, r.Password, func(r call, hash string) *protocol.Error {
		return c.enter(s, r, &command.Enter{Name: name, Hash: hash})
	})
}

func (c *Core) mayRegister(s *session, name, password string, registered bool, now time.Time) *protocol.Error {
	switch err := users.CheckPassword(name, password); {
	case registered:
		return domainError(users.ErrRegistered, name)
	case c.cfg.RegistrationClosed:
		return protocol.Errorf(protocol.NotAllowed, "Registration is closed: ask the server's owner for an account.")
	case c.state.Settings().Lockdown: // before it costs a hash; the state decides
		return c.lockedDown()
	case err != nil:
		return protocol.Errorf(protocol.BadRequest, "%s", sentence(err))
	case c.state.Accounts() >= users.MaxAccounts: // before it costs a hash; the state decides
		return domainError(users.ErrTooManyAccounts, name)
	case c.log.Failing() != nil:
		return domainError(c.failing(), name)
	}
	if wait := c.registrations.wait(c.counted(s), c.since(now)); wait > 0 {
		return waitError(wait, "Too many names were registered from your address: it may register %s. Wait %d s, or ask the server's owner for an account.", c.cfg.Addresses.Registrations.words())
	}
	return nil
}

// hashedToRegister hashes a password with which a name is to be registered, and goes on. It
// counts when it is hashed: that is what it costs.
func (c *Core) hashedToRegister(s *session, r call, password string, do func(r call, hash string) *protocol.Error) *protocol.Error {
	err := c.hashed(s, r, password, do)
	if err == nil {
		c.registrations.add(c.counted(s), c.since(r.now))
	}
	return err
}

// hashed hashes a password and goes on, with the time that it is then. The session is busy
// until then, and may be gone.
func (c *Core) hashed(s *session, r call, password string, do func(r call, hash string) *protocol.Error) *protocol.Error {
	s.busy = true
	taken := c.hasher.Hash(s.addrKey(), password, func(hash string) {
		r.now = c.cfg.Clock()
		if !c.sessions.has(s) || s.leaving {
			return
		}
		s.busy = false
		defer c.freely()() // but for what a command has brought about
		if err := do(r, hash); err != nil {
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

// passwd changes the password of a session's account.
func passwd(c *Core, s *session, r call) *protocol.Error {
	if err := c.mayTell(s); err != nil {
		return err
	}
	account, registered := c.state.Account(s.name)
	if !registered || !s.account {
		return protocol.Errorf(protocol.NotAllowed, "Your name is not registered. Use:").WithCommands("register PASSWORD")
	}
	if err := users.CheckPassword(s.name, r.args[1]); err != nil {
		return protocol.Errorf(protocol.BadRequest, "%s", sentence(err))
	}
	if wait := c.locked(s, s.name, r.now); wait > 0 {
		return notChecked(wait)
	}
	return c.checked(s, r, account.Name, account.Hash, r.args[0], func(ok, _ bool) *protocol.Error {
		if !ok {
			return protocol.Errorf(protocol.WrongCredentials, "The old password is wrong.")
		}
		return c.propose(s, &r, account.Name, &command.RightPassword{Name: account.Name, Addr: s.addrKey()}, func(_ *Core, _ *session, _ asked, _ state.Result) {
			if err := c.changePassword(s, r, account); err != nil {
				c.refuse(s, r.Request, err, r.now)
			}
		})
	})
}

// changePassword goes on when the old password was right.
func (c *Core) changePassword(s *session, r call, account users.Account) *protocol.Error {
	return c.hashed(s, r, r.args[1], func(r call, hash string) *protocol.Error {
		return c.propose(s, &r, account.Name, &command.SetHash{Name: account.Name, Was: account.Hash, Hash: hash}, func(_ *Core, _ *session, _ asked, _ state.Result) {
			answer := c.info("Your password is changed.", protocol.EventPassword, r.now)
			answer.Ref = r.Ref
			c.reply(s, answer)
		})
	})
}

// rehash keeps a hash with today's parameters. When that cannot be, the next login will.
func (c *Core) rehash(s *session, name, was, password string) {
	c.hasher.Hash(s.addrKey(), password, func(hash string) {
		_ = c.log.Propose(c.cfg.Clock(), &command.SetHash{Name: name, Was: was, Hash: hash}, nil)
	})
}
