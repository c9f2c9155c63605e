package server

import (
	"net/netip"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/rooms"
)

// Effects is what a Core does to the world. The frame of Send and of SendLater is
// valid until they return; the others are not changed afterwards.
type Effects interface {
	// Send sends one frame to one connection.
	Send(to eventloop.ConnID, frame []byte)
	// SendLater sends one frame, with the next one that is sent or a few
	// milliseconds later, to a connection in an extended session.
	SendLater(to eventloop.ConnID, frame []byte)
	// Replay sends frames of the history to one connection in a plain session.
	Replay(to eventloop.ConnID, frames [][]byte)
	// Join makes a connection a member of the room, in an extended or a plain
	// session: it gets what is delivered from now on.
	Join(id eventloop.ConnID, extended bool)
	Deliver(d Delivery)
	// Close closes a connection when all that was sent to it before is out.
	Close(id eventloop.ConnID)
	// WakeAt has Tick called at a time, or before.
	WakeAt(t time.Time)
}

// A Delivery is what is sent to every member of the room but the excepted ones.
type Delivery struct {
	Extended []byte              // for extended sessions; nil if there is none, or if it is not for them
	Plain    [][]byte            // frames for plain ones, likewise
	Except   []eventloop.ConnID  // ascending
	News     *users.Announcement // who came or went, if it is about that; Plain is one frame then
	Later    bool                // it may wait a few milliseconds for what is sent next
}

// A Core is the chat server without its sockets. One goroutine owns it; what it
// has asked others to do comes back to it on that goroutine.
type Core struct {
	cfg      Config
	fx       *metered
	log      rooms.Log
	keeper   Keeper
	hasher   Hasher
	verbs    *protocol.Verbs
	requests map[string]request
	help     map[bool]string // for extended sessions and others

	sessions map[eventloop.ConnID]*session
	acting   *session  // whose request, or the answer to it, is being carried out; or nil
	waiting  []waiting // for a login, the longest first
	online   *users.Registry
	plain    int // members in plain sessions
	extended int // members in extended sessions

	accounts *users.Accounts
	guard    *users.Guard
	reserved users.Reserved
	blocks   *users.Blocks
	presence *users.Presence
	idle     *users.Idle // who does nothing
	silent   *users.Idle // who has pinged and sends nothing any more
	mail     mail

	invitations *users.Invitations
	relays      *users.Relays

	scanned time.Time // it was looked who does nothing
	swept   time.Time // the guard was

	names   *protocol.Response // the answer to names, nil when somebody came, went, or is away or back
	history history            // as it was last encoded
	scratch []byte             // the memory of the last frame for one session
}

// A session is a connection and, after the login, its user.
type session struct {
	id       eventloop.ConnID
	remote   netip.AddrPort // the zero AddrPort of a Unix socket
	name     string         // "" before the login
	bucket   bucket
	invites  bucket     // of invitations
	seat     users.Seat // in idle
	pulse    users.Seat // in silent
	strikes  uint8      // malformed frames in a row
	account  bool       // the user has one
	extended bool
	excepted bool     // was told that some do not hear it
	pending  int32    // things that were asked of others and have not come back
	ended    bool     // the peer has ended its side: nothing more is asked
	leaving  bool     // is being closed: what it asks for is ignored
	busy     bool     // waits for a hash or the disk
	reading  bool     // the direct messages that wait
	backlog  *backlog // nil: nothing
}

// A backlog is what a session gets to later. Few have one.
type backlog struct {
	requests []protocol.Request  // came while it was busy
	directs  []protocol.Response // came before those that wait were read
}

// later returns the session's backlog.
func (s *session) later() *backlog {
	if s.backlog == nil {
		s.backlog = new(backlog)
	}
	return s.backlog
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
	extended earlier
	plain    earlier
}

// earlier is a history for one kind of session.
type earlier struct {
	frames [][]byte // nil: is not encoded yet
	told   int      // messages in them
	left   int      // messages for which there was no place
}

