package sim

import (
	"testing"
	"time"
)

// A time of the clock is one like time.Now's: it shows what the clock was set to, and
// differences are of how long it has run.
func TestClock(t *testing.T) {
	begin := time.Date(2026, 11, 21, 9, 30, 0, 123456789, time.UTC)
	c := newClock(begin)
	before := c.now()
	c.advance(2 * time.Second)
	c.set(-time.Hour)
	after := c.now()
	if !before.Round(0).Equal(begin) || !after.Round(0).Equal(begin.Add(2*time.Second-time.Hour)) {
		t.Errorf("the clock shows %s, then %s", before, after)
	}
	if d := after.Sub(before); d != 2*time.Second || !before.Before(after) || !after.Equal(before.Add(d)) {
		t.Errorf("%s have gone by", d)
	}
	if real := time.Now(); real.Sub(real.Round(0)) != 0 || before.UTC().Sub(before) != 0 {
		t.Error("the times cannot be compared with others")
	}
}
