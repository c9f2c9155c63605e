package server

import (
	"errors"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
)

// A Config is what a server's owner may decide.
type Config struct {
	Loops        int                  // event loops that the server runs on
	MaxResume    int                  // numbers by which a client may be behind that is told all it has missed; 0: DefaultMaxResume
	Sessions     int                  // that an account may have at once; 0: DefaultSessions
	GuestGrace   time.Duration        // for which the token of a guest is good after the session; 0: DefaultGuestGrace
	KeepDays     int                  // for so long what is said is kept; 0: for ever
	KeepMessages int                  // so many messages are kept of each room, the newest; 0: all
	EditFor      time.Duration        // for which one may edit what one has said; 0: DefaultEditFor; less: always
	Pace         time.Duration        // pause between two responses to a plain session
	PlainHistory protocol.HistoryForm // how the history is told to plain sessions
	History      int                  // messages at login, at most
	MaxText      int                  // bytes of the text of a message that somebody sends; 0: protocol.MaxText, which is the most
	MaxFrame     int                  // bytes of a request; 0: protocol.MaxFrame, which is the most
	LoginSize    int                  // bytes that a connection may send before it has logged in; 0: any number
	Malformed    int                  // requests in a row that are, after which a connection is closed; 0: protocol.MaxStrikes
	Deferred     int                  // requests of a session that may wait; 0: protocol.MaxDeferred
	LoginTimeout time.Duration        // for a connection to log in; 0: for ever
	Flood        FloodLimits          // of each user's requests
	Timeout      time.Duration        // without a valid request until a user is logged out; 0: never
	Drain        time.Duration        // that the loops give the connections to be gone when the server ends; 0: all are closed at once
	Patience     time.Duration        // for which a node keeps those who are here while the log stands still that it shares; 0: for ever
	RelayRate    int                  // bytes per second of each session that are relayed to peers; 0: there is no relay
	Addresses    AddressLimits        // of what comes from one address

	Lookalikes         users.LookalikeRule // what becomes of names that can be taken for others
	Reserved           []string            // names that nobody may have, beside those of users.Reserved
	AccountsRequired   bool                // nobody gets in without an account
	RegistrationClosed bool                // only the owner makes accounts
	Logins             users.LockoutLimits // when logins are blocked
	PlainPresence      bool                // plain sessions are told who comes and goes
	PresenceLimit      int                 // users above which nobody is: it costs the square of their number
	PasswordsNeedTLS   bool                // those from other hosts

	Forward Forwarder // sends what is said in rooms to other programs; nil: nobody does

	Clock func() time.Time // for what comes back to the core
	Token func() string    // a fresh secret for two who are introduced: protocol.TokenSize random bytes in hexadecimal
	Log   *slog.Logger
	Fatal func(error) // ends the process: what the server knows cannot be trusted any more; nil: it panics
}

// A Server runs a Core and its shards on event loops. It is an
// eventloop.Handler.
type Server struct {
	cfg  Config
	core *Core // owned by loop 0
	door *door
	back atomic.Pointer[time.Time] // when new ones are to come again, once the server ends

	maxText, maxFrame atomic.Int32 // bytes: see Config

	// shards[i] is owned by loop i, which stores it when it starts; it never
	// changes afterwards.
	shards [eventloop.MaxLoops]atomic.Pointer[shard]

	// A loop is not there before something happens on it. What is posted before that
	// comes from other goroutines and is run by them, one at a time.
	mu sync.Mutex
}

// New returns a server that goes on from a state.
func New(cfg Config, start Start, hasher Hasher) *Server {
	s := &Server{cfg: cfg, door: newDoor(cfg.Addresses, cfg.Clock())}
	s.core = NewCore(cfg, start, hasher, s)
	s.limitSizes(cfg)
	s.core.Begin(cfg.Clock())
	s.core.Flush(cfg.Clock())
	if names := s.core.reserved.Of(start.State.AccountList()); len(names) > 0 {
		cfg.Log.Warn("accounts have reserved names: nobody can log in with them, and parley user delete removes them", "names", names)
	}
	return s
}

// Post has f run on the loop that owns the core or, before there is one, at once. It may
// be called from any goroutine; a Keeper, a Reader and a Hasher come back with it.
func (s *Server) Post(f func()) {
	sh := s.shards[0].Load()
	if sh == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if sh = s.shards[0].Load(); sh == nil {
			s.survive(f)
			s.core.Flush(s.cfg.Clock())
			return
		}
	}
	sh.loop.Post(func() { s.survive(f) })
}

