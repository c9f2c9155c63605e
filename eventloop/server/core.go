package server

import (
	"fmt"
	"net/netip"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
	"parley/users/tail"
)

// A Core is the chat server without its sockets: sessions, timers and what they are
// told. What all of them share is the State, which only commands change, through the Log.
// One goroutine owns a Core; what it has asked others to do comes back to it on that
// goroutine.
type Core struct {
	cfg      Config
	fx       *metered
	held     *held
	log      log.Log
	shared   *log.Replicated // that one, if other nodes share it; or nil
	state    *state.State
	tail     *tail.Tail
	safe     uint64       // up to this number all is kept
	renamed  log.Position // of the newest command that has made a person another
	volatile bool         // nothing is kept: messages that are not in the tail any more are gone
	reader   Reader
	changed  func(tail.Entry) // Start.Changed
	acted    func(*state.Act) // likewise Start.Acted
	erased   func(*state.Erased)
	hasher   Hasher
	verbs    *protocol.Verbs
	requests map[string]request
	lots     string          // the secret for users.Lockouts.Draw; "" until it is needed
	help     map[bool]string // for extended sessions and others

	node     uint32 // what the state calls this node; 0 where there is one
	sessions sessions
	began    time.Time      // what the sessions' small times are counted from
	acting   *session       // whose request, or the answer to it, is being carried out; or nil
	changing tail.Entry     // the message about which a command is being proposed; or none
	waiting  []waiting      // for a login, the longest first
	plain    map[string]int // plain sessions that hear a room; none of 0
	extended int            // extended sessions

	flood         flood
	guests        addressCount // that are logged in, by their addresses
	registrations addressQuota

	reserved      users.Reserved
	reservedLooks *users.Lookalikes // of them
	idle          *users.Idle       // who does nothing
	silent        *users.Idle       // who has pinged and sends nothing any more
	relays        *users.Relays
	secrets       string               // of what two who have agreed are told is made; "": of nothing yet
	nodes         Nodes                // the others
	crossings     map[uint64]*crossing // by the numbers of the private sessions
	checks        []check              // of those that have sent something
	early         []nodeFrame          // for relays that have not begun here
	forwarded     map[string]bool      // rooms from which what is said goes to other programs
	sends         bool                 // this node sends it there
	catching      catching
	retiring      retirement
	snapshots     snapshots
	counts        counts

	lapsing int           // commands that are proposed because of time, and not decided
	scanned time.Time     // it was looked who does nothing
	stands  bool          // those who are here were told that the log stands still
	due     time.Duration // Tick is to be called then, or before, since the core began; 0: at any time

	moving moving  // who is here while the log stands still
	ahead  []ahead // logins that wait for what their clients have heard elsewhere, the longest first

	broken bool  // a command was carried out by half: nothing goes on
	unseen bool  // the log says that a proxy does not tell of TLS
	drain  drain // how it ends

	names   *protocol.Response // the answer to names, nil when somebody came, went, or is away or back
	history history            // as it was last encoded
	scratch []byte             // the memory of the last frame for one session
}

// waiting is a connection that has not logged in.
type waiting struct {
	id    eventloop.ConnID
	until time.Duration // since the core began
}

// history is the answer to a login in both forms, kept until the next message or
// the next second.
type history struct {
	at       int64 // second of its timestamp; 0: a message has come since
	messages []*state.Message
	extended earlier
	plain    earlier
}

// earlier is a history for one kind of session.
type earlier struct {
	frames [][]byte             // for an extended session; nil: is not encoded yet
	said   []protocol.SaidFrame // for a plain one, likewise
	told   int                  // messages in them
	left   int                  // messages for which there was no place
}

const (
	// DefaultMaxResume is how far a client may be behind that is told all it has missed:
	// what a busy room says in a day. What is more, nobody reads.
	DefaultMaxResume = 100_000

	// DefaultSessions is how many sessions an account may have at once: a few machines and
	// a telephone.
	DefaultSessions = 5

	// DefaultGuestGrace is for how long the token of a guest is good after the session: a
	// change of networks, and a restart of the machine.
	DefaultGuestGrace = 10 * time.Minute

	// DefaultEditFor is for how long one may edit what one has said: to correct it, and not
	// to have said something else.
	DefaultEditFor = 15 * time.Minute
)

