package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"parley/protocol"
)

// pollInterval is how often is looked whether something is complete that nobody
// reports: the end of a round, not its measurement.
const pollInterval = 5 * time.Millisecond

// maxHandshakes is how many logins are under way at once while the clients of a
// scenario arrive, if there is no ramp.
const maxHandshakes = 256

// A round is one scenario being run. Its own goroutine owns what is not said to be
// of readers.
type round struct {
	Scenario
	cfg     *Config
	ctx     context.Context
	cancel  context.CancelCauseFunc
	random  *rand.Rand
	clients []*client
	senders []*sender // the first of the clients
	shape   shape
	plan    *plan       // who is in which room; nil: all are in the lobby
	ledger  *ledger     // what was told by the server's numbers; nil if it has none
	echoes  atomic.Bool // senders are told their own messages

	workers  chan *worker
	readers  sync.WaitGroup
	over     chan struct{} // the round ends: nobody rests any longer
	opened   chan struct{} // the window may have
	troubles troubles
	finds    findings

	probe       *probe
	began       int64 // of the measurement, ns since the run began
	drained     bool  // was waited for what was asked: what is not answered then is not answered
	finished    int64 // when its work was done, without the waiting for what is lost
	lasted      time.Duration
	got         atomic.Int64 // deliveries
	excused     atomic.Int64 // deliveries that will not come, less those that do not count any more
	threshold   atomic.Int64 // of through, at which the window opens
	receivers   atomic.Int64 // of each message
	sent        atomic.Int64
	accepted    atomic.Int64 // messages, as their senders were told
	unsent      atomic.Int64 // messages that were due and nobody was there to say
	heard       atomic.Int64 // clients who have heard the trial, or the last word
	logins      atomic.Int64
	connections atomic.Int64
	goneForGood atomic.Int64 // clients whom no address has let in again
	fewest      atomic.Int64 // connections in this second

	introduced atomic.Int64 // of private
	moved      atomic.Int64 // joins and leaves during the measurement

	meter *meter
}

// now is the time in ns since the run began.
func (r *round) now() int64 { return int64(r.cfg.Clock.Now().Sub(r.cfg.epoch)) }

func (r *round) schedule() schedule { return schedule{r.Rate, r.Ramp} }

// due returns how many things are due from a time since the measurement began to another.
func (r *round) due(from, to time.Duration) int64 {
	if r.Name == "idle" {
		return 0
	}
	plan := r.schedule()
	return int64(plan.count(min(to, r.Duration)) - plan.count(min(from, r.Duration)))
}

// delivered counts deliveries and opens the window.
func (r *round) delivered(n int) {
	if n > 0 && r.got.Add(int64(n))+r.excused.Load() >= r.threshold.Load() {
		r.open()
	}
}

// through is how many deliveries need no more waiting.
func (r *round) through() int64 { return r.got.Load() + r.excused.Load() }

func (r *round) open() {
	select {
	case r.opened <- struct{}{}:
	default:
	}
}

