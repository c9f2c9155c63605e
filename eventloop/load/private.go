package load

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"parley/protocol"
)

// What the people of mixed do, in shares of a hundred; the rest of the time they talk.
const (
	asksNames = 8 // who is there
	goesAway  = 7 // and comes back
	rests     = 5 // does not read for a while
)

// mixed has people come, talk, ask, read slowly and go, each at random times of
// their own that the server does not change.
func (r *round) mixed() error {
	r.newSenders(r.Clients)
	if err := r.arrive(); err != nil {
		return err
	}
	if err := r.trialPlain(); err != nil {
		return err
	}
	r.measure()
	var wg sync.WaitGroup
	for i, s := range r.senders {
		random := rand.New(rand.NewPCG(r.cfg.Seed, uint64(i)+1<<32))
		wg.Go(func() { r.person(s, random) })
	}
	wg.Wait()
	r.lastWord()
	r.settle()
	return r.ctx.Err()
}

// person is one of the people of mixed.
func (r *round) person(s *sender, random *rand.Rand) {
	gap := float64(r.Clients) / r.Rate * 1e9 * (100 - asksNames - goesAway - rests) / 100 // ns, on average
	if r.Ramp > 0 && !r.wait(r.ctx, r.began+int64(float64(r.Ramp)*random.Float64())) {
		return
	}
	for due := r.now() + int64(random.ExpFloat64()*gap); due < r.began+int64(r.Duration); due += int64(random.ExpFloat64() * gap) {
		if !r.wait(r.ctx, due) {
			return
		}
		if !s.c.here() {
			s.c.endStay()
			if s.c.enter(r.ctx, r.now()) != nil {
				continue
			}
		}
		switch act := random.IntN(100); {
		case act < asksNames:
			r.askNames(s.c, due)
		case act < asksNames+goesAway:
			r.goAway(s.c, random)
			due = max(due, r.now()) // who is away has nothing to say
		case act < asksNames+goesAway+rests:
			s.c.resting.Store(int64(200*time.Millisecond) + random.Int64N(int64(800*time.Millisecond)))
		default:
			r.say(s, due)
		}
	}
}

func (r *round) askNames(c *client, due int64) {
	request := protocol.Request{Verb: "names"}
	if !r.cfg.Plain {
		request.Ref = ref(mark{due: due})
	}
	_ = c.write(protocol.AppendRequest(nil, request)) // the reader tells why
}

func (r *round) say(s *sender, due int64) {
	r.late(r.now() - due)
	seq := s.sent.Add(1)
	r.sent.Add(1)
	if !r.cfg.Plain {
		s.c.owed.Add(1)
	}
	if s.c.write(r.appendMessage(nil, s.c, mark{uint32(s.index), uint32(seq), due})) != nil {
		return
	}
	if r.cfg.Plain {
		s.await(r.ctx)
	}
}

// goAway leaves, with a word or without one, and comes back after up to a second.
func (r *round) goAway(c *client, random *rand.Rand) {
	if random.IntN(2) == 0 {
		c.leave()
	} else {
		c.drop()
	}
	c.endStay()
	back := r.now() + random.Int64N(int64(time.Second))
	if back < r.began+int64(r.Duration) && r.wait(r.ctx, back) {
		_ = c.enter(r.ctx, back) // the error is counted
	}
}

// private has pairs invite each other: every fifth invitation is declined.
func (r *round) private() error {
	for _, c := range r.clients {
		c.answers = make(chan protocol.Response, 16)
	}
	if err := r.arrive(); err != nil {
		return err
	}
	var unknown sync.Once
	var failed error
	r.measure()
	turns := make([]int, r.Clients/2)
	r.storm(r.Clients/2, func(pair int, due int64) {
		a, b := r.clients[2*pair], r.clients[2*pair+1]
		if turns[pair]++; turns[pair]%2 == 0 {
			a, b = b, a
		}
		err := r.invite(a, b, due, turns[pair]%5 == 0)
		if err != nil && r.ctx.Err() == nil {
			if strings.Contains(err.Error(), string(protocol.UnknownRequest)) {
				unknown.Do(func() { failed = fmt.Errorf("this server does not know private sessions") })
			}
			r.wait(r.ctx, r.now()+int64(retryPause))
		}
	})
	r.drain()
	if failed != nil {
		return failed
	}
	return r.ctx.Err()
}

// paths are what invitations offer. Nobody connects to them.
const paths = "127.0.0.1:9"

// fingerprint is that of a key that nobody has.
var fingerprint = "SHA256:" + strings.Repeat("A", 43)

// invite has a invite b, and b accept or decline. The latency counts until both know.
func (r *round) invite(a, b *client, due int64, decline bool) error {
	ask := func(c *client, verb, content string) error {
		return c.write(protocol.AppendRequest(nil, protocol.Request{Verb: verb, Content: protocol.Content{Text: content}, Ref: ref(mark{due: due})}))
	}
	if err := ask(a, "startprivate", b.name+" "+fingerprint+" "+paths); err != nil {
		return err
	}
	invited, err := r.hear(a, protocol.EventInvited, b.name, nil)
	if err != nil {
		return err
	}
	invitation, err := r.hear(b, protocol.EventInvitation, a.name, invited)
	if err != nil {
		return err
	}
	verb, arguments, end := "acceptprivate", a.name+" "+fingerprint+" "+paths, protocol.EventIntroduced
	if decline {
		verb, arguments, end = "declineprivate", a.name, protocol.EventDeclined
	}
	if err := ask(b, verb, arguments); err != nil {
		return err
	}
	for _, side := range [][2]*client{{a, b}, {b, a}} {
		if _, err := r.hear(side[0], end, side[1].name, invitation); err != nil {
			return err
		}
	}
	w := <-r.workers
	record(w.delivery, r.now()-due)
	r.workers <- w
	r.introduced.Add(1)
	return nil
}

// hear waits until a client is told of an event about a name, in the session of an
// earlier one.
func (r *round) hear(c *client, event, name string, of *protocol.Private) (*protocol.Private, error) {
	late := r.cfg.Clock.After(answerTimeout)
	for {
		select {
		case answer := <-c.answers:
			if answer.Kind == protocol.KindError && answer.Data != nil {
				return nil, fmt.Errorf("%s: %s", answer.Data.Code, answer.Content)
			}
			if answer.Data == nil || answer.Data.Event != event || answer.Data.Private == nil {
				continue
			}
			if answer.Data.Name != name || of != nil && answer.Data.Private.Session != of.Session {
				c.altered(fmt.Sprintf("%s of session %d with %s, which is not its own", event, answer.Data.Private.Session, answer.Data.Name))
				continue
			}
			return answer.Data.Private, nil
		case <-c.left:
			return nil, fmt.Errorf("%s is disconnected", c.name)
		case <-r.ctx.Done():
			return nil, r.ctx.Err()
		case <-late:
			err := fmt.Errorf("%s was not told that it is %s within %s", c.name, event, answerTimeout)
			r.troubles.add(noAnswerKind, err.Error())
			return nil, err
		}
	}
}
