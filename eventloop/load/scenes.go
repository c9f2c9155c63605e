package load

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// newSenders makes senders of the first n clients.
func (r *round) newSenders(n int) {
	for i, c := range r.clients[:n] {
		r.senders = append(r.senders, &sender{c: c, index: i, wake: make(chan struct{}, 1)})
	}
}

// room has senders talk to a room of all clients.
func (r *round) room() error {
	r.newSenders(r.Senders)
	if err := r.arrive(); err != nil {
		return err
	}
	if err := r.assemble(); err != nil {
		return err
	}
	receivers := int64(r.Clients)
	switch {
	case r.plan != nil:
		receivers = r.plan.mean()
	case !r.echoes.Load():
		receivers--
	}
	r.measure()
	r.underChurn(func() { r.talk(r.ctx, r.senders, receivers) })
	r.done()
	if r.Churn > 0 {
		r.lastWord()
		r.settle()
	} else {
		r.drain()
	}
	return r.ctx.Err()
}

// assemble brings the clients together, and looks whether they hear each other.
func (r *round) assemble() error {
	if r.plan == nil {
		return r.trial(r.ctx, r.clients[0], int64(r.Clients))
	}
	if err := r.moveIn(); err != nil {
		return err
	}
	if !r.word() && r.ctx.Err() == nil {
		return fmt.Errorf("what was said in each room was not told to all within %s: this server cannot be measured so", r.cfg.Drain)
	}
	return r.ctx.Err()
}

// dm has pairs of clients talk to each other.
func (r *round) dm() error {
	r.newSenders(r.Clients)
	if err := r.arrive(); err != nil {
		return err
	}
	r.measure()
	r.talk(r.ctx, r.senders, 1)
	r.done()
	r.drain()
	return r.ctx.Err()
}

// idle holds the connections.
func (r *round) idle() error {
	if err := r.arrive(); err != nil {
		return err
	}
	r.measure()
	r.wait(r.ctx, r.began+int64(r.Duration))
	r.done()
	r.drain()
	return r.ctx.Err()
}

// login has clients connect, log in and leave over and over.
func (r *round) login() error {
	r.measure()
	r.storm(r.schedule(), r.Clients, func(c int, due int64) {
		if r.clients[c].enter(r.ctx, due) == nil {
			r.clients[c].leave()
			return
		}
		r.wait(r.ctx, r.now()+int64(retryPause))
	})
	r.done()
	r.drain()
	return r.ctx.Err()
}

// storm has workers do what is due for the scenario's duration, each one thing at
// a time: at the rate, or else as many at once as the window allows. What was due
// is done, however late; what a server leaves no time for is counted as an error.
func (r *round) storm(plan schedule, workers int, do func(worker int, due int64)) {
	count, end := plan.count(r.Duration), r.began+int64(r.Duration)
	if plan.rate == 0 {
		workers = min(workers, r.Window)
	} else {
		end += int64(r.cfg.Drain)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			for {
				due := r.now()
				if plan.rate > 0 {
					k := int(next.Add(1)) - 1
					if k >= count {
						return
					}
					due = r.began + int64(plan.due(k))
				}
				early := r.now() < due
				over := !r.wait(r.ctx, due)
				if early { // otherwise it is late because the server keeps everybody busy
					r.late(r.now() - due)
				}
				switch late := r.now() >= end; {
				case over || late && plan.rate == 0:
					return
				case late:
					r.troubles.add(overdueKind, "due "+time.Duration(due-r.began).String()+" after the start")
				default:
					do(i, due)
				}
			}
		})
	}
	wg.Wait()
}

// late records how late the tester itself is.
func (r *round) late(ns int64) {
	w := <-r.workers
	w.record(sending, ns)
	r.workers <- w
}

// reconnect has a part of a talking room lose its connections twice.
func (r *round) reconnect() error { return r.waves() }

