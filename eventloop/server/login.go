package server

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// loginVerb is the request that logs in.
const loginVerb = "login"

// logoutVerb is the one that logs out.
const logoutVerb = "logout"

// login logs in. A plain client, which has no key for a password, writes it
// behind the name; that counts only if there is such an account or everybody needs
// one, so that a name with a space in it never becomes anything.
func login(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	if c.log.Failing() != nil { // before it costs a hash
		return domainError(c.failing(), name)
	}
	if r.Password == "" {
		r.Password = r.args[1]
	}
	if r.Token != "" && protocol.CheckToken(r.Token) != nil { // nobody was given it: it might be anybody's
		r.Token = ""
	}
	account, registered := c.state.Account(name)
	if head, rest, ok := strings.Cut(name, " "); ok && r.Password == "" {
		a, there := c.state.Account(head)
		if there || c.cfg.AccountsRequired && protocol.CheckName(head) == nil {
			name, r.Password, account, registered = head, protocol.Secret(rest), a, there
		}
	}
	if err := protocol.CheckName(name); err != nil {
		return err
	}
	if r.Password != "" {
		if err := c.mayTell(s); err != nil {
			return err
		}
	}
	if why, ok := c.reserved.Lookup(name); ok {
		return reservedName(name, why)
	}
	there := c.hasName(name)
	back := c.state.Holds(name, command.TokenID(r.Token))
	taken := there && !back
	misleading := c.misleading(name)
	switch {
	case r.Password != "" && !r.Register && (registered || !taken):
		return c.verify(s, r, name, account.Hash)
	case c.cfg.AccountsRequired && r.Password == "": // in the same words for all names
		return protocol.Errorf(protocol.PasswordRequired, "This server is for those who have an account. Log in with your name and password.")
	case taken && (r.Register || !registered):
		return domainError(users.ErrNameTaken, name)
	case !registered && !back && misleading != nil: // before it costs a hash; it is decided again
		return misleading
	case r.Register:
		return c.registerAndEnter(s, r, name, registered)
	case registered: // also if its user is there, who may want to log in here
		return protocol.Errorf(protocol.PasswordRequired, "The name %s is registered. Log in with its password, or with another name.", name)
	case !back && c.guests.full(c.counted(s)):
		return protocol.Errorf(protocol.Busy, "Too many guests are here from your address: it may have %d. Log in when one of them has left, or with an account.", c.cfg.Addresses.Guests)
	}
	return c.enter(s, r, &command.Enter{Name: name})
}

// misleading returns why nobody who comes anew may have a name that can be taken for another
// one: the server's, one that is reserved, or somebody's.
func (c *Core) misleading(name string) *protocol.Error {
	if users.MadeOfTitles(name) {
		return reservedName(name, users.ForServer)
	}
	if c.cfg.Lookalikes == users.AllowLookalikes {
		return nil
	}
	if like, is := c.reservedLooks.Find(name, nil); is {
		why, _ := c.reserved.Lookup(like)
		return protocol.Errorf(protocol.BadName, "The name %s looks like %s, which is reserved: %s. Log in with another one.", name, like, cmp.Or(why, users.ForServer))
	}
	if c.shared != nil { // whose name it is may have left, and be on its way through the log: Apply decides
		return nil
	}
	if like, is := c.state.Lookalike(name); is && c.cfg.Lookalikes == users.RefuseLookalikes {
		return lookalike(name, like)
	}
	return nil
}

// verify checks a password and logs in. A name that nobody has costs the same
// time and gets the same words as a wrong password.
func (c *Core) verify(s *session, r call, name, hash string) *protocol.Error {
	if wait := c.locked(s, name, r.now); wait > 0 {
		return notChecked(wait)
	}
	return c.checked(s, r, name, hash, r.Password, func(ok, rehash bool) *protocol.Error {
		if !ok {
			return protocol.Errorf(protocol.WrongCredentials, "The name or the password is wrong.")
		}
		return c.enterThen(s, r, &command.Enter{Name: name, Verified: hash, Takeover: r.Takeover}, func() {
			if rehash {
				c.rehash(s, name, hash, r.Password)
			}
		})
	})
}

// locked returns for how long no password for a name is looked at that comes from a session.
func (c *Core) locked(s *session, name string, now time.Time) time.Duration {
	if c.lots == "" {
		c.lots = c.cfg.Token()
	}
	return c.state.Draw(c.lots, name, s.addrKey(), c.log.Time(now))
}