// NewCore returns a Core that goes on from a state.
func NewCore(cfg Config, state State, log rooms.Log, keeper Keeper, hasher Hasher, fx Effects) *Core {
	c := &Core{cfg: cfg, fx: &metered{Effects: fx}, verbs: protocol.NewVerbs(),
		sessions: make(map[eventloop.ConnID]*session), online: users.NewRegistry(),
		accounts: new(users.Accounts), reserved: users.NewReserved(cfg.Reserved), guard: users.NewGuard(cfg.Logins),
		presence: users.NewPresence(), idle: users.NewIdle(cfg.Timeout), silent: users.NewIdle(protocol.DeadAfter)}
	c.log, c.keeper, c.hasher = asyncLog{log, c}, asyncKeeper{keeper, c}, asyncHasher{hasher, c}
	c.blocks = users.NewBlocks(c.spelling, c.online.Lookup)
	c.invitations = users.NewInvitations(protocol.InvitationTimeout, invitationPause)
	c.relays = users.NewRelays(relayLimits(cfg))
	c.requests = newRequests()
	c.help = map[bool]string{false: c.verbs.HelpText(false), true: c.verbs.HelpText(true)}
	c.mail = mail{last: state.LastDirect, boxes: state.Waiting}
	for _, a := range state.Accounts {
		c.accounts.Put(a)
		c.presence.Restore(a.Name, a.LastSeen, state.Now)
	}
	for _, b := range state.Blocks {
		c.blocks.Put(b)
	}
	if changed := c.guard.Load(state.LoginBlocks, state.Now); len(changed) > 0 {
		c.keeper.KeepLoginBlocks(changed)
	}
	return c
}

// spelling returns a user's name as it is written: of an account or of somebody
// who is there.
func (c *Core) spelling(name string) (string, bool) {
	if a, err := c.accounts.Lookup(name); err == nil {
		return a.Name, true
	}
	if s := c.find(name); s != nil {
		return s.name, true
	}
	return "", false
}

// find returns the session of a user who is there, nil if there is none.
func (c *Core) find(name string) *session {
	id, ok := c.online.Lookup(name)
	if !ok {
		return nil
	}
	return c.sessions[eventloop.ConnID(id)]
}

// Opened adds a connection.
func (c *Core) Opened(id eventloop.ConnID, remote netip.AddrPort, now time.Time) {
	c.sessions[id] = &session{id: id, remote: remote}
	if c.cfg.LoginTimeout > 0 {
		c.waiting = append(c.waiting, waiting{id, now.Add(c.cfg.LoginTimeout)})
	}
}

// Ended notes that the peer of a connection has ended its side. It is answered what
// it has asked, then the connection is closed. A name is free as soon as nothing
// more is to come.
func (c *Core) Ended(id eventloop.ConnID) {
	if s := c.sessions[id]; s != nil {
		s.ended = true
		c.endIfQuiet(s)
	}
}

// User returns whose connection that is, "" before the login.
func (c *Core) User(id eventloop.ConnID) string {
	if s := c.sessions[id]; s != nil {
		return s.name
	}
	return ""
}

// Closed forgets a connection. A name is free at once, however its user left.
func (c *Core) Closed(id eventloop.ConnID, now time.Time) {
	s := c.sessions[id]
	if s == nil {
		return
	}
	c.leave(s, users.LostConnection, now)
	delete(c.sessions, id)
}

// leave ends the login of a session and tells the others.
func (c *Core) leave(s *session, why users.Change, now time.Time) {
	if s.name == "" {
		return
	}
	name := s.name
	s.name = ""
	c.online.Release(name)
	c.blocks.Leave(name, uint64(s.id))
	c.names = nil
	c.idle.Remove(&s.seat)
	c.silent.Remove(&s.pulse)
	if s.extended {
		c.extended--
	} else {
		c.plain--
	}
	c.announce(c.presence.Leave(name, why, now), now)
	if s.account {
		if _, err := c.accounts.SetLastSeen(name, now); err == nil {
			c.keeper.TouchLastSeen(name, now)
		}
	} else {
		c.blocks.ForgetBlocker(name)
	}
	c.leavePrivate(name, now)
}

