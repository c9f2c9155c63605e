package server

import (
	"context"
	"errors"
	"maps"

	"parley/eventloop"
	"parley/protocol"
	"parley/users/log"
)

// A Drop is why the server has ended a connection whose client did not want that.
type Drop uint8

// The drops.
const (
	DropSlow         Drop = iota // it did not read enough of what it was sent
	DropStalled                  // it has read nothing for too long
	DropMemory                   // it did not read, and all who do not had too much waiting
	DropRekeying                 // it has sent records of TLS without data again and again, as for new keys
	DropLoginTimeout             // it did not log in
	DropLoginSize                // it has sent too much before it had logged in
	DropIdle                     // its user did nothing for too long
	DropSilent                   // its client has pinged and does so no more
	DropNoJSON                   // it has sent what is no JSON before it had logged in
	DropMalformed                // it has sent malformed frames again and again
	DropBanned                   // it has come from an address that is banned
	DropEnded                    // its session was ended: by who keeps order, the owner or another session
	DropFlood                    // its user has sent too many requests again and again
	DropFault                    // the server could not answer it
	drops
)

// dropNames are what a Drop is called where it is counted.
var dropNames = [drops]string{DropSlow: "slow", DropStalled: "stalled", DropMemory: "memory", DropRekeying: "rekeying", DropLoginTimeout: "login_timeout", DropLoginSize: "login_size", DropIdle: "idle", DropSilent: "silent",
	DropNoJSON: "no_json", DropMalformed: "malformed", DropBanned: "banned", DropEnded: "ended", DropFlood: "flood", DropFault: "fault"}

func (d Drop) String() string { return dropNames[d] }

// Counts are what a server has done since it began, and what it has to do with now.
type Counts struct {
	LoggedOut, Plain, Extended int                      // connections without a session, and with one of either kind
	Opened                     uint64                   // connections
	Dropped                    map[Drop]uint64          // of them; every Drop is there
	Guests, Accounts           uint64                   // logins
	LoginsRefused              map[protocol.Code]uint64 // why they were
	Messages, Directs          uint64                   // that were said
	Panics                     uint64                   // that were survived
	Delayed, Flooded           uint64                   // requests that had to wait, or were refused, because their user sent too many, or all together did
	Abandoned                  uint64                   // requests that were not carried out, since who had sent them was gone, and too many were
	Deliveries                 uint64                   // of messages and changes of them to those who hear the room, and of direct messages to sessions
	Private                    PrivateCounts
	Nodes                      NodeCounts

	Uncommitted uint64 // commands that were carried out and are not safe yet
	Held        int    // bytes of frames that wait for that
	Failing     error  // why what was decided cannot be kept now; nil if it can

	Shared *log.Standing // in the log that the server shares with others; nil: it shares none

	LoginTimers, IdleTimers, SilenceTimers, PaceTimers int // connections on which something is to happen when a time has passed

	Loops map[int]eventloop.LoopCounts // of those that have had connections
}

// counts are the Counts that are added to where something happens. The core's owner has them.
type counts struct {
	opened            uint64
	dropped           [drops]uint64
	guests, accounts  uint64
	loginsRefused     map[protocol.Code]uint64
	messages, directs uint64
	delayed, flooded  uint64
	abandoned         uint64
	panics            uint64
	deliveries        uint64 // without those of the shards
	nodes             NodeCounts
}

// loginRefused counts a login that was refused.
func (n *counts) loginRefused(why protocol.Code) {
	if n.loginsRefused == nil {
		n.loginsRefused = make(map[protocol.Code]uint64)
	}
	n.loginsRefused[why]++
}

// plainSessions returns how many there are.
func (c *Core) plainSessions() (n int) {
	for _, inRoom := range c.plain {
		n += inRoom
	}
	return n
}

// storageOnly returns why a log decides nothing, but nil if that is not because of what keeps it.
func storageOnly(why error) error {
	if errors.Is(why, log.ErrReading) || errors.Is(why, log.ErrStanding) {
		return nil
	}
	return why
}

// Counts returns the core's part of them.
func (c *Core) Counts() Counts {
	all := Counts{Extended: c.extended, Opened: c.counts.opened, Dropped: make(map[Drop]uint64, drops), Guests: c.counts.guests, Accounts: c.counts.accounts,
		LoginsRefused: maps.Clone(c.counts.loginsRefused), Messages: c.counts.messages, Directs: c.counts.directs, Deliveries: c.counts.deliveries,
		Panics: c.counts.panics, Delayed: c.counts.delayed, Flooded: c.counts.flooded, Abandoned: c.counts.abandoned, Private: c.PrivateCounts(), Nodes: c.counts.nodes, Uncommitted: uint64(c.log.Applied() - c.log.Committed()), Held: c.held.bytes(), Failing: storageOnly(c.log.Failing()),
		LoginTimers: len(c.waiting), IdleTimers: c.idle.Len(), SilenceTimers: c.silent.Len(), Loops: make(map[int]eventloop.LoopCounts)}
	if c.shared != nil {
		standing := c.shared.Standing()
		all.Shared = &standing
	}
	all.Plain = c.plainSessions()
	all.LoggedOut = c.sessions.n - all.Plain - all.Extended
	for why, n := range c.counts.dropped {
		all.Dropped[Drop(why)] = n
	}
	return all
}

// Counts returns what the server has counted. Each loop is asked for its own: when one does
// not answer before ctx ends, there is an error. It may be called from any goroutine but
// the loops'.
func (s *Server) Counts(ctx context.Context) (Counts, error) {
	all, err := ask(ctx, s.Post, s.core.Counts)
	if err != nil {
		return Counts{}, err
	}
	for i := range s.cfg.Loops {
		sh := s.shards[i].Load()
		if sh == nil {
			continue
		}
		own, err := ask(ctx, sh.loop.Post, sh.counts)
		if err != nil {
			return Counts{}, err
		}
		all.add(i, own)
	}
	return all, nil
}

// add adds the part of the shard of a loop.
func (all *Counts) add(loop int, own shardCounts) {
	all.Deliveries += own.delivered
	all.PaceTimers += own.paced
	all.Loops[loop] = own.loop
}

// shardCounts is a shard's part of the Counts.
type shardCounts struct {
	delivered uint64
	paced     int
	loop      eventloop.LoopCounts
}

func (sh *shard) counts() shardCounts {
	return shardCounts{sh.delivered, len(sh.pacer.queues), sh.loop.Counts()}
}

// PostTo has f run on a loop. It returns false, and does nothing, if that has had no
// connection yet. It may be called from any goroutine.
func (s *Server) PostTo(loop int, f func()) bool {
	sh := s.shards[loop].Load()
	if sh == nil {
		return false
	}
	sh.loop.Post(f)
	return true
}
