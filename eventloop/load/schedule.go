package load

import (
	"math"
	"time"
)

// A schedule says when each message is due. It depends on nothing that the
// server does: that is the open model, in which a server that stalls is told of
// by the messages that were due meanwhile.
type schedule struct {
	rate float64       // messages per second
	ramp time.Duration // over which the rate rises evenly from 0
}

// due returns when message k, counted from 0, is due after the start. While the
// rate rises, rate*t*t/(2*ramp) messages are due by t.
func (s schedule) due(k int) time.Duration {
	rising := s.rate * s.ramp.Seconds() / 2
	if float64(k) < rising {
		return time.Duration(math.Sqrt(2*float64(k)*s.ramp.Seconds()/s.rate) * 1e9)
	}
	return s.ramp + time.Duration((float64(k)-rising)/s.rate*1e9)
}

// count returns how many messages are due within d.
func (s schedule) count(d time.Duration) int {
	if s.rate <= 0 || d <= 0 {
		return 0
	}
	low, high := 0, int(s.rate*d.Seconds())+2
	for low < high { // the first that is due at d or later
		mid := (low + high) / 2
		if s.due(mid) < d {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}