// survive runs what was posted. The core looks to it that a panic in the answer to a
// request ends the connection that had asked; what belongs to none ends nothing.
func (s *Server) survive(f func()) {
	defer func() {
		if p := recover(); p != nil {
			s.core.survive(p, "something that was posted failed")
		}
	}()
	f()
}

// PrivateCounts returns what is known of private sessions now. It is for the loop
// that owns the core: see Post.
func (s *Server) PrivateCounts() PrivateCounts { return s.core.PrivateCounts() }

// onCore runs f on the loop that owns the core. from is the present loop.
func (s *Server) onCore(from *eventloop.Loop, f func(now time.Time)) {
	if from.Index() == 0 {
		f(from.Now())
		return
	}
	core := s.shards[0].Load().loop
	core.Post(func() { f(core.Now()) })
}

// onShard runs f on the loop that owns a connection. It is called on loop 0.
func (s *Server) onShard(id eventloop.ConnID, f func(*shard)) { s.onLoop(id.Loop(), id, f) }

// onLoop runs f on a loop, for a connection; of nobody for none. It is called on loop 0.
func (s *Server) onLoop(index int, id eventloop.ConnID, f func(*shard)) {
	sh := s.shards[index].Load()
	if index == 0 {
		sh.run(id, f)
		return
	}
	sh.loop.Post(func() { sh.run(id, f) })
}

// failed goes on after a panic on the loop of a shard: a connection is closed there, and the core
// is told a turn later, since it may be in the middle of something. It is called while the stack
// is still that of the panic.
func (s *Server) failed(sh *shard, id eventloop.ConnID, p any) {
	why := &fault{p, debug.Stack()}
	sh.abandon(id)
	core := s.shards[0].Load().loop
	core.Post(func() {
		if id == nobody {
			s.survive(func() { panic(why) })
			return
		}
		s.guarded(id, core.Now(), func() { panic(why) })
	})
}

// Started implements eventloop.Handler.
func (s *Server) Started(l *eventloop.Loop) {
	if l.Index() != 0 {
		s.shards[l.Index()].Store(newShard(l, s.cfg, s.out, s.failed))
		return
	}
	s.mu.Lock()
	s.shards[0].Store(newShard(l, s.cfg, s.out, s.failed))
	s.mu.Unlock()
	l.AtTurnEnd(func() { s.core.Flush(l.Now()) })
}

// Opened implements eventloop.Handler.
func (s *Server) Opened(c *eventloop.Conn) {
	if s.tracing() {
		s.cfg.Log.Debug("opened", "conn", c.ID(), "remote", remoteName(c.Remote()))
	}
	c.State = &link{conn: c, scanner: *protocol.NewScanner(int(s.maxFrame.Load()))}
	id, remote, tls := c.ID(), c.Remote(), c.TLS()
	s.onCore(c.Loop(), func(now time.Time) {
		s.guarded(id, now, func() { s.core.Opened(id, remote, tls, now) })
		s.tick(now)
	})
}

// remoteName names the peer of a connection in the log.
func remoteName(a netip.AddrPort) string {
	if !a.IsValid() {
		return "unix"
	}
	return a.String()
}

// guarded runs what concerns one connection. A panic costs that connection.
func (s *Server) guarded(id eventloop.ConnID, now time.Time, f func()) {
	defer func() {
		if p := recover(); p != nil {
			s.core.survive(p, "what a connection has brought about failed", "conn", id)
			s.core.Failed(id, now)
		}
	}()
	f()
}

// tick has the core look at who has waited too long. A panic that is nobody's costs nothing but
// what was due; it is looked again a little later.
func (s *Server) tick(now time.Time) {
	defer func() {
		if p := recover(); p != nil {
			s.core.survive(p, "what was due failed")
			s.WakeAt(now.Add(idleInterval))
		}
	}()
	if next := s.core.Tick(now); !next.IsZero() {
		s.WakeAt(next)
	}
}

// Received implements eventloop.Handler: it decodes on the connection's own loop
// and hands the core all requests of one read at once.
func (s *Server) Received(c *eventloop.Conn, b []byte) {
	sh, k, id := s.shards[c.Loop().Index()].Load(), c.State.(*link), c.ID()
	k.scanner.Limit(int(s.maxFrame.Load()))
	defer func() {
		if p := recover(); p != nil {
			sh.parser = protocol.Parser{Slim: true} // nobody knows how far it was
			why := &fault{p, debug.Stack()}
			s.onCore(c.Loop(), func(now time.Time) { s.guarded(id, now, func() { panic(why) }) })
		}
	}()
	sh.waitsToGoOut(k) // what has gone out was so before this came
	if c.Loop().Index() == 0 {
		sh.decode(k, b, func(e input) { s.handle(id, e, c.Loop().Now()) })
		return
	}
	var inputs []input
	sh.decode(k, b, func(e input) { inputs = append(inputs, e) })
	if len(inputs) > 0 {
		s.onCore(c.Loop(), func(now time.Time) {
			s.guarded(id, now, func() {
				for _, e := range inputs {
					s.handle(id, e, now)
				}
			})
		})
	}
}

