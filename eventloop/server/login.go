package server

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
)

// owner tells users of the same name apart when one comes back: an account's
// password proves who it is, of a guest only the address is known.
func (s *session) owner() string {
	if s.account {
		return "account"
	}
	return s.remote.Addr().String()
}

// login logs in. A plain client, which has no key for a password, writes it
// behind the name; that counts only if there is such an account or everybody needs
// one, so that a name with a space in it never becomes anything.
func login(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	if r.Password == "" {
		r.Password = r.args[1]
	}
	account, err := c.accounts.Lookup(name)
	if head, rest, ok := strings.Cut(name, " "); ok && r.Password == "" {
		a, e := c.accounts.Lookup(head)
		if e == nil || c.cfg.AccountsRequired && protocol.CheckName(head) == nil {
			name, r.Password, account, err = head, protocol.Secret(rest), a, e
		}
	}
	if err := protocol.CheckName(name); err != nil {
		return err
	}
	if why, ok := c.reserved.Lookup(name); ok {
		return protocol.Errorf(protocol.BadName, "The name %s is reserved: %s. Log in with another one.", name, why)
	}
	registered, there := err == nil, c.find(name) != nil
	switch {
	case r.Password != "" && !r.Register && (registered || !there):
		return c.verify(s, r, name, account.Hash)
	case c.cfg.AccountsRequired && r.Password == "": // in the same words for all names
		return protocol.Errorf(protocol.PasswordRequired, "This server is for those who have an account. Log in with your name and password.")
	case (there || c.accounts.Held(name)) && (r.Register || !registered):
		return domainError(users.ErrNameTaken, name)
	case r.Register:
		return c.register(s, r, name, r.Password, registered)
	case registered: // also if its user is there, who may want to log in here
		return protocol.Errorf(protocol.PasswordRequired, "The name %s is registered. Log in with its password, or with another name.", name)
	}
	c.enter(s, r, name, false)
	return nil
}

// verify checks a password and logs in. A name that nobody has costs the same
// time and gets the same words as a wrong password.
func (c *Core) verify(s *session, r call, name, hash string) *protocol.Error {
	if wait, blocked := c.guard.Check(name, s.remote.Addr(), r.now); blocked {
		return blockedLogin(wait)
	}
	id := s.id
	s.busy = true
	taken := c.hasher.Verify(s.source(), hash, r.Password, func(ok, rehash bool) {
		now := c.cfg.Clock()
		if c.sessions[id] != s || s.leaving {
			if !ok { // counts all the same
				c.wrongPassword(s, name, now)
			}
			return
		}
		if err := c.verified(s, r, name, ok, now); err != nil {
			c.refuse(s, r.Request, err, now)
		} else if rehash {
			c.rehash(s, name, hash, r.Password)
		}
		c.resume(s, now)
	})
	if !taken {
		s.busy = false
		return protocol.Errorf(protocol.Busy, "Too many people are logging in. Try again in a moment.")
	}
	return nil
}

func (c *Core) verified(s *session, r call, name string, ok bool, now time.Time) *protocol.Error {
	if !ok {
		if wait := c.wrongPassword(s, name, now); wait > 0 {
			return blockedLogin(wait)
		}
		return protocol.Errorf(protocol.WrongCredentials, "The name or the password is wrong.")
	}
	wait, blocked, changed := c.guard.Succeeded(name, s.remote.Addr(), now)
	c.keeper.KeepLoginBlocks(changed)
	account, err := c.accounts.Lookup(name)
	switch {
	case blocked:
		return blockedLogin(wait)
	case err != nil: // was deleted meanwhile
		return protocol.Errorf(protocol.WrongCredentials, "The name or the password is wrong.")
	}
	if there := c.find(name); there != nil {
		if !r.Takeover {
			return elsewhere(account.Name, r.Extended)
		}
		c.replace(there, now)
	}
	r.now = now
	c.enter(s, r, account.Name, true)
	return nil
}