// withDefaults returns it with what is used where the owner says nothing.
func (cfg Config) withDefaults() Config {
	if cfg.MaxResume == 0 {
		cfg.MaxResume = DefaultMaxResume
	}
	if cfg.Sessions == 0 {
		cfg.Sessions = DefaultSessions
	}
	if cfg.GuestGrace == 0 {
		cfg.GuestGrace = DefaultGuestGrace
	}
	if cfg.MaxText == 0 {
		cfg.MaxText = protocol.MaxText
	}
	if cfg.MaxFrame == 0 {
		cfg.MaxFrame = protocol.MaxFrame
	}
	if cfg.Malformed == 0 {
		cfg.Malformed = protocol.MaxStrikes
	}
	if cfg.Deferred == 0 {
		cfg.Deferred = protocol.MaxDeferred
	}
	if cfg.EditFor == 0 {
		cfg.EditFor = DefaultEditFor
	}
	return cfg
}

// reserve has nobody take some names, nor what looks like them.
func (c *Core) reserve(names []string) {
	c.cfg.Reserved, c.reserved = names, users.NewReserved(names)
	c.reservedLooks = c.reserved.Lookalikes()
}

// NewCore returns a Core.
func NewCore(cfg Config, start Start, hasher Hasher, fx Effects) *Core {
	cfg = cfg.withDefaults()
	c := &Core{cfg: cfg, verbs: protocol.NewVerbs(), state: start.State, tail: start.Tail, safe: start.State.Last(), volatile: start.Keeper == nil,
		flood: newFlood(cfg.Flood), guests: newAddressCount(cfg.Addresses.Guests), registrations: newAddressQuota(cfg.Addresses.Registrations, maxRecentAddresses),
		drain: drain{settled: make(chan struct{})}, plain: make(map[string]int), began: cfg.Clock(),
		idle: users.NewIdle(cfg.Timeout), silent: users.NewIdle(protocol.DeadAfter)}
	c.reserve(cfg.Reserved)
	c.log = newLog(c, start)
	c.held = &held{Effects: fx, log: c.log, sessions: &c.sessions, contain: c.contain}
	c.fx = &metered{Effects: c.held}
	c.hasher, c.reader, c.changed, c.acted, c.erased = asyncHasher{hasher, c}, start.Reader, start.Changed, start.Acted, start.Erased
	c.relays = users.NewRelays(relayLimits(cfg))
	c.requests = newRequests()
	c.noteHooks()
	c.help = map[bool]string{false: c.verbs.HelpText(false), true: c.verbs.HelpText(true)}
	return c
}

// Begin takes part in the log. It comes before the first connection.
func (c *Core) Begin(now time.Time) {
	c.proposeLimits(now)
	if c.shared != nil {
		c.shared.Start()
	}
	c.sendOrNot()
}

// proposeLimits proposes what holds from now on.
func (c *Core) proposeLimits(now time.Time) {
	c.log.Insist(now, &command.Limits{Accounts: users.MaxAccounts, Lockouts: c.cfg.Logins, GuestGrace: c.cfg.GuestGrace, Sessions: c.cfg.Sessions, EditFor: max(c.cfg.EditFor, 0),
		KeepDays: c.cfg.KeepDays, KeepMessages: c.cfg.KeepMessages, Lookalikes: c.cfg.Lookalikes}, nil)
}

// counted returns what counts as the address of a session, the zero Addr if it does not count.
func (c *Core) counted(s *session) netip.Addr { return c.cfg.Addresses.counted(s.addr) }

// sameName reports whether two names are one user's.
func sameName(a, b string) bool { return users.Fold(a) == users.Fold(b) }

// since returns how long the core has run. It goes on evenly when somebody sets the clock.
func (c *Core) since(now time.Time) time.Duration { return now.Sub(c.began) }

// sessionsOf returns those of a user that are here and not about to end, the one first that
// began first.
func (c *Core) sessionsOf(name string) []*session {
	logins := c.state.Sessions(name)
	all := make([]*session, 0, len(logins))
	for _, l := range logins {
		if s := c.of(l.Session); s != nil && !s.leaving {
			all = append(all, s)
		}
	}
	return all
}

// of returns a session of the state as it is here, nil if it is not.
func (c *Core) of(id command.Session) *session {
	if id.Node != c.node {
		return nil
	}
	return c.sessions.get(eventloop.ConnID(id.Number))
}

// Opened adds a connection; tls is what is known of its TLS. One from an address that is
// banned is told so, and closed.
func (c *Core) Opened(id eventloop.ConnID, remote netip.AddrPort, tls eventloop.TLS, now time.Time) {
	s := &session{id: id, node: c.node, addr: remote.Addr(), port: remote.Port(), tls: tls}
	c.sessions.put(s)
	c.counts.opened++
	if banned, is := c.state.BannedAddr(remote.Addr(), c.log.Time(now)); is {
		defer c.freely()()
		c.refuse(s, protocol.Request{}, c.sanctioned(&banned, now), now)
		c.dropped(s, DropBanned)
		c.close(s, users.LoggedOut, now)
		return
	}
	if c.drain.stopping { // it was on its way to here
		defer c.freely()()
		c.endAt(s, endWords, restartTime, now)
		return
	}
	if c.moving.begun {
		defer c.freely()()
		c.endAt(s, moveWords, restartTime, now)
		return
	}
	if c.cfg.LoginTimeout > 0 {
		c.waiting = append(c.waiting, waiting{id, c.since(now) + c.cfg.LoginTimeout})
	}
}

