package users

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Lockouts block logins after wrong passwords: those to a name, from any address
// and with the right password too, and those from an address, to any name. One
// goroutine owns them.
//
// Names: the Failures-th wrong password in a row blocks a name. When the block is
// over there are as many tries again, and the next block is twice as long. A
// login that succeeds ends the row and the doubling, and so does a time of Quiet
// with neither a block nor a wrong password. What comes while a name is blocked
// neither counts nor prolongs it: who only wants to lock somebody out has to
// wait too. Whether a name is registered is not known here, so that names nobody
// has cannot behave otherwise.
//
// Addresses: wrong passwords are counted in a sliding window. A login that
// succeeds changes nothing, or an attacker would log in as himself now and then.
// Loopback is an address like any other. A Unix socket's peer has none and only
// the names protect from it: all its users would be one, and who may use it is
// for the rights of its file to say.
//
// Memory is bounded by Names and Addrs. When it is full, what matters least
// gives way: what is not blocked, then the lower level, then fewer failures, then
// what was quiet for longer. A flood of names with a failure or two each thus
// pushes out itself, never a block; to push out one block an attacker has to
// have as many others blocked as there is room for, which costs Names x Failures
// hashes (25 minutes on one core) and AddrFailures of them an address.
type Lockouts struct {
	limits LockoutLimits
	names  map[string]*watched // by folded name
	addrs  map[string]*watched // by AddrKey
}

// A watched is a name or an address with wrong passwords.
type watched struct {
	Lockout
	recent []time.Time // addresses: when the failures that count were, oldest first
}

// NewLockouts returns those of nobody.
func NewLockouts(limits LockoutLimits) *Lockouts {
	return &Lockouts{limits: limits.withRoom(), names: make(map[string]*watched), addrs: make(map[string]*watched)}
}

// Check returns whether a login is blocked and for how long. It is called before
// a password is looked at. addr is an AddrKey.
func (g *Lockouts) Check(name string, addr string, now time.Time) (wait time.Duration, blocked bool) {
	for _, w := range []*watched{g.names[Fold(name)], g.addrs[addr]} {
		if w != nil {
			wait = max(wait, w.Until.Sub(now))
		}
	}
	return wait, wait > 0
}

// Failed counts a wrong password. It returns how long the next login has to
// wait, as Check does, and what has to be kept or removed on disk. The caller
// has checked that the name is one a user may have.
func (g *Lockouts) Failed(name string, addr string, now time.Time) (wait time.Duration, changed []Lockout) {
	if g.limits.Failures > 0 && g.limits.Block > 0 {
		changed = g.failedName(Fold(name), now, changed)
	}
	if addr != "" && g.limits.AddrFailures > 0 {
		changed = g.failedAddr(addr, now, changed)
	}
	wait, _ = g.Check(name, addr, now)
	return wait, changed
}

func (g *Lockouts) failedName(key string, now time.Time, changed []Lockout) []Lockout {
	w, changed := enter(g.names, key, g.limits.Names, g.staleName, now, changed)
	if w.Until.After(now) {
		return changed // its password was being looked at when the block came
	}
	w.Failures++
	w.Last = now
	if w.Failures == 1 {
		w.First = now
	}
	if w.Failures >= g.limits.Failures {
		w.Failures = 0
		w.Level++
		w.Until = now.Add(g.limits.blockFor(w.Level))
	}
	return append(changed, w.Lockout)
}

func (g *Lockouts) failedAddr(key string, now time.Time, changed []Lockout) []Lockout {
	w, changed := enter(g.addrs, key, g.limits.Addrs, g.staleAddr, now, changed)
	if w.Until.After(now) {
		return changed
	}
	w.recent = slices.DeleteFunc(w.recent, func(t time.Time) bool { return now.Sub(t) >= g.limits.AddrWindow })
	w.recent = append(w.recent, now)
	w.First, w.Last = w.recent[0], now
	if len(w.recent) >= g.limits.AddrFailures {
		w.recent = nil
		w.Level = 1
		w.Until = now.Add(g.limits.AddrBlock)
	}
	w.Failures = len(w.recent)
	return append(changed, w.Lockout)
}