// elsewhere refuses a second session to somebody who knows the password.
func elsewhere(name string, extended bool) *protocol.Error {
	text := "You are logged in elsewhere as %s. Log out there first, or log in with another name."
	if extended {
		text = "You are logged in elsewhere as %s. Log out there first, or end that session with \"takeover\": true in the login."
	}
	return protocol.Errorf(protocol.LoggedInElsewhere, text, name)
}

// replace ends a session whose user has logged in elsewhere. Nobody is told that
// they were gone.
func (c *Core) replace(s *session, now time.Time) {
	r := c.info("Good bye: you have logged in elsewhere.", protocol.EventLogout, now)
	r.Data.Code = protocol.LoggedInElsewhere
	c.reply(s, r)
	c.close(s, users.LostConnection, now)
}

// wrongPassword counts a wrong password for a name, and returns how long the next
// login has to wait. The session may be gone.
func (c *Core) wrongPassword(s *session, name string, now time.Time) (wait time.Duration) {
	wait, changed := c.guard.Failed(name, s.remote.Addr(), now)
	c.keeper.KeepLoginBlocks(changed)
	return wait
}

// source is who asks for hashes: of those who share it one waits for the other.
func (s *session) source() string { return users.AddrKey(s.remote.Addr()) }

func blockedLogin(wait time.Duration) *protocol.Error {
	seconds := int((wait + time.Second - 1) / time.Second)
	err := protocol.Errorf(protocol.BlockedLogin, "Logins are blocked after too many wrong passwords. Try again in %d s.", seconds)
	err.Seconds = seconds
	return err
}

// enter makes a session that of a user.
func (c *Core) enter(s *session, r call, name string, account bool) {
	if c.online.Claim(name, uint64(s.id)) != nil {
		c.refuse(s, r.Request, domainError(users.ErrNameTaken, name), r.now)
		return
	}
	c.blocks.Arrive(name, uint64(s.id))
	s.name, s.account, s.extended, c.names = name, account, r.Extended, nil
	if s.extended {
		c.extended++
	} else {
		c.plain++
	}
	c.announce(c.presence.Arrive(name, s.owner(), r.now), r.now)
	c.idle.Add(&s.seat, uint64(s.id), r.now)
	c.fx.Join(s.id, s.extended)
	c.fx.WakeAt(r.now.Add(idleInterval)) // from now on somebody may be inactive
	welcome := c.info("Login successful. Welcome, "+name+"! Users connected: "+strconv.Itoa(c.online.Len())+".", protocol.EventLogin, r.now)
	welcome.Ref, welcome.Data.Name, welcome.Data.Log, welcome.Data.State = r.Ref, name, c.log.Name(), protocol.StateGuest
	welcome.Data.Seconds = int(c.cfg.Timeout / time.Second)
	if account {
		welcome.Data.State = protocol.StateAccount
	}
	h := c.historyFor(s, r.now)
	if s.extended {
		if h.left > 0 {
			welcome.Content += h.sentence()
		}
		c.reply(s, welcome)
		for _, frame := range h.frames {
			c.fx.Send(s.id, frame)
		}
	} else {
		welcome.Content += h.sentence()
		c.reply(s, welcome)
		c.fx.Replay(s.id, h.frames)
	}
	c.readMail(s)
}

// deaf returns the connections of those who are there and have blocked a user, in
// memory of the caller's own.
func (c *Core) deaf(name string) []eventloop.ConnID {
	sessions := c.blocks.Deaf(name)
	if len(sessions) == 0 {
		return nil
	}
	ids := make([]eventloop.ConnID, len(sessions))
	for i, session := range sessions {
		ids[i] = eventloop.ConnID(session)
	}
	return ids
}

// untold returns who is not told that a user came or went: those who have blocked
// them, those whom they have blocked, and themselves.
func (c *Core) untold(name string) []eventloop.ConnID {
	ids := c.deaf(name)
	for _, other := range append(c.blocks.Blocked(name), name) {
		if s := c.find(other); s != nil {
			ids = append(ids, s.id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