// Ended notes that the peer of a connection has ended its side. It is answered what
// it has asked, then the connection is closed. A name is free as soon as nothing
// more is to come.
func (c *Core) Ended(id eventloop.ConnID) {
	if s := c.sessions.get(id); s != nil {
		s.ended = true
		c.hurryLeaver(s, c.cfg.Clock())
		c.endIfQuiet(s)
	}
}

// User returns whose connection that is, "" before the login.
func (c *Core) User(id eventloop.ConnID) string {
	if s := c.sessions.get(id); s != nil {
		return s.name
	}
	return ""
}

// Closed forgets a connection. A name is free at once, however its user left.
func (c *Core) Closed(id eventloop.ConnID, now time.Time) {
	s := c.sessions.get(id)
	if s == nil {
		return
	}
	defer c.sessions.remove(s)
	c.hurryOut(s, now)
	c.leave(s, users.LostConnection, now)
	c.forgetCatchUp(s, now)
}

// leave ends the login of a session and tells the others.
func (c *Core) leave(s *session, why users.Change, now time.Time) {
	if s.name == "" {
		return
	}
	c.journalLogout(s, why)
	c.log.Insist(now, &command.Leave{By: s.by(), Why: why}, nil)
	c.left(s, now)
}

// left forgets the login of a session that the state does not have any more.
func (c *Core) left(s *session, now time.Time) {
	if s.name == "" {
		return
	}
	c.endRelays(s, now)
	c.hearNothing(s)
	c.dropAllowance(s, now)
	if !s.account {
		c.guests.remove(c.counted(s))
	}
	s.name = ""
	c.names = nil
	c.idle.Remove(&s.seat)
	c.silent.Remove(&s.pulse)
}

// Malformed answers to input that is no request. What is no JSON before the login
// ends the connection: it is another protocol, and nothing of it may be executed.
// Any page in a browser can have HTTP sent here with requests in it.
func (c *Core) Malformed(id eventloop.ConnID, err *protocol.Error, now time.Time) {
	defer c.freely()()
	s := c.sessions.get(id)
	if s == nil || s.leaving {
		return
	}
	if err == tooMuchBeforeLogin { // what follows is not read any more
		c.refuse(s, protocol.Request{}, err, now)
		c.counts.dropped[DropLoginSize]++
		c.close(s, users.LostConnection, now)
		return
	}
	if s.name == "" && err.Code == protocol.BadJSON {
		// As it can be read by a person: with braces, which AppendPlain escapes.
		c.fx.Send(id, protocol.AppendExtended(nil, protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindError, Content: notJSON}))
		c.dropped(s, DropNoJSON)
		c.close(s, users.LostConnection, now)
		return
	}
	if s.strikes++; int(s.strikes) >= c.cfg.Malformed {
		times := " " + fmt.Sprint(s.strikes) + " times in a row"
		if s.strikes == 1 {
			times = ""
		}
		err = protocol.Errorf(err.Code, "%s Good bye: that was malformed%s.", err.Text, times)
	}
	c.refuse(s, protocol.Request{}, err, now)
	if int(s.strikes) >= c.cfg.Malformed {
		c.dropped(s, DropMalformed)
		c.close(s, users.LostConnection, now)
	}
}

// tooMuchBeforeLogin ends a connection that sends much and has not logged in.
var tooMuchBeforeLogin = protocol.Errorf(protocol.TooLarge, "Good bye: that was too much before the login. Log in first, and wait for the answer before you send much.")

const notJSON = `Good bye: that is not JSON, and requests here are. The first one is {"request":"login","content":"YOURNAME"}; or use a program for it, such as: parley chat`

// Failed ends a connection because of a fault of the server's own.
func (c *Core) Failed(id eventloop.ConnID, now time.Time) {
	defer c.freely()()
	s := c.sessions.get(id)
	if s == nil || s.leaving {
		return
	}
	c.refuse(s, protocol.Request{}, protocol.Errorf(protocol.Internal, "The server failed to answer that. Please connect again."), now)
	c.dropped(s, DropFault)
	c.close(s, users.LostConnection, now)
}

// close ends a connection when everything is out.
func (c *Core) close(s *session, why users.Change, now time.Time) {
	s.leaving = true
	c.fx.Close(s.id)
	c.leave(s, why, now)
}