// wait waits until a time in ns since the run began; false means that the run is
// to end.
func (r *round) wait(ctx context.Context, until int64) bool {
	d := time.Duration(until - r.now())
	if d <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-r.cfg.Clock.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// newRound makes the clients of a scenario.
func newRound(ctx context.Context, cfg *Config, s Scenario, number int) *round {
	ctx, cancel := context.WithCancelCause(ctx)
	r := &round{Scenario: s, cfg: cfg, ctx: ctx, cancel: cancel, over: make(chan struct{}), opened: make(chan struct{}, 1),
		random:  rand.New(rand.NewPCG(cfg.Seed, uint64(number))),
		workers: newWorkers(cfg.Workers)}
	dynamic := s.Name == "mixed" || s.drops()
	if s.hasRooms() {
		r.plan = newPlan(&s, r.roomPrefix(number))
	}
	r.probe = newProbe(r)
	r.echoes.Store(true)
	r.threshold.Store(1)
	padding := make([]byte, s.Size-MinSize)
	for i := range padding {
		padding[i] = filler
	}
	r.shape = shape{tag: runTag(cfg.Tag + uint32(number)), padding: string(padding), names: make([]string, s.Clients), plan: r.plan}
	for i := range s.Clients {
		c := &client{r: r, index: i, server: i, name: fmt.Sprintf("load%sx%dx%d", tagName(cfg.Tag), number, i)}
		if i < s.Accounts {
			// The same ones every time: accounts stay.
			c.name = fmt.Sprintf("load%dx%d", cfg.Seed%1e9, i)
			c.password = fmt.Sprintf("parley load %d %d", cfg.Seed, i)
		}
		c.check = check{finds: &r.finds, receiver: c.name, index: int32(i), dynamic: dynamic, last: make([]uint32, s.talkers(cfg.Plain))}
		r.shape.names[i] = c.name
		r.clients = append(r.clients, c)
	}
	if s.Name == "room" && !cfg.Plain || dynamic && !cfg.Plain {
		r.ledger = newLedger(&r.finds, r.shape.names, func(i uint32) int64 {
			if int(i) >= len(r.senders) {
				return 0
			}
			return r.senders[i].sent.Load()
		})
	}
	for _, c := range r.clients {
		if r.plan == nil {
			c.check.ledger = r.ledger
			continue
		}
		c.moving = make(chan *protocol.Error, 1)
		for _, room := range r.plan.of(c.index) {
			c.stays.list = append(c.stays.list, stay{room: room})
		}
	}
	if r.plan != nil {
		r.ledger.listenersOf = r.plan.listeners
	}
	if s.Name == "dm" || s.Name == "private" {
		for i, c := range r.clients {
			c.partner, c.to = r.clients[i^1], c.name
		}
	}
	return r
}

// roomPrefix returns what the names of a scenario's rooms begin with. Those of accounts
// stay, so they are the same ones every time.
func (r *round) roomPrefix(number int) string {
	if r.Accounts > 0 {
		return fmt.Sprintf("load%dr", r.cfg.Seed%1e9)
	}
	return fmt.Sprintf("load%sx%dr", tagName(r.cfg.Tag), number)
}

// tagName writes a run's tag with letters and digits.
func tagName(tag uint32) string { return fmt.Sprintf("%05x", tag&0xfffff) }

// arrive brings all clients in: evenly over the ramp if there is one, otherwise
// as fast as the server takes a bounded number of logins at once. It fails if
// one of them cannot come in.
func (r *round) arrive() error {
	start := r.now()
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	at := maxHandshakes
	if r.Ramp > 0 {
		at = len(r.clients)
	}
	for range min(at, len(r.clients)) {
		wg.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(r.clients) {
					return
				}
				due := r.now()
				if r.Ramp > 0 {
					due = start + int64(r.Ramp)*int64(i)/int64(len(r.clients))
				}
				if !r.wait(r.ctx, due) {
					return
				}
				if err := r.clients[i].enter(r.ctx, due); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return fmt.Errorf("only %d of %d clients could log in: %w", r.connections.Load(), len(r.clients), *err)
	}
	return r.ctx.Err()
}

// depart ends all connections and waits for the readers.
func (r *round) depart() {
	close(r.over)
	var wg sync.WaitGroup
	for _, c := range r.clients {
		if c.conn != nil {
			wg.Go(c.drop)
		}
	}
	wg.Wait()
	r.readers.Wait()
	r.probe.stop()
}

// gone notes that the server has closed a connection: nothing more comes there,
// and the window is not to wait for it.
func (r *round) gone(c *client) {
	switch {
	case r.plan != nil:
		r.excused.Add(r.plan.miss(c))
	case r.receivers.Load() > 1:
		r.receivers.Add(-1)
		r.excused.Add(-int64(c.check.got))
	}
	if r.Name != "login" && r.connections.Load() == 0 {
		r.cancel(errAlone)
	}
	r.open()
}

// errAlone ends a round that nobody is left in.
var errAlone = errors.New("the server has disconnected everybody")

// measure begins the measurement; what came before does not count but for the
// logins.
func (r *round) measure() {
	r.meter.begin()
	r.done()
}

// done notes that all that was due is done, so far as it can be.
func (r *round) done() { r.finished = r.now() }

// expected returns how many deliveries there are to be of what was sent, 0 if that is not known.
func (r *round) expected() int64 {
	if r.plan != nil && r.receivers.Load() > 0 {
		return r.plan.expected.Load()
	}
	return r.sent.Load() * r.receivers.Load()
}

// drain waits until all that was sent has come, or nothing more does. That is not
// part of the measurement, which ends with the last that came.
func (r *round) drain() {
	for _, c := range r.clients {
		if c.here() {
			c.nudge()
		}
	}
	r.await(func() bool { return r.through() >= r.expected() && r.owed() == 0 })
	r.drained = true
	r.meter.end(r.finished)
	<-r.cfg.Clock.After(20 * pollInterval) // what is doubled comes late
}
