package transport

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"parley/p2p"
	"parley/protocol"
)

// An attempt is what is tried for one plan: a goroutine for each address, those
// that come in, and the relay. run is its head; the counters are guarded by the
// mutex of the Transport.
type attempt struct {
	t       *Transport
	plan    p2p.Plan
	mine    proof // that is shown
	theirs  proof // that is expected
	ctx     context.Context
	cancel  context.CancelFunc
	targets []netip.AddrPort // that are dialled
	source  netip.AddrPort   // from where they are; the address is not valid if it is any
	direct  time.Time        // until when direct connections are tried; zero if they are not
	relay   *relayConn       // nil if there is no relay

	news    chan struct{}    // one of the counters has changed
	conns   int              // that shake hands, and links
	pending int              // goroutines that may still bring a link
	live    int              // links
	over    bool             // nothing may be entered any more
	faults  map[string]error // the last one, by address
}

var errOver = errors.New("it is over")

// newAttempt is called with the mutex held.
func newAttempt(t *Transport, p p2p.Plan) *attempt {
	a := &attempt{t: t, plan: p, news: make(chan struct{}, 1), faults: map[string]error{}}
	a.ctx, a.cancel = context.WithCancel(t.ctx)
	own := t.cfg.Identity.Fingerprint()
	a.mine, a.theirs = newProof(p.Token, own, p.Fingerprint), newProof(p.Token, p.Fingerprint, own)
	a.source = t.source()
	if !t.cfg.RelayOnly {
		a.targets = t.candidates(p.Paths)
	}
	if !t.cfg.NoRelay && slices.Contains(p.Paths, protocol.PathRelay) && t.relays[p.Session] == nil {
		a.relay = newRelayConn(t, p.Session)
		t.relays[p.Session] = a.relay
	}
	if len(a.targets) > 0 || t.door != nil {
		a.direct = time.Now().Add(t.cfg.Patience)
		if a.relay != nil {
			a.direct = a.direct.Add(t.cfg.Linger)
		}
	}
	return a
}

// fingerprints returns those of the smaller and of the larger name.
func (a *attempt) fingerprints() (smaller, larger string) {
	own := a.t.cfg.Identity.Fingerprint()
	if a.plan.Client {
		return own, a.plan.Fingerprint
	}
	return a.plan.Fingerprint, own
}

// run tries until there is nothing left to wait for.
func (a *attempt) run() {
	defer a.t.forget(a)
	a.begin()
	patience := time.NewTimer(a.patience())
	defer patience.Stop()
	late, relaying := false, false
	for {
		a.t.mu.Lock()
		live, pending := a.live, a.pending
		a.over = pending == 0 && (live > 0 || late && (relaying || !a.mayRelay()))
		over := a.over
		a.t.mu.Unlock()
		switch {
		case over:
			a.end(live > 0, relaying)
			return
		case late && live == 0 && a.mayRelay() && !relaying:
			relaying = true
			a.spawn(a.relayClient)
			continue
		}
		select {
		case <-a.ctx.Done():
			a.end(true, relaying)
			return
		case <-patience.C:
			late = true
		case <-a.news:
		}
	}
}

// mayRelay reports whether it is this side that begins over the relay.
func (a *attempt) mayRelay() bool { return a.plan.Client && a.relay != nil }

// begin starts all that is tried from the beginning.
func (a *attempt) begin() {
	for _, to := range a.targets {
		a.spawn(func() { a.dial(to) })
	}
	if !a.direct.IsZero() {
		a.spawn(func() { pause(a.ctx, time.Until(a.direct)) }) // for those that come in
	}
	if a.relay != nil && !a.plan.Client {
		a.spawn(a.relayServer)
	}
}

// patience is how long the relay is not begun.
func (a *attempt) patience() time.Duration {
	if len(a.targets) == 0 && (a.relay != nil || a.direct.IsZero()) {
		return 0
	}
	return a.t.cfg.Patience
}

// end says what has come of it. quiet is set if there is a link or if nobody
// wants to know.
func (a *attempt) end(quiet, relaying bool) {
	if a.mayRelay() && !relaying {
		a.relay.Close()
	}
	if !quiet {
		a.t.emit(a.ctx.Done(), p2p.Event{Kind: p2p.Unreachable, Session: a.plan.Session, Err: a.verdict()})
	}
}

// spawn starts a goroutine that may bring a link.
func (a *attempt) spawn(f func()) {
	a.t.mu.Lock()
	a.pending++
	a.t.mu.Unlock()
	a.t.work.Go(func() {
		f()
		a.t.mu.Lock()
		defer a.t.mu.Unlock()
		a.pending--
		a.ring()
	})
}

// enter counts a connection that is about to shake hands.
func (a *attempt) enter() error {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	switch {
	case a.over || a.ctx.Err() != nil:
		return errOver
	case a.conns >= maxConns:
		return errors.New("its session has too many connections")
	}
	a.conns++
	a.pending++
	return nil
}

// leave ends what enter began; a link that came of it has its own count.
func (a *attempt) leave() {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	a.conns--
	a.pending--
	a.ring()
}

// ring wakes run.
func (a *attempt) ring() {
	select {
	case a.news <- struct{}{}:
	default:
	}
}

// linkedDirectly is asked by the dialling goroutines.
func (a *attempt) linkedDirectly() bool {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	for _, l := range a.t.links {
		if l.attempt == a && !l.path.Relay {
			return true
		}
	}
	return false
}

// pause waits, or returns false if ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