// checked has a password looked at, and goes on: the session is busy until then. A wrong
// one counts also if who sent it is gone by then, and do is told of it only if they
// are not locked out now.
func (c *Core) checked(s *session, r call, name, hash, password string, do func(ok, rehash bool) *protocol.Error) *protocol.Error {
	if c.log.Failing() != nil { // before it costs a hash
		return domainError(c.failing(), name)
	}
	s.busy = true
	taken := c.hasher.Verify(s.addrKey(), hash, password, func(ok, rehash bool) {
		r.now = c.cfg.Clock()
		looked := func(result state.Result) {
			wait := result.Wait
			c.journalBlocked(s, name, wait, r.now)
			if !ok && wait <= 0 && r.Verb != loginVerb { // of a login there is a line when it is refused
				c.journalRefused(s, name, protocol.WrongCredentials)
			}
			if !c.sessions.has(s) || s.leaving {
				if !ok && r.Verb == loginVerb {
					c.refusedLogin(s, r.Request, protocol.WrongCredentials)
				}
				return
			}
			s.busy = false
			var err *protocol.Error
			switch {
			case errors.Is(result.Err, state.ErrLocked): // late; in the words for a right one that is late
				err = notChecked(wait)
			case wait > 0:
				err = lockedOut(wait)
			default:
				err = do(ok, rehash)
			}
			if ok { // who guesses learns nothing before it is counted for good
				defer c.freely()()
			}
			if err != nil {
				c.refuse(s, r.Request, err, r.now)
			}
			c.resume(s, r.now)
		}
		if ok {
			looked(state.Result{})
			return
		}
		c.insistFor(s, r.now, &command.WrongPassword{Name: name, Addr: s.addrKey()}, looked)
	})
	if !taken {
		s.busy = false
		return protocol.Errorf(protocol.Busy, "Too many passwords wait to be checked, in all or from your address. Try again in a moment.")
	}
	return nil
}

// addrKey returns what counts as one address of the session's peer: of those who share it
// one waits for the other's hashes, and wrong passwords count together.
func (s *session) addrKey() string { return users.AddrKey(s.addr) }

// lockedOut refuses who has sent a wrong password, and is blocked by that.
func lockedOut(wait time.Duration) *protocol.Error {
	seconds := inSeconds(wait)
	err := protocol.Errorf(protocol.BlockedLogin, "Logins are blocked after too many wrong passwords. Try again in %d s.", seconds)
	err.Seconds = seconds
	return err
}

// notChecked refuses who has sent a password that was not looked at, or is as good as that: others
// were faster. It can be sent again.
func notChecked(wait time.Duration) *protocol.Error {
	err := lockedOut(wait)
	err.Text = fmt.Sprintf("Logins are blocked after too many wrong passwords, so yours was not looked at. Try again in %d s.", err.Seconds)
	err.State = protocol.StateUnchecked
	return err
}

// enter makes a session that of a user. The command says who, and what was checked.
func (c *Core) enter(s *session, r call, e *command.Enter) *protocol.Error {
	return c.enterThen(s, r, e, nil)
}

// enterThen is enter, and goes on then, unless that is nil.
func (c *Core) enterThen(s *session, r call, e *command.Enter, then func()) *protocol.Error {
	if r.Token != "" && c.state.Elsewhere(command.TokenID(r.Token), e.Name) { // else rooms that one leaves the other would hear
		r.Token = ""
	}
	token := r.Token // stays that of a client: by it a guest is the one who was here before
	if token == "" {
		token = c.cfg.Token()
	}
	s.node = c.node
	e.Session, e.Addr, e.Plain, e.Token, e.Back = s.key(), s.addrKey(), !r.Extended, command.TokenID(token), command.TokenID(r.Token)
	a, from := r.asked(), progress{r.HasAfter, r.After, r.Log}
	c.noteAhead(s, a, from)
	err := c.proposeFor(s, a.at, e, func(result state.Result) {
		defer c.firmly()()
		switch {
		case !c.sessions.has(s) || s.leaving:
			if result.Err == nil { // the connection is gone, which the state does not know
				c.leaveFor(e)
			}
		case errors.Is(result.Err, state.ErrElsewhere):
			c.refuseLogin(s, a, elsewhere(c.spelled(e.Name), a.extended))
		case errors.Is(result.Err, state.ErrStale), e.Verified != "" && errors.Is(result.Err, users.ErrUnknownUser): // was deleted meanwhile
			c.refuseLogin(s, a, protocol.Errorf(protocol.WrongCredentials, "The name or the password is wrong."))
		case result.Err != nil:
			c.refuseLogin(s, a, c.resultError(e, result, e.Name, a.at))
		default:
			c.entered(s, a, from, e.Name, token)
			c.tellReports(s, result.Reports, a.at)
			if then != nil {
				then()
			}
		}
	})
	if err != nil {
		return domainError(err, e.Name)
	}
	return nil
}

// refuseLogin is refuse of a login that was decided.
func (c *Core) refuseLogin(s *session, a asked, why *protocol.Error) {
	r := a.request()
	r.Verb = loginVerb
	c.refuse(s, r, why, a.at)
}

// spelled returns a name as its owner writes it.
func (c *Core) spelled(name string) string {
	if spelled, ok := c.state.Spelling(name); ok {
		return spelled
	}
	return name
}