// Malformed answers to input that is no request. What is no JSON before the login
// ends the connection: it is another protocol, and nothing of it may be executed.
// Any page in a browser can have HTTP sent here with requests in it.
func (c *Core) Malformed(id eventloop.ConnID, err *protocol.Error, now time.Time) {
	s := c.sessions[id]
	if s == nil || s.leaving {
		return
	}
	if s.name == "" && err.Code == protocol.BadJSON {
		// As it can be read by a person: with braces, which AppendPlain escapes.
		c.fx.Send(id, protocol.AppendExtended(nil, protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindError, Content: notJSON}))
		c.close(s, users.LostConnection, now)
		return
	}
	if s.strikes++; s.strikes >= protocol.MaxStrikes {
		err = protocol.Errorf(err.Code, "%s Good bye: that was malformed %d times in a row.", err.Text, s.strikes)
	}
	c.refuse(s, protocol.Request{}, err, now)
	if s.strikes >= protocol.MaxStrikes {
		c.close(s, users.LostConnection, now)
	}
}

const notJSON = `Good bye: that is not JSON, and requests here are. The first one is {"request":"login","content":"YOURNAME"}; or use a program for it, such as: parley chat`

// Failed ends a connection because of a fault of the server's own.
func (c *Core) Failed(id eventloop.ConnID, now time.Time) {
	s := c.sessions[id]
	if s == nil || s.leaving {
		return
	}
	c.refuse(s, protocol.Request{}, protocol.Errorf(protocol.Internal, "The server failed to answer that. Please connect again."), now)
	c.close(s, users.LostConnection, now)
}

// sweepInterval is how often the guard forgets what is over.
const sweepInterval = time.Minute

// Tick does what is due. It returns when it is to be called again; zero if there
// is nothing to wait for.
func (c *Core) Tick(now time.Time) (next time.Time) {
	soonest := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	if until := c.endWaiting(now); !until.IsZero() {
		soonest(until)
	}
	c.announce(c.presence.Due(now), now)
	if at, ok := c.presence.NextDue(); ok {
		soonest(at)
	}
	if now.Sub(c.scanned) >= idleInterval { // it looks at everybody, and Tick is called for every connection
		c.scanned = now
		c.scanIdle(now)
		c.dropSilent(now)
	}
	c.lapse(now)
	if at, ok := c.invitations.NextLapse(); ok {
		soonest(at)
	}
	c.passCredit(now)
	if at, ok := c.relays.NextDue(); ok {
		soonest(at)
	}
	if c.idle.Len() > 0 {
		soonest(c.scanned.Add(idleInterval))
	}
	if now.Sub(c.swept) >= sweepInterval {
		c.swept = now
		if over := c.guard.Sweep(now); len(over) > 0 {
			c.keeper.KeepLoginBlocks(over)
		}
	}
	if c.guard.Len() > 0 {
		soonest(c.swept.Add(sweepInterval))
	}
	return next
}

// endWaiting ends connections that have waited too long with their login. It
// returns when the next one has.
func (c *Core) endWaiting(now time.Time) time.Time {
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
			c.close(s, users.LoggedOut, now)
		}
	}
	c.waiting = nil
	return time.Time{}
}

// Stop tells everybody that the server ends, and closes all connections. That
// they all leave is not told as well.
func (c *Core) Stop(now time.Time) {
	r := c.info("The server is shutting down. Good bye.", protocol.EventShuttingDown, now)
	for _, s := range c.sessions {
		if s.leaving {
			continue
		}
		c.reply(s, r)
		s.leaving = true
		c.fx.Close(s.id)
		if s.account {
			c.keeper.TouchLastSeen(s.name, now)
		}
	}
}

// close ends a connection when everything is out.
func (c *Core) close(s *session, why users.Change, now time.Time) {
	s.leaving = true
	c.fx.Close(s.id)
	c.leave(s, why, now)
}