// waves has senders talk to a room of which twice a part loses its connections.
func (r *round) waves() error {
	r.newSenders(r.Senders)
	if err := r.arrive(); err != nil {
		return err
	}
	if err := r.assemble(); err != nil {
		return err
	}
	r.measure()
	away := r.keepListeners()
	var waves sync.WaitGroup
	waves.Go(func() {
		for i := range int64(2) {
			if !r.wait(r.ctx, r.began+int64(r.Duration)*(i+1)/3) {
				return
			}
			r.wave()
		}
	})
	r.talk(r.ctx, r.senders, int64(r.Clients))
	waves.Wait()
	away()
	r.done()
	r.lastWord()
	r.settle()
	return r.ctx.Err()
}

// wave drops a part of those who do not send, and brings them back: at once, or where
// they return, when they have missed something.
func (r *round) wave() {
	rest := r.clients[r.Senders:]
	victims := min(len(rest), max(1, int(float64(r.Clients)*r.Drop/100+0.5)))
	order := r.random.Perm(len(rest))[:victims]
	due := r.now()
	var wg sync.WaitGroup
	for _, i := range order {
		c := rest[i]
		wg.Go(func() {
			if r.returns() {
				c.goAway(r.ctx)
				return
			}
			c.drop()
			c.endStay()
			_ = c.enter(r.ctx, due) // the error is counted
		})
	}
	wg.Wait()
}

// endStay judges what a client was told until it left.
func (c *client) endStay() {
	c.owed.Store(0)
	c.check.endNumbers(0)
	if c.check.ledger == nil {
		c.check.end(c.r.shape.names, nil, c.r.wasRefused)
		clear(c.check.last)
	}
}

// lastWord has one client say a last message and waits until all who are there
// have heard it: what the server has numbered before has come to them then, or
// is lost. Plain servers do not number.
func (r *round) lastWord() {
	if r.cfg.Plain {
		return
	}
	r.await(func() bool { return r.owed() == 0 })
	if r.plan != nil {
		r.word()
		return
	}
	var first *client
	here := int64(0)
	r.heard.Store(0)
	for _, c := range r.clients {
		if c.here() {
			first = c
			here++
		}
	}
	if first == nil || first.sayWord() != nil {
		return
	}
	r.await(func() bool { return r.heard.Load() >= here && r.owed() == 0 })
}

// sayWord has a client say a message that is not part of the measurement.
func (c *client) sayWord() error {
	if !c.r.cfg.Plain && c.speaker() != nil {
		c.owed.Add(1)
	}
	return c.write(c.r.appendMessage(nil, c, mark{sender: uint32(c.index), due: c.r.now()}))
}

// await waits for something until nothing has been delivered for as long as Drain
// says, or for a second after an interruption.
func (r *round) await(done func() bool) bool {
	last, since, heard := r.got.Load(), r.now(), r.heard.Load()
	for !done() {
		patience := r.cfg.Drain
		if r.ctx.Err() != nil {
			patience = min(patience, time.Second)
		}
		if got := r.got.Load(); got != last {
			last, since = got, r.now()
			r.finished = max(r.finished, since)
		}
		if now := r.heard.Load(); now != heard {
			heard, since = now, r.now()
		}
		if r.now()-since > int64(patience) {
			return false
		}
		<-r.cfg.Clock.After(pollInterval)
	}
	return true
}

// owed returns how many messages of those who are there have no answer yet.
func (r *round) owed() (n int64) {
	for _, s := range r.senders {
		if s.c.here() {
			n += s.c.owed.Load()
		}
	}
	return n
}

func (r *round) refusals() (n int64) {
	for _, s := range r.senders {
		s.mu.Lock()
		n += s.refused.count()
		s.mu.Unlock()
	}
	return n
}

// quiet is how long a plain server must have said nothing to be taken as done.
const quiet = 500 * time.Millisecond

// settle ends a measurement in which it is not known how many deliveries come.
func (r *round) settle() {
	if r.cfg.Plain {
		for last, since := r.got.Load(), r.now(); r.now()-since < int64(quiet); {
			<-r.cfg.Clock.After(pollInterval)
			if got := r.got.Load(); got != last {
				last, since = got, r.now()
			}
		}
	}
	r.receivers.Store(0)
	r.drain()
}
