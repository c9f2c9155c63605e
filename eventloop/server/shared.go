package server

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
	"parley/users/tail"
)

// Several nodes may share one log. Then what is proposed is not decided at once, but when it
// has come back; all nodes are told all of it, and each tells its own sessions.

// A Shared is how a server takes part in a log that it shares with others.
type Shared struct {
	Node   string // its name among them
	Stream log.Stream
	Nodes  Nodes      // the others
	ID     string     // of the stream: another one has another
	Last   uint64     // position of its newest message when it was opened; 0: it is not known
	Mark   state.Mark // up to which what is kept is there already
	Kinds  log.Kinds

	Skipped []uint64 // positions of messages that are not carried out, as log.ReplicatedConfig has them
	// From is what the node knew when it ended, with which it goes on; nil: it reads the stream
	// from its first message.
	From *log.Snapshot

	// Keep keeps what the node knows now, which it may write elsewhere, and then calls done on
	// the loop that owns the core. nil: nothing is kept of that.
	Keep  func(s *log.Snapshot, done func(error))
	Every time.Duration // how often that is; 0: as it is good
}

// ResumeShared returns a start from what a node has kept of a log that it shares: the state
// begins empty, or with a snapshot that fits, and is what the stream says. With state.ErrSnapshot
// it cannot begin with that snapshot.
func ResumeShared(ctx context.Context, name string, from Source, with Shared) (Start, error) {
	known := state.New(state.Kept{}, time.Unix(0, 0))
	if with.From != nil {
		var err error
		if known, err = with.From.State.Restore(); err != nil {
			return Start{}, err
		}
	}
	kept, err := from.Load(ctx)
	if err != nil {
		return Start{}, err
	}
	newest, err := tail.Load(ctx, from, tail.Limit)
	if err != nil {
		return Start{}, err
	}
	with.Mark = kept.Mark
	return Start{Log: name, State: known, Tail: newest, Shared: &with}, nil
}

// newLog returns the log of a core.
func newLog(c *Core, start Start) log.Log {
	cfg := log.Config{Name: start.Log, State: c.state, Keeper: start.Keeper, Clock: c.cfg.Clock, Owner: (*owner)(c)}
	if start.Shared == nil {
		return log.NewLocal(cfg)
	}
	with := start.Shared
	c.nodes = with.Nodes
	c.shared = log.NewReplicated(log.ReplicatedConfig{Config: cfg, Owner: (*owner)(c), Node: with.Node, Stream: with.Stream, ID: with.ID, Mark: with.Mark, Last: with.Last, From: with.From, Kinds: with.Kinds, Skipped: with.Skipped, Chance: c.cfg.Token})
	c.snapshots = snapshots{keep: with.Keep, every: cmp.Or(with.Every, SnapshotEvery), since: c.cfg.Clock(), at: c.shared.Position()}
	return c.shared
}

// Arrived has a message carried out that the stream has sent. It is for the loop that owns the
// core: see Post.
func (s *Server) Arrived(m log.Message) { s.core.shared.Arrived(m) }

// A Membership is how a server takes part in a log that it shares with others.
type Membership struct {
	log.Standing
	Sessions int          // that are logged in here
	Ending   bool         // it has been told to end
	Nodes    []state.Node // that there are, as the log has them up to the position
}

// Membership returns that of this server. It is for the loop that owns the core.
func (s *Server) Membership() Membership {
	c := s.core
	return Membership{Standing: c.shared.Standing(), Sessions: c.extended + c.plainSessions(), Ending: c.drain.stopping, Nodes: c.state.Nodes()}
}

// Look has the core do what is due. It is for the loop that owns the core, where no connection
// has come yet that would have it look.
func (s *Server) Look() { s.tick(s.cfg.Clock()) }

// Digest returns that of the state, and how far it is in the log that nodes share. It is for
// the loop that owns the core.
func (s *Server) Digest() (sum [32]byte, position uint64) {
	return s.core.state.Digest(), s.core.shared.Position()
}

// Passed reports whether this is the first node that lives, and up to which message of the stream
// all have come that live. It is for the loop that owns the core.
func (s *Server) Passed() (first bool, position uint64) {
	c := s.core
	return c.node != 0 && c.first(), c.state.Passed()
}

// first reports whether this is the node that proposes what is due for all; it is where there
// is one only.
func (c *Core) first() bool { return c.state.First() == c.node }

