package users

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// How Lockouts remember: what stays when there is no room for all.

// refit puts a table under limits: so many entries, failures that block, and the longest
// block of a level. If there are too many, those whose row is over go first.
func refit(table map[string]*watched, full, failures int, longest func(level int) time.Duration, stale, over func(*watched, time.Time) bool, now time.Time, changed []Lockout) []Lockout {
	var left []*watched
	for _, key := range slices.Sorted(maps.Keys(table)) {
		w := table[key]
		before := w.Lockout
		w.Failures, w.Level = max(0, min(w.Failures, failures-1)), max(0, w.Level)
		w.Until, w.Last = asOf(w.Until, now, longest(w.Level)), asOf(w.Last, now, 0)
		if more := w.Failures - len(w.recent); more > 0 && strings.HasPrefix(key, addrPrefix) {
			w.recent = append(w.recent, slices.Repeat([]time.Time{w.Last}, more)...)
		}
		switch {
		case failures <= 0 || stale(w, now):
			delete(table, key)
			changed = append(changed, Lockout{Key: key})
			continue
		case w.Failures != before.Failures || w.Level != before.Level || !w.Until.Equal(before.Until) || !w.Last.Equal(before.Last):
			changed = append(changed, w.Lockout)
		}
		left = append(left, w)
	}
	if len(left) <= full {
		return changed
	}
	slices.SortFunc(left, func(a, b *watched) int {
		switch aOver, bOver := over(a, now), over(b, now); {
		case aOver && !bOver:
			return -1
		case bOver && !aOver:
			return 1
		}
		return a.compareHarm(b, now)
	})
	for _, w := range left[:len(left)-full] {
		delete(table, w.Key)
		changed = append(changed, Lockout{Key: w.Key})
	}
	return changed
}

// enter returns what is watched under key, new if there was nothing of
// importance, and adds to changed what had to make room for it.
func enter(table map[string]*watched, key string, full int, stale func(*watched, time.Time) bool, now time.Time, changed []Lockout) (*watched, []Lockout) {
	w := table[key]
	if w == nil {
		if len(table) >= full {
			out := leastHarmful(table, stale, now)
			delete(table, out)
			changed = append(changed, Lockout{Key: out})
		}
		w = &watched{Lockout: Lockout{Key: key}}
		table[key] = w
	} else if stale(w, now) {
		*w = watched{Lockout: Lockout{Key: key}}
	}
	return w, changed
}

// leastHarmful returns the key whose loss helps an attacker least. It looks at
// all, 0.8 ms for 10,000 (go test -bench Lockouts, on the machine of Idle); each
// failure has cost a hash of 50 ms, so that 40 a second are 6 % of a core at worst.
func leastHarmful(table map[string]*watched, stale func(*watched, time.Time) bool, now time.Time) string {
	var least *watched
	var lowest int64
	for _, w := range table {
		var harm int64 // the least there is
		if !stale(w, now) {
			harm = w.harm(now)
		}
		if least == nil || harm < lowest || harm == lowest && w.olderThan(least) {
			least, lowest = w, harm
		}
	}
	return least.Key
}

// harm orders by whether there is a block now, then by the level, then by the
// failures.
func (w *watched) harm(now time.Time) int64 {
	const most = 1<<20 - 1
	harm := min(int64(w.Level), most)<<20 | min(int64(w.Failures), most)
	if w.Until.After(now) {
		harm |= 1 << 40
	}
	return harm
}

// compareHarm orders two that are not stale by how much their loss helps an attacker.
func (w *watched) compareHarm(other *watched, now time.Time) int {
	return cmp.Or(cmp.Compare(w.harm(now), other.harm(now)), w.Last.Compare(other.Last), strings.Compare(w.Key, other.Key))
}

// olderThan is never true both ways, so that a run can be repeated.
func (w *watched) olderThan(other *watched) bool {
	if c := w.Last.Compare(other.Last); c != 0 {
		return c < 0
	}
	return w.Key < other.Key
}

func sweep(table map[string]*watched, stale func(*watched, time.Time) bool, now time.Time, changed []Lockout) []Lockout {
	for key, w := range table {
		if stale(w, now) {
			delete(table, key)
			changed = append(changed, Lockout{Key: key})
		}
	}
	return changed
}

func compareKeys(a, b Lockout) int { return strings.Compare(a.Key, b.Key) }

// asOf returns a time that was read from the disk, at most so much after now, so that
// it is as far from all later times as it is from now, even if somebody sets the clock
// meanwhile.
func asOf(t, now time.Time, most time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return now.Add(min(t.Sub(now), most))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
