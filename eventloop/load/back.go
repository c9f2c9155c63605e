package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"parley/protocol"
)

// In resume a client whom the server disconnects, or tells nothing any more, comes back at the
// next address, is told what it has missed, and asks again for what was not answered. So several
// machines that are one server may end under the load.

const (
	lookEvery  = 250 * time.Millisecond // at a connection that may be dead
	nudgeAfter = 500 * time.Millisecond // of silence its reader looks for its end
	pingAfter  = 2 * time.Second        // of silence the server is asked whether it is there
	deadAfter  = 5 * time.Second        // of silence another address is taken, if there is one

	returnPatience = 60 * time.Second // for some address to let a client in again
)

// returns reports whether clients come back who were disconnected.
func (r *round) returns() bool { return r.Name == "resume" }

// keepListeners has those who do not send come back until the function is called that it
// returns, which waits until all are there.
func (r *round) keepListeners() (stop func()) {
	if !r.returns() {
		return func() {}
	}
	closed := make(chan struct{})
	var keepers sync.WaitGroup
	for _, c := range r.clients[r.Senders:] {
		c.away = make(chan func())
		keepers.Go(func() { c.keep(r.ctx, closed) })
	}
	return func() { close(closed); keepers.Wait() }
}

// keep owns a client until closed is, and is its only owner.
func (c *client) keep(ctx context.Context, closed <-chan struct{}) {
	for {
		select {
		case <-c.left:
			if !c.comeBack(ctx) {
				c.stayAway(ctx, closed)
				return
			}
		case do := <-c.away:
			do()
		case <-c.r.cfg.Clock.After(lookEvery):
			c.look()
		case <-closed:
			if !c.here() {
				c.comeBack(ctx)
			}
			return
		case <-ctx.Done():
			return
		}
	}
}

// stayAway does nothing more for a client that has given up.
func (c *client) stayAway(ctx context.Context, closed <-chan struct{}) {
	for {
		select {
		case do := <-c.away:
			do()
		case <-closed:
			return
		case <-ctx.Done():
			return
		}
	}
}

// goAway has the client's keeper lose the connection, and come back when something was missed.
func (c *client) goAway(ctx context.Context) {
	done := make(chan struct{})
	leave := func() {
		defer close(done)
		if c.here() {
			c.drop()
			c.r.miss()
			_ = c.enter(ctx, c.r.now()) // the error is counted
		}
	}
	select {
	case c.away <- leave:
		<-done
	case <-ctx.Done():
	}
}

// look looks whether a connection is dead on which nothing comes. A server that stands still
// takes connections and closes none.
func (c *client) look() {
	silent := time.Duration(c.r.now() - c.heardAt.Load())
	switch {
	case !c.here():
	case silent >= deadAfter && len(c.r.cfg.Dial) > 1:
		c.r.troubles.add(silentKind, fmt.Sprintf("%s was told nothing for %s", c.name, silent.Round(time.Millisecond)))
		c.drop()
	case silent >= pingAfter:
		_ = c.writeWithin(lookEvery, protocol.AppendRequest(nil, protocol.Request{Verb: "ping"})) // the reader tells why
	case silent >= nudgeAfter:
		c.nudge()
	}
}

// writeWithin writes, and waits no longer than d for a server that does not read. What is
// written in part is worth nothing: the connection has to end then.
func (c *client) writeWithin(d time.Duration, b []byte) error {
	if err := c.conn.SetWriteDeadline(c.r.cfg.Clock.Now().Add(d)); err != nil {
		return err
	}
	if err := c.write(b); err != nil {
		return err
	}
	return c.conn.SetWriteDeadline(time.Time{})
}

// comeBack logs in again, at the next address that lets the client in; false if none does, or
// the run is to end. It returns when the client was told all that it has missed.
func (c *client) comeBack(ctx context.Context) bool {
	r, since := c.r, c.r.now()
	for {
		err := c.tryEnter(ctx, r.now())
		if err == nil {
			w := <-r.workers
			w.record(returning, r.now()-since)
			r.workers <- w
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if r.now()-since > int64(returnPatience) || !passes(err) {
			r.troubles.add(stayedAwayKind, fmt.Sprintf("%s: %v", c.name, err))
			if r.goneForGood.Add(1) == int64(len(r.clients)) {
				r.cancel(errAlone)
			}
			return false
		}
		r.wait(ctx, r.now()+int64(retryPause))
	}
}

// passes reports whether the reason why a client was not let in may pass.
func passes(err error) bool {
	var refused *protocol.Error
	return !errors.As(err, &refused) || refused.Code == protocol.Busy || refused.Code == protocol.NameTaken || refused.Code == protocol.ShuttingDown
}

// runOn writes what is allowed, as run does, and goes on behind a lost connection. It returns
// when no more comes and all was answered.
func (s *sender) runOn(ctx context.Context, senders int, closed <-chan struct{}) {
	var out []byte
	every, ended, waited, looked := lookEvery, false, false, s.c.r.now()
	for ctx.Err() == nil {
		if now := s.c.r.now(); now-looked >= int64(lookEvery) { // also while there is always something to say
			looked = now
			s.c.look()
		}
		idle := s.sent.Load() == s.allowed.Load()
		switch {
		case !s.c.here():
			again := s.unanswered()
			if !s.c.comeBack(ctx) {
				return
			}
			if len(again) > 0 {
				s.say(again)
			}
			waited = false
			continue
		case !idle:
			out = s.batch(out[:0], senders, waited)
			s.say(out)
			waited = false
			continue
		case ended && s.c.owed.Load() <= 0:
			return
		}
		waited = true
		select {
		case <-s.wake:
		case <-s.c.left:
		case <-s.c.r.cfg.Clock.After(every):
		case <-closed:
			ended, closed, every = true, nil, pollInterval
		case <-ctx.Done():
		}
	}
}

// say writes, and ends a connection that does not take it.
func (s *sender) say(out []byte) {
	if s.c.writeWithin(deadAfter, out) == nil {
		return
	}
	s.c.nudge()
	select {
	case <-s.c.left: // its reader tells why
	case <-s.c.r.cfg.Clock.After(lookEvery):
		s.c.r.troubles.add(silentKind, s.c.name+" could not send what it had to say")
		s.c.drop()
	}
}

// unanswered returns the requests that were not answered before the connection was lost, in their
// order. Its reader has ended.
func (s *sender) unanswered() (out []byte) {
	r := s.c.r
	for seq := uint32(1); int64(seq) <= s.sent.Load(); seq++ {
		if !s.accepted.has(seq) && !r.wasRefused(s.index, uint64(seq)) {
			out = r.appendMessage(out, s.c, mark{uint32(s.index), seq, s.due(int64(seq)-1, len(r.senders))})
		}
	}
	return out
}