// failing returns why nothing can be decided now that is to be kept; nil: it can.
func (c *Core) failing() error {
	err := c.log.Failing()
	if err == nil || errors.Is(err, log.ErrReading) || errors.Is(err, log.ErrStanding) {
		return err
	}
	return log.ErrFailing
}

// hasName reports whether somebody is logged in under a name. Who has just left here is not,
// though that may be on its way through the log: a login comes behind it.
func (c *Core) hasName(name string) bool {
	if c.shared == nil {
		_, there := c.state.Online(name)
		return there
	}
	return slices.ContainsFunc(c.state.Sessions(name), func(l users.Login) bool {
		if l.Session.Node != c.node {
			return true
		}
		s := c.of(l.Session)
		return s != nil && s.name != ""
	})
}

// awaited has a session wait for a command that is decided later, and returns what is to be
// called then: what it asks meanwhile waits, since it may be about what has not happened yet.
func (c *Core) awaited(s *session, told func(state.Result)) func(state.Result) {
	s.pending++
	s.busy, s.undecided = true, true
	return func(r state.Result) {
		defer c.cameBack(s)
		if c.sessions.has(s) {
			s.busy, s.undecided = false, false
		}
		told(r)
		if c.sessions.has(s) && !s.leaving {
			c.resume(s, c.cfg.Clock())
		}
	}
}

// proposeFor has a command decided for a session.
func (c *Core) proposeFor(s *session, now time.Time, cmd command.Command, told func(state.Result)) error {
	if c.shared == nil {
		return c.log.Propose(now, cmd, told)
	}
	err := c.log.Propose(now, cmd, c.awaited(s, told))
	if err != nil {
		s.pending--
		s.busy, s.undecided = false, false
	}
	return err
}

// insistFor is proposeFor of what cannot be refused.
func (c *Core) insistFor(s *session, now time.Time, cmd command.Command, told func(state.Result)) {
	if c.shared != nil {
		told = c.awaited(s, told)
	}
	c.log.Insist(now, cmd, told)
}

// leaveFor ends a login that has come about when its connection was gone.
func (c *Core) leaveFor(e *command.Enter) {
	by := command.By{Name: users.Fold(e.Name), Session: e.Session}
	c.log.Insist(c.cfg.Clock(), &command.Leave{By: by, Why: users.LostConnection}, nil)
}

// Begun implements log.ReplicatedOwner.
func (o *owner) Begun(node uint32) {
	o.node = node
	o.names = nil
	(*Core)(o).noteHooks() // nothing was told of what was kept before the process began
	o.nodes.Listen(node)
}

// Lost implements log.ReplicatedOwner: all who are logged in are sent away, and come back here
// or elsewhere.
func (o *owner) Lost() {
	c := (*Core)(o)
	now := c.cfg.Clock()
	defer c.freely()()
	c.names, c.early = nil, nil
	c.sendOrNot()
	c.sessions.all(func(s *session) {
		if s.name == "" || s.leaving {
			return
		}
		r := c.info("Good bye: this part of the server was cut off from the others. Connect again.", protocol.EventShuttingDown, now)
		c.reply(s, r)
		c.dropped(s, DropEnded)
		s.leaving = true
		c.fx.Close(s.id)
		c.left(s, now)
	})
}

// tellStanding tells those who are here when the log stands still, and when it goes on.
func (c *Core) tellStanding(now time.Time) {
	stands := errors.Is(c.log.Failing(), log.ErrStanding)
	if stands == c.stands {
		return
	}
	c.stands = stands
	text, event := "This part of the server reaches the others again: it goes on.", protocol.EventStandingOver
	if stands {
		text, event = "This part of the server does not reach the others now. You stay connected; what you say is refused until it goes on.", protocol.EventStanding
		c.cfg.Log.Warn("the log stands still: what is proposed does not come back")
	} else {
		c.cfg.Log.Info("the log goes on")
	}
	defer c.freely()()
	c.sessions.all(func(s *session) {
		if s.name != "" && !s.leaving {
			c.reply(s, c.info(text, event, now))
		}
	})
}

// settle has it said that the server has ended, once all is safe that was decided, nothing is sent
// to other programs, and the other nodes know that this one is gone.
func (c *Core) settle() {
	settled := func() { close(c.drain.settled) }
	c.endSending(func() {
		if c.shared == nil {
			c.held.call(settled)
			return
		}
		c.shared.Retire(func() { c.held.call(func() { c.endSnapshots(settled) }) })
	})
}
