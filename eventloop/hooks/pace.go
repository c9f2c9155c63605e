package hooks

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// unknownRate is how many requests a second, and at once, may come with tokens that no hook
// is known to have: each costs the server's loop a look.
const (
	unknownRate  = 10
	unknownBurst = 50
)

// A Rate is how many messages a hook may send: a second, and at once after a pause. 0 a
// second is no limit.
type Rate struct {
	PerSecond float64
	Burst     int
}

// paces are how fast requests come with each token. Only tokens that a hook has had are
// remembered.
type paces struct {
	limits  Rate
	mu      sync.Mutex
	known   map[string]*rate.Limiter
	unknown *rate.Limiter
}

func newPaces(r Rate) paces {
	return paces{limits: r, known: make(map[string]*rate.Limiter), unknown: rate.NewLimiter(unknownRate, unknownBurst)}
}

// take returns how long a request has to wait; 0: it is taken.
func (p *paces) take(token string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	limiter := p.known[token]
	if limiter == nil {
		limiter = p.unknown
	}
	now := time.Now()
	r := limiter.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return wait
	}
	return 0
}

// note notes whether a hook has a token.
func (p *paces) note(token string, is bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !is:
		delete(p.known, token)
	case p.known[token] == nil:
		limit := rate.Limit(p.limits.PerSecond)
		if limit == 0 {
			limit = rate.Inf
		}
		p.known[token] = rate.NewLimiter(limit, max(p.limits.Burst, 1))
		p.known[token].Allow() // this one
	}
}