// handle gives one input to the core.
func (s *Server) handle(id eventloop.ConnID, e input, now time.Time) {
	if e.err != nil {
		s.cfg.Log.Debug("malformed", "conn", id, "code", e.err.Code)
		s.core.Malformed(id, e.err, now)
		return
	}
	if s.tracing() {
		s.traceIn(id, e.request)
	}
	s.core.Request(id, e.request, now)
}

// Ended implements eventloop.Handler.
func (s *Server) Ended(c *eventloop.Conn) {
	k := c.State.(*link)
	k.ended = true
	id := c.ID()
	s.shards[c.Loop().Index()].Load().run(id, func(sh *shard) { sh.waitsToGoOut(k) }) // what has gone out was so before this
	s.onCore(c.Loop(), func(now time.Time) {
		s.guarded(id, now, func() { s.core.Ended(id) })
		s.tick(now)
	})
}

// Closed implements eventloop.Handler.
func (s *Server) Closed(c *eventloop.Conn, err error) {
	if s.tracing() {
		s.cfg.Log.Debug("closed", "conn", c.ID(), "reason", err)
	}
	id, remote := c.ID(), c.Remote()
	s.shards[c.Loop().Index()].Load().run(nobody, func(sh *shard) { sh.remove(c.State.(*link)) })
	s.door.leave(remote.Addr())
	s.onCore(c.Loop(), func(now time.Time) {
		s.guarded(id, now, func() {
			if drop, is := drop(err); is {
				s.core.counts.dropped[drop]++
				s.cfg.Log.Warn("a connection was dropped", "conn", id, "user", s.core.User(id), "remote", remoteName(remote), "reason", err.Error())
			}
			s.core.Closed(id, now)
		})
		s.tick(now)
	})
}

// drop returns whether a connection that was closed because of an error was dropped, and why.
func drop(err error) (Drop, bool) {
	switch {
	case errors.Is(err, eventloop.ErrSlow):
		return DropSlow, true
	case errors.Is(err, eventloop.ErrStalled):
		return DropStalled, true
	case errors.Is(err, eventloop.ErrFull):
		return DropMemory, true
	case errors.Is(err, eventloop.ErrRekeying):
		return DropRekeying, true
	}
	return 0, false
}

// Woke implements eventloop.Handler.
func (s *Server) Woke(l *eventloop.Loop) {
	s.shards[l.Index()].Load().woke()
	if l.Index() == 0 {
		s.tick(l.Now())
	}
}

// Stopping implements eventloop.Handler.
func (s *Server) Stopping(l *eventloop.Loop) {
	s.shards[l.Index()].Load().pacer.stop()
	if l.Index() == 0 {
		counts := s.core.PrivateCounts()
		s.cfg.Log.Debug("private sessions", "invitations", counts.Invitations, "relays", counts.Relays.Open, "ended", counts.Relays.Ended,
			"abused", counts.Relays.Abused, "frames", counts.Relays.Frames, "units", counts.Relays.Units)
		s.survive(func() {
			back := s.core.Stop(l.Now())
			s.back.Store(&back)
			s.cfg.Log.Info("draining", "sessions", s.core.drain.told, "return_within", back.Sub(l.Now()).Round(time.Millisecond))
		})
		s.tick(l.Now())
	}
}

// Settled returns a channel that is closed when the server has said its last words and all
// that was decided is safe.
func (s *Server) Settled() <-chan struct{} { return s.core.drain.settled }

// Alive has f called once when all loops have turned, from one of them. It may be called
// from any goroutine; f is not to wait for anything.
func (s *Server) Alive(f func()) {
	s.Post(func() {
		var others []*shard
		for i := 1; i < s.cfg.Loops; i++ {
			if sh := s.shards[i].Load(); sh != nil { // else nothing has happened on that loop
				others = append(others, sh)
			}
		}
		left := new(atomic.Int32)
		left.Store(int32(len(others)))
		if len(others) == 0 {
			f()
		}
		for _, sh := range others {
			sh.loop.Post(func() {
				if left.Add(-1) == 0 {
					f()
				}
			})
		}
	})
}
