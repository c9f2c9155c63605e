package sim

import (
	"time"
	"unsafe"
)

// A clock shows the two times that a real one has: what somebody has set it to, and
// how long it has run, which nobody can change. time.Now returns both in one
// time.Time, and so does a clock.
type clock struct {
	wall time.Time
	ran  time.Duration
}

func newClock(now time.Time) clock { return clock{now.Round(0), time.Hour} }

func (c *clock) advance(d time.Duration) { c.wall, c.ran = c.wall.Add(d), c.ran+d }

// set has somebody set the clock by d.
func (c *clock) set(d time.Duration) { c.wall = c.wall.Add(d) }

// now returns a time as time.Now does. Package time has no function for that: this is
// the layout that its documentation of Time describes, and TestClock holds it to that.
func (c *clock) now() time.Time {
	const year1885, monotonic = 59453308800, 1 << 63 // seconds from year 1 to 1885; the flag of a time that has both
	t := c.wall
	raw := (*struct {
		wall uint64 // the flag, 33 bits of seconds since 1885, 30 bits of nanoseconds
		ext  int64
		loc  *time.Location
	})(unsafe.Pointer(&t))
	const unixToYear1 = 62135596800
	seconds := uint64(c.wall.Unix() + unixToYear1 - year1885)
	raw.wall = monotonic | seconds<<30 | uint64(c.wall.Nanosecond())
	raw.ext = int64(c.ran)
	return t
}
