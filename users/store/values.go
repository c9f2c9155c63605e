package store

import (
	"math"
	"time"

	"parley/users"
)

func fold(name string) string { return users.Fold(name) }

// signed returns a number as a column has it. No number is ever greater.
func signed(number uint64) int64 { return int64(min(number, math.MaxInt64)) }

// nanoseconds returns how a time is stored. It is good for the years 1678 to 2262.
func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}