// elsewhere refuses a second session to somebody who knows the password.
func elsewhere(name string, extended bool) *protocol.Error {
	text := "You are logged in elsewhere as %s. Log out there first, or log in with another name."
	if extended {
		text = "You are logged in elsewhere as %s. Log out there first, or end that session with \"takeover\": true in the login."
	}
	return protocol.Errorf(protocol.LoggedInElsewhere, text, name)
}

// A progress is how far a client that logs in is in the log.
type progress struct {
	known bool
	after uint64
	log   string
}

// entered welcomes a session that the state has let in.
func (c *Core) entered(s *session, a asked, from progress, name, token string) {
	there, _ := c.state.Online(name)
	c.dropAllowance(s, a.at)
	c.fx.Enter(s.id)
	s.name, s.account, s.extended, c.names = there.Name, there.Account, a.extended, nil
	if s.account {
		c.counts.accounts++
	} else {
		c.counts.guests++
		c.guests.add(c.counted(s))
	}
	if s.extended {
		c.extended++
	} else {
		c.plain[state.Lobby]++
	}
	s.unwelcome = true
	c.held.call(func() { s.unwelcome = false })
	c.journalLogin(s)
	c.idle.Add(&s.seat, uint64(s.id), a.at)
	c.fx.WakeAt(a.at.Add(idleInterval)) // from now on somebody may be inactive
	if c.due == 0 {
		c.due = c.since(a.at) + idleInterval
	}
	welcome := c.info("Login successful. Welcome, "+s.name+"! Users connected: "+strconv.Itoa(c.state.Len())+".", protocol.EventLogin, a.at)
	welcome.Ref = a.ref
	d := welcome.Data
	d.Rooms, d.Read = c.joinedRooms(there.Person), c.state.ReadCursor(there.Person, state.Lobby, "")
	d.Name, d.Log, d.ID, d.Token, d.State = s.name, c.log.Name(), c.state.Last(), token, protocol.StateGuest
	d.Seconds = int(c.cfg.Timeout / time.Second)
	if s.account {
		d.State = protocol.StateAccount
	}
	if from.known && s.extended {
		d.Resume = c.resumable(there.Person, from)
	}
	if d.Resume == protocol.ResumeFollows {
		c.fx.Extend(s.id)
		c.reply(s, welcome)
		c.tellForwarded(s, there.Person, from.after, a.at)
		c.tellRoomInvitations(s, there.Person, a.at)
		c.catchUp(s, &catchUp{person: there.Person, shown: from.after, rooms: true}, a.at)
		return
	}
	c.hearAll(s, there.Person)
	if text := c.forwardedText(state.Lobby); text != "" && !s.extended {
		welcome.Content += " " + text
	}
	c.tellHistory(s, welcome, there.Person, a.at)
	if s.extended {
		c.tellForwarded(s, there.Person, 0, a.at)
	}
	c.tellRoomInvitations(s, there.Person, a.at)
	if _, last := c.state.Unseen(there.Person); last > 0 {
		c.catchUp(s, &catchUp{person: there.Person, shown: last}, a.at)
	}
}

// resumable reports whether all can be told that is behind what a client has, in the
// words of protocol.Data.
func (c *Core) resumable(person string, from progress) string {
	last := c.state.Last()
	switch {
	case from.log != c.log.Name():
		return protocol.ResumeOtherLog
	case from.after > last:
		return protocol.ResumeAhead
	case last-from.after > uint64(c.cfg.MaxResume), c.volatile && from.after < c.tail.After(), c.missing(person, from.after):
		return protocol.ResumeTooFar
	}
	return protocol.ResumeFollows
}

// tellHistory welcomes a session with the newest messages. Those of the lobby come last: who has
// them has all that was said up to the welcome, as far as it is told at all.
func (c *Core) tellHistory(s *session, welcome protocol.Response, person string, now time.Time) {
	h := c.historyFor(s, now)
	if s.extended {
		if h.left > 0 {
			welcome.Content += h.sentence()
		}
		c.reply(s, welcome)
		c.tellRooms(s, person, now)
		for _, frame := range h.frames {
			c.fx.Send(s.id, frame)
		}
		return
	}
	welcome.Content += h.sentence()
	c.reply(s, welcome)
	c.fx.Replay(s.id, h.said)
}

// connections returns those of some sessions that are here, as the loops know them, in memory
// of the caller's own; nil of none.
func (c *Core) connections(sessions []command.Session) []eventloop.ConnID {
	if len(sessions) == 0 {
		return nil
	}
	ids := make([]eventloop.ConnID, 0, len(sessions))
	for _, session := range sessions {
		ids = c.addConnection(ids, session)
	}
	return ids
}

// addConnection adds that of a session, if it is here.
func (c *Core) addConnection(ids []eventloop.ConnID, session command.Session) []eventloop.ConnID {
	if session.Node != c.node {
		return ids
	}
	return append(ids, eventloop.ConnID(session.Number))
}