// Succeeded is called when a password was right. The login is nevertheless
// refused if blocked is true: the block came while the password was looked at,
// and many guesses at once would otherwise all count as the first. It is not for
// logins without a password.
func (g *Lockouts) Succeeded(name string, addr string, now time.Time) (wait time.Duration, blocked bool, changed []Lockout) {
	if wait, blocked := g.Check(name, addr, now); blocked {
		return wait, true, nil
	}
	if gone, ok := g.Unblock(name); ok {
		changed = append(changed, gone)
	}
	return 0, false, changed
}

// Unblock forgets a name or, if who is an IP address, an address. It returns what
// has to be removed on disk; ok is false if there was nothing.
func (g *Lockouts) Unblock(who string) (changed Lockout, ok bool) {
	table, key := g.find(who)
	_, ok = table[key]
	delete(table, key)
	return Lockout{Key: key}, ok
}

// Lookup returns what is remembered of a name or, if who is an IP address, of an
// address.
func (g *Lockouts) Lookup(who string) (Lockout, bool) {
	table, key := g.find(who)
	w, ok := table[key]
	if !ok {
		return Lockout{}, false
	}
	return w.Lockout, true
}

func (g *Lockouts) find(who string) (map[string]*watched, string) {
	if addr, err := netip.ParseAddr(who); err == nil {
		return g.addrs, AddrKey(addr)
	}
	return g.names, Fold(who)
}

// Sweep forgets what plays no part any more and returns what has to be removed
// on disk. Nothing but memory depends on when it is called: now and then.
func (g *Lockouts) Sweep(now time.Time) (changed []Lockout) {
	changed = sweep(g.names, g.staleName, now, changed)
	changed = sweep(g.addrs, g.staleAddr, now, changed)
	slices.SortFunc(changed, compareKeys)
	return changed
}

// Len returns how many names and addresses are remembered.
func (g *Lockouts) Len() int { return len(g.names) + len(g.addrs) }

// Export returns all that is remembered, in the order of the keys.
func (g *Lockouts) Export() []Lockout {
	all := make([]Lockout, 0, len(g.names)+len(g.addrs))
	for _, table := range []map[string]*watched{g.names, g.addrs} {
		for _, w := range table {
			all = append(all, w.Lockout)
		}
	}
	slices.SortFunc(all, compareKeys)
	return all
}

// Restore takes over what others has exported, as it is: SetLimits is to follow.
// The failures from an address count as if all had been at the last one's time.
func (g *Lockouts) Restore(blocks []Lockout) {
	for _, b := range blocks {
		table := g.names
		if strings.HasPrefix(b.Key, addrPrefix) {
			table = g.addrs
		}
		table[b.Key] = &watched{Lockout: b}
	}
}

// SetLimits puts others in the place of the limits, and returns what has to be kept
// otherwise or removed on disk. The clock may have been wrong when it was kept: nothing
// is blocked for longer than a block can last.
func (g *Lockouts) SetLimits(limits LockoutLimits, now time.Time) (changed []Lockout) {
	g.limits = limits.withRoom()
	changed = refit(g.names, g.limits.Names, g.limits.Failures, g.limits.blockFor, g.staleName, now, changed)
	addrBlock := func(int) time.Duration { return g.limits.AddrBlock }
	return refit(g.addrs, g.limits.Addrs, g.limits.AddrFailures, addrBlock, g.staleAddr, now, changed)
}

// refit puts a table under limits: so many entries, failures that block, and the longest
// block of a level.
func refit(table map[string]*watched, full, failures int, longest func(level int) time.Duration, stale func(*watched, time.Time) bool, now time.Time, changed []Lockout) []Lockout {
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
	slices.SortFunc(left, func(a, b *watched) int { return a.compareHarm(b, now) })
	for _, w := range left[:len(left)-full] {
		delete(table, w.Key)
		changed = append(changed, Lockout{Key: w.Key})
	}
	return changed
}

// staleName reports whether a name is as good as one that was never tried.
func (g *Lockouts) staleName(w *watched, now time.Time) bool {
	return now.Sub(later(w.Last, w.Until)) >= g.limits.Quiet
}

// staleAddr does so for an address.
func (g *Lockouts) staleAddr(w *watched, now time.Time) bool {
	return !w.Until.After(now) && now.Sub(w.Last) >= g.limits.AddrWindow
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
