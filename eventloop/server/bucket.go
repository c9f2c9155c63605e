package server

import "time"

// A Rate limits what a session may do.
type Rate struct {
	PerSecond float64 // units that come back each second; 0: no limit
	Burst     float64 // units at most
}

// A bucket holds the units that a session has left. The zero value is full.
type bucket struct {
	used float64       // units that have not come back yet
	last time.Duration // since the core began, when it was looked which have
}

// take takes units out. If there are too few it takes none and returns how long
// it is until there are enough.
func (b *bucket) take(units int, r Rate, now time.Duration) (wait time.Duration) {
	if r.PerSecond <= 0 {
		return 0
	}
	b.refill(r, now)
	used := b.used + float64(units)
	if over := used - r.Burst; over > 0 && b.used > 0 {
		return time.Duration(over / r.PerSecond * float64(time.Second))
	}
	b.used = used
	return 0
}

// spend takes out units that were used already, even if there are too few: the next
// take waits for them.
func (b *bucket) spend(units int, r Rate, now time.Duration) {
	b.refill(r, now)
	b.used += float64(units)
}

func (b *bucket) refill(r Rate, now time.Duration) {
	b.used = max(0, b.used-(now-b.last).Seconds()*r.PerSecond)
	b.last = now
}
