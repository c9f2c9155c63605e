package load

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"parley/protocol"
)

// What the people of mixed do, in shares of a hundred; the rest of the time they talk.
const (
	asksNames = 8 // who is there
	goesAway  = 7 // and comes back
	rests     = 5 // does not read for a while

	acts = asksNames + goesAway + rests
)

// mixed has people come, talk, ask, read slowly and go. Messages are due at the
// rate, whatever the server does, and said by whoever is there; what else
// people do comes at random times of their own.
func (r *round) mixed() error {
	r.newSenders(r.Clients)
	if err := r.arrive(); err != nil {
		return err
	}
	if err := r.trial(r.ctx, r.clients[0], int64(r.Clients)); err != nil {
		return err
	}
	r.measure()
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	var people sync.WaitGroup
	closed := make(chan struct{})
	for i, s := range r.senders {
		s.free = true
		random := rand.New(rand.NewPCG(r.cfg.Seed, uint64(i)+1<<32))
		people.Go(func() { r.person(ctx, s, random, closed) })
	}
	r.pace(ctx, r.somebody)
	close(closed)
	r.finish(ctx, cancel, r.senders, &people)
	r.done()
	r.lastWord()
	r.settle()
	return r.ctx.Err()
}

// somebody has one of those who are there say what is due: one to whom nothing is left
// to say, if there is any.
func (r *round) somebody(_ int, due int64) {
	start := r.random.IntN(len(r.senders))
	for _, most := range []int{1, maxQueue} {
		for i := range r.senders {
			if r.senders[(start+i)%len(r.senders)].offer(due, most) {
				return
			}
		}
	}
	r.unsent.Add(1)
}

// maxQueue is how many messages one person has to say at most.
const maxQueue = 1 << 16

// offer gives a person something to say, unless it is not there or has so much to say.
func (s *sender) offer(due int64, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.free || len(s.dues) >= most {
		return false
	}
	s.dues = append(s.dues, due)
	s.allow()
	return true
}

func (s *sender) setFree(free bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = free
}

// person is one of the people of mixed.
func (r *round) person(ctx context.Context, s *sender, random *rand.Rand, closed <-chan struct{}) {
	gap := float64(r.Clients) / r.Rate * 1e9 * (100 - acts) / acts // ns, on average
	pause := func() <-chan time.Time {
		return r.cfg.Clock.After(time.Duration(min(random.ExpFloat64()*gap, float64(time.Hour))))
	}
	act := pause()
	for {
		idle := false
		select {
		case <-s.wake:
			idle = true
		case <-act:
			r.act(ctx, s, random)
			act = pause()
		case <-s.c.left:
			if !r.comeBack(ctx, s, closed) {
				return
			}
		case <-closed:
			if s.sent.Load() == s.allowed.Load() {
				return
			}
		case <-ctx.Done():
			return
		}
		if !s.sayAll(ctx, idle) && ctx.Err() != nil {
			return
		}
	}
}

// sayAll says what is due; false if the connection does not take it. If the person
// was idle, it is the tester's own fault if that is late.
func (s *sender) sayAll(ctx context.Context, idle bool) bool {
	var out []byte
	for ; s.sent.Load() < s.allowed.Load() && s.c.here(); idle = false {
		out = s.batch(out[:0], 0, idle)
		if s.c.write(out) != nil || s.c.r.cfg.Plain && !s.await(ctx) {
			return false
		}
	}
	return true
}

// act does something else than talk.
func (r *round) act(ctx context.Context, s *sender, random *rand.Rand) {
	if !s.c.here() {
		return
	}
	switch what := random.IntN(acts); {
	case what < asksNames:
		r.askNames(s.c)
	case what < asksNames+goesAway:
		r.goAway(ctx, s, random)
	default:
		s.c.resting.Store(int64(200*time.Millisecond) + random.Int64N(int64(800*time.Millisecond)))
	}
}

func (r *round) askNames(c *client) {
	request := protocol.Request{Verb: "names"}
	if !r.cfg.Plain {
		request.Ref = ref(r.shape.tag, mark{sender: uint32(c.index), due: r.now()})
		c.owed.Add(1)
	}
	_ = c.write(protocol.AppendRequest(nil, request)) // the reader tells why
}

// goAway leaves, with a word or without one, and comes back after up to a second. Who
// is away has nothing to say.
func (r *round) goAway(ctx context.Context, s *sender, random *rand.Rand) {
	s.setFree(false)
	s.sayAll(ctx, false)
	if random.IntN(2) == 0 {
		s.c.leave()
	} else {
		s.c.drop()
	}
	s.c.endStay()
	back := r.now() + random.Int64N(int64(time.Second))
	if back < r.began+int64(r.Duration) && r.wait(ctx, back) {
		s.setFree(s.c.enter(r.ctx, back) == nil) // the error is counted
	}
}

// comeBack logs in again after the connection was lost; false if there is no time left.
func (r *round) comeBack(ctx context.Context, s *sender, closed <-chan struct{}) bool {
	s.setFree(false)
	s.c.endStay()
	for {
		select {
		case <-closed:
			return false
		case <-ctx.Done():
			return false
		case <-r.cfg.Clock.After(retryPause):
		}
		if r.now() >= r.began+int64(r.Duration) {
			<-closed
			return false
		}
		if s.c.enter(ctx, r.now()) == nil {
			s.setFree(true)
			return true
		}
	}
}
