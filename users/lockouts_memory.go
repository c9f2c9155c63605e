package users

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// How Lockouts remember: what stays when there is no room for all.

// A ranking says how much the loss of what is watched helps an attacker at some time; 0: not at all.
type ranking func(now time.Time) func(w *watched) int64

// refit puts a table under limits: so many entries, failures that block, and the longest
// block of a level.
func refit(table map[string]*watched, full, failures int, longest func(level int) time.Duration, stale func(*watched, time.Time) bool, harm ranking, now time.Time, changed []Lockout) []Lockout {
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
	harmOf := harm(now)
	slices.SortFunc(left, func(a, b *watched) int {
		return cmp.Or(cmp.Compare(harmOf(a), harmOf(b)), a.Last.Compare(b.Last), strings.Compare(a.Key, b.Key))
	})
	for _, w := range left[:len(left)-full] {
		delete(table, w.Key)
		changed = append(changed, Lockout{Key: w.Key})
	}
	return changed
}

// enter returns what is watched under key, new if there was nothing or that is over, and
// adds to changed what had to make room for it.
func enter(table map[string]*watched, key string, full int, over func(*watched, time.Time) bool, harm ranking, now time.Time, changed []Lockout) (*watched, []Lockout) {
	w := table[key]
	if w == nil {
		if len(table) >= full {
			out := leastHarmful(table, harm, now)
			delete(table, out)
			changed = append(changed, Lockout{Key: out})
		}
		w = &watched{Lockout: Lockout{Key: key}}
		table[key] = w
	} else if over(w, now) {
		*w = watched{Lockout: Lockout{Key: key}}
	}
	return w, changed
}

// leastHarmful returns the key whose loss helps an attacker least. It looks at all: of 10,000
// names in 0.5 ms, and of as many pairs besides in 2 ms together (go test ./users -bench
// Lockouts, 2 shared cores of an AMD EPYC, others at work, 2026-11-28). Each failure has cost a
// hash of 20 ms or more.
func leastHarmful(table map[string]*watched, harm ranking, now time.Time) string {
	var least *watched
	var lowest int64
	harmOf := harm(now)
	for _, w := range table {
		if h := harmOf(w); least == nil || h < lowest || h == lowest && w.olderThan(least) {
			least, lowest = w, h
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

// harmUnless is the ranking of what is not stale by its harm.
func harmUnless(stale func(*watched, time.Time) bool) ranking {
	return func(now time.Time) func(w *watched) int64 {
		return func(w *watched) int64 {
			if stale(w, now) {
				return 0
			}
			return w.harm(now)
		}
	}
}

// pairHarm puts pairs above all others of which the name's tries are used up by all together: who
// has guessed there comes behind the owner as long as that is remembered.
func (g *Lockouts) pairHarm(now time.Time) func(w *watched) int64 {
	used := make(map[string]bool)
	for name, w := range g.names {
		if w.Until.After(now) {
			used[name] = true
		}
	}
	return func(w *watched) (harm int64) {
		if !g.staleRow(w, now) {
			harm = w.harm(now)
		}
		if len(used) == 0 {
			return harm
		}
		if name, _ := w.Pair(); used[name] && !g.stalePair(w, now) {
			harm |= 1 << 41
		}
		return harm
	}
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
