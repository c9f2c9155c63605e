package load

import (
	"fmt"
	"strconv"
	"time"
)

// duration writes three figures and a unit.
func duration(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d < time.Microsecond:
		return fmt.Sprintf("%dns", d)
	case d < time.Millisecond:
		return figures(float64(d)/1e3) + "µs"
	case d < time.Second:
		return figures(float64(d)/1e6) + "ms"
	}
	return figures(d.Seconds()) + "s"
}

// figures writes a number from 1 on with three figures, or all of them.
func figures(v float64) string {
	switch {
	case v < 9.995:
		return fmt.Sprintf("%.2f", v)
	case v < 99.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func bytesText(n int64) string {
	switch {
	case n < 10<<10:
		return grouped(n) + " B"
	case n < 10<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

func perSecond(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

func rate(n int64, d time.Duration) string {
	v := perSecond(n, d)
	if v < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	return grouped(int64(v + 0.5))
}

func groupedU(n uint64) string { return grouped(int64(min(n, 1<<62))) }

// plural writes a number with its noun.
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// grouped writes a number with commas.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
