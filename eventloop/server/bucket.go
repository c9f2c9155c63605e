package server

import "time"

// A Rate limits what is taken out of a bucket.
type Rate struct {
	PerSecond float64 // units that come back each second; 0: no limit
	Burst     float64 // units at most
}

// A bucket holds the units that are left to somebody. The zero value is full.
type bucket struct {
	used float64       // units that have not come back yet
	last time.Duration // since the core began, when it was looked which have
}

// take takes units out. If there are too few it takes none and returns how long
// it is until there are enough.
func (b *bucket) take(units int, r Rate, now time.Duration) (wait time.Duration) {
	if wait = b.until(units, r, now); wait == 0 && r.PerSecond > 0 {
		b.used += float64(units)
	}
	return wait
}

// until returns how long it is until units can be taken. More than there can ever be are
// taken out of a full bucket.
func (b *bucket) until(units int, r Rate, now time.Duration) time.Duration {
	if r.PerSecond <= 0 {
		return 0
	}
	b.refill(r, now)
	over := min(b.used+float64(units)-r.Burst, b.used)
	if over <= 0 {
		return 0
	}
	return max(time.Duration(over/r.PerSecond*float64(time.Second)), 1)
}

// behind returns how long it is until so many units have come back that are taken one
// after the other.
func (b *bucket) behind(units int, r Rate, now time.Duration) time.Duration {
	b.refill(r, now)
	return max(time.Duration((b.used+float64(units)-r.Burst)/r.PerSecond*float64(time.Second)), 0)
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
