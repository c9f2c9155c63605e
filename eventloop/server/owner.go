package server

import (
	"errors"
	"fmt"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// owner is a Core as its log sees it.
type owner Core

// freely has what is told until the function is called that it returns shown at once: it
// shows nothing that is kept. firmly is the contrary.
func (c *Core) freely() (end func()) {
	was := c.held.free
	c.held.free = true
	return func() { c.held.free = was }
}

func (c *Core) firmly() (end func()) {
	was := c.held.free
	c.held.free = false
	return func() { c.held.free = was }
}

// Applied implements log.Owner: it tells those who are here what has happened, but for
// the answer to who has asked for it.
func (o *owner) Applied(at time.Time, cmd command.Command, r state.Result) {
	c := (*Core)(o)
	was := c.held.free
	c.held.free = false
	defer func() { c.held.free = was }()
	if r.Err != nil {
		return
	}
	if c.deliver(cmd, r, at) {
		return
	}
	c.updateTail(cmd, r)
	c.tellOfRoom(cmd, r, at)
	c.tellRead(cmd, r, at)
	c.tellHook(cmd, r, at)
	if r.Act != nil && c.acted != nil {
		c.acted(r.Act)
	}
	c.putOut(r)
	for _, ended := range r.Ended {
		if forget, is := cmd.(*command.ForgetMe); is && forget.By.Session == ended.Session {
			continue // who is answered first
		}
		c.end(cmd, r, ended, at)
	}
	c.tellAct(cmd, r, at)
	c.tellPutOut(r, at)
	c.announce(r, at)
	c.tellVoid(cmd, r.Void, at)
	c.endFar(cmd, r, at)
	if next, ok := c.state.NextDue(); ok {
		c.fx.WakeAt(c.cfg.Clock().Add(next.Sub(at)))
	}
}

// deliver tells what a command has said or changed of what was said, and who is asked or away. It
// reports whether there is nothing else to tell of it.
func (c *Core) deliver(cmd command.Command, r state.Result, at time.Time) (done bool) {
	switch cmd := cmd.(type) {
	case *command.Message:
		s := c.of(cmd.By.Session)
		if !r.Again {
			c.counts.messages++
			c.deliverMessage(r.Message, s)
			c.forward(r.Message.Room)
		}
		if s != nil {
			s.behind = c.log.Applied() // the echo is an answer, too
		}
		return true
	case *command.HookMessage:
		if !r.Again {
			c.counts.messages++
			c.deliverMessage(r.Message, nil)
			c.forward(r.Message.Room)
		}
		return true
	case *command.Direct:
		if !r.Again {
			c.counts.directs++
			c.deliverDirect(r.Direct, cmd.By.Session)
		}
		return true
	case *command.Edit:
		c.deliverChange(r.Change, cmd.By.Session)
	case *command.Remove:
		c.deliverChange(r.Change, cmd.By.Session)
	case *command.React:
		if !r.Again {
			c.deliverChange(r.Change, cmd.By.Session)
		}
	case *command.Away, *command.Back:
		c.names = nil
	case *command.Begin, *command.Heartbeat, *command.Gone:
		c.sendOrNot()
	case *command.Invite:
		if r.Invited != nil {
			c.tellInvited(*r.Invited, at)
		}
		if r.Agreed != nil {
			c.agreed(r.Agreed, cmd.Offer, at)
		}
	case *command.Accept:
		c.agreed(r.Agreed, cmd.Offer, at)
	}
	return false
}

// updateTail has the tail know people and rooms as the state does after a command: a guest
// has become an account, or an account or a room is gone, of whose messages nobody is to be
// told who takes the name next. A guest is known by a token, which nobody else has.
func (c *Core) updateTail(cmd command.Command, r state.Result) {
	if r.Renamed != nil {
		c.renamePerson(r.Renamed)
	}
	switch cmd := cmd.(type) {
	case *command.DeleteAccount:
		c.tail.Forget(users.Fold(cmd.Name))
	case *command.DropHook:
		c.tail.Forget(users.Fold(cmd.Name))
	case *command.ForgetMe:
		c.forgetAuthor(cmd, r)
	case *command.Prune:
		c.forgetPruned(cmd)
	case *command.Keep:
		c.retireSoon()
	}
	for _, room := range r.RoomsEnded {
		c.tail.ForgetRoom(room.Name, c.state.Last())
	}
}

// renamePerson gives the account that a guest has become, at whatever node, what was said to and
// by them.
func (c *Core) renamePerson(of *state.Renamed) {
	c.tail.Rename(of.From, of.To)
	c.renamed = c.log.Applied()
	for _, s := range c.sessionsOfPerson(of.To) {
		if past := s.catch(); past != nil {
			past.person = of.To
		}
	}
}

// Committed implements log.Owner.
func (o *owner) Committed(last uint64) {
	defer func() {
		if p := recover(); p != nil { // nobody knows who was told what
			o.Broken(fmt.Errorf("telling what is kept: %v", p))
			panic(p)
		}
	}()
	o.safe = max(o.safe, last)
	o.held.release()
}

// Broken implements log.Owner.
func (o *owner) Broken(err error) {
	o.broken = true
	if o.cfg.Fatal != nil {
		o.cfg.Fatal(err)
	}
}

// AskFlush implements log.Owner.
func (o *owner) AskFlush() { o.fx.AskFlush() }

// AskTick implements log.Owner.
func (o *owner) AskTick(at time.Time) { o.fx.WakeAt(at) }

// end closes a session that the state has ended because of a command.
func (c *Core) end(cmd command.Command, why state.Result, ended state.Online, now time.Time) {
	s := c.of(ended.Session)
	if s == nil || s.leaving {
		return
	}
	text, code := "Good bye: you have logged in elsewhere.", protocol.LoggedInElsewhere
	switch cmd := cmd.(type) {
	case *command.AddAccount:
		text, code = "Good bye: the name "+cmd.Name+" belongs to an account now. Log in with its password, or with another name.", protocol.PasswordRequired
	case *command.EndSession:
		text, code = "Good bye: you have ended this session from another one.", protocol.NotAllowed
	case *command.ForgetMe:
		text, code = "Good bye: you have deleted your account from another session.", protocol.NotAllowed
	case *command.DeleteAccount:
		text, code = "Good bye: your account was deleted by the server's owner.", protocol.NotAllowed
	}
	r := c.info(text, protocol.EventLogout, now)
	r.Data.Code = code
	if why.Act != nil {
		r = c.goodBye(why.Act, ended.Name, now)
	}
	c.dropped(s, DropEnded)
	c.endWith(s, r, now)
}

// Flush hands what the turn has changed to the keeper. It is called at the end of a turn
// in which Effects.AskFlush was.
func (c *Core) Flush(now time.Time) { c.log.Flush(now) }

// An asked is what an answer needs of the request: little, since it is kept until the
// command is decided.
type asked struct {
	ref      string
	extended bool  // of a login: for an extended session
	waited   int32 // seconds, for what its user may send
	at       time.Time
}

// noticed is for how long a request has to wait that its sender is told of it: what is behind
// others for some milliseconds has not been held back.
const noticed = 100 * time.Millisecond

// asked returns what an answer needs.
func (r *call) asked() asked {
	a := asked{ref: r.Ref, extended: r.Extended, at: r.now}
	if r.waited >= noticed {
		a.waited = int32(inSeconds(r.waited))
	}
	return a
}

// request returns what a refusal needs of the request.
func (a asked) request() protocol.Request {
	return protocol.Request{Ref: a.ref, Extended: a.extended}
}

// An answer tells a session that its command was carried out. nil: there is none.
type answer func(c *Core, s *session, a asked, r state.Result)

// propose has a command decided that a session has asked for. If it is carried out, it
// is answered; otherwise the session is told why not, in words about a name.
func (c *Core) propose(s *session, r *call, name string, cmd command.Command, then answer) *protocol.Error {
	told := c.teller(s, r, name, cmd, then)
	if err := c.proposeFor(s, r.now, cmd, told); err != nil {
		return c.unlessAgain(cmd, told, domainError(err, name))
	}
	return nil
}

// unlessAgain returns why a command cannot be decided, but nil if it is a message that was
// decided before, and is sent again: that is answered.
func (c *Core) unlessAgain(cmd command.Command, told func(state.Result), why *protocol.Error) *protocol.Error {
	if result, again := c.state.Again(cmd); again {
		told(result)
		return nil
	}
	return why
}

// teller returns what tells a session what became of a command.
func (c *Core) teller(s *session, r *call, name string, cmd command.Command, then answer) func(state.Result) {
	a := r.asked()
	return func(result state.Result) {
		was := c.held.free
		c.held.free = false
		defer func() { c.held.free = was }()
		switch {
		case !c.sessions.has(s) || s.leaving:
		case result.Err != nil:
			c.refuse(s, a.request(), c.resultError(cmd, result, c.spelled(name), a.at), a.at)
		case then != nil:
			then(c, s, a, result)
		}
	}
}

// resultError makes an answer of why a command was refused, about a name.
func (c *Core) resultError(cmd command.Command, r state.Result, name string, now time.Time) *protocol.Error {
	switch cmd := cmd.(type) {
	case *command.InviteToRoom:
		switch {
		case errors.Is(r.Err, state.ErrBlocked):
			return protocol.Errorf(protocol.BlockedByUser, "You cannot invite %s: they have blocked you.", name)
		case errors.Is(r.Err, state.ErrNoRoom), errors.Is(r.Err, state.ErrNoMember), errors.Is(r.Err, state.ErrLobby):
			name = cmd.Room
		}
	case *command.Invite:
		switch {
		case errors.Is(r.Err, state.ErrBlocked):
			return protocol.Errorf(protocol.BlockedByUser, "You cannot ask %s: they have blocked you.", name)
		case errors.Is(r.Err, state.ErrOffline):
			return protocol.Errorf(protocol.UserOffline, "%s is not connected: a private session needs both of you here to begin.", name)
		}
	}
	switch {
	case errors.Is(r.Err, state.ErrLocked):
		return notChecked(r.Wait)
	case errors.Is(r.Err, state.ErrLookalike):
		return lookalike(name, r.Name)
	}
	if err := c.orderError(cmd, r, name, now); err != nil {
		return err
	}
	return domainError(r.Err, name)
}
