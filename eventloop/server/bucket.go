package server

import "time"

// A Rate limits what a session may do.
type Rate struct {
	PerSecond float64 // units that come back each second; 0: no limit
	Burst     float64 // units at most
}

// A bucket holds the units that a session has left. The zero value is full.
type bucket struct {
	used float64 // units that have not come back yet
	last int64   // when something was taken, in nanoseconds since 1970
}

// take takes units out. If there are too few it takes none and returns how long
// it is until there are enough.
func (b *bucket) take(units int, r Rate, now time.Time) (wait time.Duration) {
	if r.PerSecond <= 0 {
		return 0
	}
	b.used = max(0, b.used-now.Sub(time.Unix(0, b.last)).Seconds()*r.PerSecond)
	b.last = now.UnixNano()
	used := b.used + float64(units)
	if over := used - r.Burst; over > 0 && b.used > 0 {
		return time.Duration(over / r.PerSecond * float64(time.Second))
	}
	b.used = used
	return 0
}
