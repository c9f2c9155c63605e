package monitor

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// probeInterval is how often a loop is asked to answer. Who waits for a tenth of a
	// second notices it.
	probeInterval = 100 * time.Millisecond

	// stalledAfter is how long a loop may not answer and still be healthy. What keeps one
	// busy on purpose takes milliseconds.
	stalledAfter = 10 * time.Second
)

// A probe measures how late one loop is.
type probe struct {
	loop int
	lag  prometheus.Observer // told seconds

	base  time.Time
	asked atomic.Int64 // when, in ns since base; 0: no answer is missing
}

// ask has the loop answer, unless it is to do so already.
func (p *probe) ask(srv Server) {
	if p.asked.Load() != 0 {
		return
	}
	p.asked.Store(max(int64(time.Since(p.base)), 1))
	if !srv.PostTo(p.loop, p.answer) {
		p.asked.Store(0) // there is no such loop yet
	}
}

// answer runs on the loop.
func (p *probe) answer() {
	for late := p.stalled(); late >= 0; late -= probeInterval { // also what could not be asked for meanwhile
		p.lag.Observe(late.Seconds())
	}
	p.asked.Store(0)
}

// stalled returns for how long an answer has been missing; 0 if none is.
func (p *probe) stalled() time.Duration {
	asked := p.asked.Load()
	if asked == 0 {
		return 0
	}
	return time.Since(p.base) - time.Duration(asked)
}

// watch asks all loops until ctx ends.
func watch(ctx context.Context, probes []*probe, srv Server) {
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for _, p := range probes {
				p.ask(srv)
			}
		case <-ctx.Done():
			return
		}
	}
}
