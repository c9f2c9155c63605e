package load

import (
	"errors"
	"math/rand/v2"
	"sync"

	"parley/protocol"
)

// joinAndLeave has those who do not send leave rooms and join them again while others talk there.
func (r *round) joinAndLeave() {
	movers := r.clients[r.Senders:]
	r.storm(schedule{rate: r.Churn}, len(movers), r.movers(movers))
}

// movers returns what each of the clients does when it is due: it leaves one of its rooms,
// or joins one that it has left. In the rooms in which nobody speaks there is nothing to
// hear, and they might end.
func (r *round) movers(clients []*client) func(i int, due int64) {
	type mover struct {
		random *rand.Rand
		rooms  []int32
		out    []bool
	}
	list := make([]mover, len(clients))
	for i, c := range clients {
		m := &list[i]
		m.random = rand.New(rand.NewPCG(r.cfg.Seed, uint64(c.index)+2<<32))
		for _, room := range r.plan.of(c.index) {
			if len(r.plan.speakers[room]) > 0 {
				m.rooms = append(m.rooms, room)
			}
		}
		m.out = make([]bool, len(m.rooms))
	}
	return func(i int, due int64) {
		m, c := &list[i], clients[i]
		if len(m.rooms) == 0 {
			return
		}
		k := m.random.IntN(len(m.rooms))
		verb := map[bool]string{false: "leave", true: "join"}[m.out[k]]
		err := c.ask(r.ctx, verb, r.plan.name(m.rooms[k]))
		var refused *protocol.Error
		switch {
		case err == nil:
			m.out[k] = !m.out[k]
			r.moved.Add(1)
			w := <-r.workers
			w.took(joining, r.now(), due)
			r.workers <- w
		case errors.As(err, &refused):
			r.troubles.add(string(refused.Code), c.name+": "+refused.Text)
		default:
			r.wait(r.ctx, r.now()+int64(retryPause))
		}
	}
}

// underChurn has clients join and leave rooms for as long as talk takes.
func (r *round) underChurn(talk func()) {
	var moving sync.WaitGroup
	if r.Churn > 0 {
		moving.Go(r.joinAndLeave)
	}
	talk()
	moving.Wait()
}
