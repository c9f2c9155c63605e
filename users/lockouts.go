package users

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Lockouts block logins after wrong passwords. One goroutine owns them. Which rule
// holds is a limit.
//
// Strict: the Failures-th wrong password in a row blocks the name, for everybody and
// with the right password too. When the block is over there are as many tries again,
// and the next block is twice as long. A login that succeeds ends the row and the
// doubling, and so does a time of Quiet with neither a block nor a wrong password.
//
// Lenient: the same blocks only the pair of a name and an address, so that a guesser
// has no tries left and others have. What all addresses together get wrong of a name is
// bounded as well: NameFailures at once, and as many again within NameWindow; beyond it
// the name is blocked until one more is free. NameReserve more are for addresses that have
// not guessed themselves: who has is not to take the tries of an owner on a journey, and comes
// behind all others for NameMemory. While more of them compete than these are enough for, each try
// that becomes free is drawn by lot (Draw), so that the owner gets in after as many of them on
// average as there are others, however often those ask. This ends when all of them have guessed.
//
// All of that does not hold for an address that is known, from which somebody has logged in to
// the account: nobody who guesses elsewhere can lock its owner out. Such an address has tries of
// its own, whose blocks do not become longer, and which the block of the address does not take
// away: who guesses from where the owner is, behind the same router, makes the owner wait for
// Block at most, as long as both try. See NIST SP 800-63B-4,
// 3.2.2 (addresses from which the subscriber was authenticated before are let through)
// and OWASP's device cookies (who is known is counted apart from all who are not). An
// address and not a cookie, since plain clients keep nothing.
//
// In both, what comes during a block neither counts nor prolongs it: who only wants to
// lock somebody out has to wait too. Whether a name is registered is not known here, so
// that names nobody has cannot behave otherwise.
//
// Addresses: wrong passwords are counted in a sliding window, whatever the names. A
// login that succeeds changes nothing, or an attacker would log in as himself now and
// then. Loopback is an address like any other. A Unix socket's peer has none, and only
// the names protect from it: all its users are one, and who may use it is for the rights
// of its file to say.
//
// Memory is bounded by Names, for names and for pairs, and Addrs. When it is full, what
// matters least gives way: pairs before those of a name whose tries are used up, what is not
// blocked, then the lower level, then fewer failures, then what was quiet for longer. A flood
// of names with a failure or two each thus pushes out itself, never a block; to push out one
// block an attacker has to have as many others blocked as there is room for, which costs
// Names x Failures hashes (25 minutes on one core) and AddrFailures of them an address.
type Lockouts struct {
	limits LockoutLimits
	knows  func(name, addr string) bool
	names  map[string]*watched // by folded name; lenient: what all addresses together got wrong
	pairs  map[string]*watched // lenient: by fromKey
	addrs  map[string]*watched // by AddrKey
}

// A watched is a name or an address with wrong passwords.
type watched struct {
	Lockout
	recent []time.Time // addresses: when the failures that count were, oldest first
}

// NewLockouts returns those of nobody. knows is asked whether an address (an AddrKey) is
// known of the account with a folded name, and is not to call these; nil: none is.
func NewLockouts(limits LockoutLimits, knows func(name, addr string) bool) *Lockouts {
	return &Lockouts{limits: limits.withRoom(), knows: knows,
		names: make(map[string]*watched), pairs: make(map[string]*watched), addrs: make(map[string]*watched)}
}

// fromKey is the key of an address that tries a name. No name has a slash in it.
func fromKey(folded, addr string) string { return folded + "/" + addr }

// known reports whether wrong passwords elsewhere do not concern a login.
func (g *Lockouts) known(folded, addr string) bool {
	return g.limits.Lenient && g.knows != nil && g.knows(folded, addr)
}

// Check returns whether a login is blocked and for how long. addr is an AddrKey. Before a
// password is looked at, Draw is asked.
func (g *Lockouts) Check(name string, addr string, now time.Time) (wait time.Duration, blocked bool) {
	folded := Fold(name)
	switch {
	case !g.limits.Lenient:
		wait = max(g.names[folded].wait(now), g.addrs[addr].wait(now))
	case g.known(folded, addr):
		wait = g.pairs[fromKey(folded, addr)].wait(now)
	default:
		pair := g.pairs[fromKey(folded, addr)]
		wait = max(pair.wait(now), g.names[folded].wait(now)-g.reserve(pair, now), g.addrs[addr].wait(now))
	}
	return wait, wait > 0
}

// wait returns for how long what is watched is blocked; 0: it is not, or nothing is watched.
func (w *watched) wait(now time.Time) time.Duration {
	if w == nil {
		return 0
	}
	return max(w.Until.Sub(now), 0)
}

// reserve returns how much earlier than others an address may try a name that all together
// have guessed wrong too often: by as many tries of NameReserve as it has left of its own
// Failures, and not at all once it was blocked. When that is forgotten it counts as one that has
// failed once, until NameMemory is over. Nothing is known of any if none is counted.
func (g *Lockouts) reserve(pair *watched, now time.Time) time.Duration {
	failures := g.limits.Failures
	if failures <= 0 || g.limits.Block <= 0 {
		return 0
	}
	left := failures
	switch {
	case pair == nil || g.stalePair(pair, now):
	case g.staleRow(pair, now):
		left--
	case pair.Level > 0:
		left = 0
	default:
		left -= pair.Failures
	}
	return g.limits.nameEvery() * time.Duration(g.limits.NameReserve*left/failures)
}

// Failed counts a wrong password. It returns how long the next login has to
// wait, as Check does, and what has to be kept or removed on disk. The caller
// has checked that the name is one a user may have. If the block came while the password
// was looked at, it is late and does not count: so what is answered, and what comes then,
// is as it is with the right one.
func (g *Lockouts) Failed(name string, addr string, now time.Time) (wait time.Duration, late bool, changed []Lockout) {
	if wait, late = g.Check(name, addr, now); late {
		return wait, true, nil
	}
	folded, blocks := Fold(name), g.limits.Failures > 0 && g.limits.Block > 0
	switch {
	case !g.limits.Lenient:
		if blocks {
			changed = g.failedInRow(g.names, harmUnless(g.staleName), folded, false, now, changed)
		}
	case g.known(folded, addr):
		if blocks {
			changed = g.failedInRow(g.pairs, g.pairHarm, fromKey(folded, addr), true, now, changed)
		}
	default:
		if blocks {
			changed = g.failedInRow(g.pairs, g.pairHarm, fromKey(folded, addr), false, now, changed)
		}
		if g.limits.nameEvery() > 0 {
			changed = g.failedOfAll(folded, now, changed)
		}
	}
	if addr != "" && g.limits.AddrFailures > 0 {
		changed = g.failedAddr(addr, now, changed)
	}
	wait, _ = g.Check(name, addr, now)
	return wait, false, changed
}

// failedInRow counts one of those that block in a row: for longer each time, unless all
// are to be as long as the first.
func (g *Lockouts) failedInRow(table map[string]*watched, harm ranking, key string, even bool, now time.Time, changed []Lockout) []Lockout {
	w, changed := enter(table, key, g.limits.Names, g.staleRow, harm, now, changed)
	w.Failures++
	w.Last = now
	if w.Failures == 1 {
		w.First = now
	}
	if w.Failures >= g.limits.Failures {
		w.Failures = 0
		w.Level++
		level := w.Level
		if even {
			level = 1
		}
		w.Until = now.Add(g.limits.blockFor(level))
	}
	return append(changed, w.Lockout)
}

// failedOfAll counts one of those that all addresses together get wrong of a name, which
// is a leaky bucket: Until is when there is room for one without a reserve.
func (g *Lockouts) failedOfAll(key string, now time.Time, changed []Lockout) []Lockout {
	w, changed := enter(g.names, key, g.limits.Names, g.staleName, harmUnless(g.staleName), now, changed)
	every := g.limits.nameEvery()
	room := every * time.Duration(g.limits.NameFailures-1)
	empty := later(w.Until.Add(room), now).Add(every)
	w.Until, w.Last = empty.Add(-room), now
	w.Failures = int((empty.Sub(now) + every - 1) / every)
	if w.Failures == 1 {
		w.First = now
	}
	return append(changed, w.Lockout)
}

func (g *Lockouts) failedAddr(key string, now time.Time, changed []Lockout) []Lockout {
	w, changed := enter(g.addrs, key, g.limits.Addrs, g.staleAddr, harmUnless(g.staleAddr), now, changed)
	if w.Until.After(now) { // who is known may try nevertheless
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
	table, key := g.names, Fold(name)
	if g.limits.Lenient { // else who logs in would give a guesser elsewhere as many again
		table, key = g.pairs, fromKey(key, addr)
	}
	return 0, false, drop(table, key, nil)
}

// drop forgets what is under a key, if there is something, and adds to changed what has to
// be removed on disk.
func drop(table map[string]*watched, key string, changed []Lockout) []Lockout {
	if _, ok := table[key]; !ok {
		return changed
	}
	delete(table, key)
	return append(changed, Lockout{Key: key})
}

// Unblock forgets a name or, if who is an IP address, an address, with all pairs that it
// is one of. It returns what has to be removed on disk: nothing if there was nothing.
func (g *Lockouts) Unblock(who string) (changed []Lockout) {
	table, key := g.find(who)
	changed = drop(table, key, nil)
	for pair := range g.pairs {
		name, addr := Lockout{Key: pair}.Pair()
		if name == key || addr == key {
			changed = drop(g.pairs, pair, changed)
		}
	}
	slices.SortFunc(changed, compareKeys)
	return changed
}

// Lookup returns what is remembered of a name, whatever the addresses, or, if who is an IP
// address, of an address, whatever the names.
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
	changed = sweep(g.pairs, g.stalePair, now, changed)
	changed = sweep(g.addrs, g.staleAddr, now, changed)
	slices.SortFunc(changed, compareKeys)
	return changed
}

// Len returns how many names, addresses and pairs of them are remembered.
func (g *Lockouts) Len() int { return len(g.names) + len(g.pairs) + len(g.addrs) }

// Export returns all that is remembered, in the order of the keys.
func (g *Lockouts) Export() []Lockout {
	all := make([]Lockout, 0, g.Len())
	for _, table := range g.tables() {
		for _, w := range table {
			all = append(all, w.Lockout)
		}
	}
	slices.SortFunc(all, compareKeys)
	return all
}

func (g *Lockouts) tables() []map[string]*watched {
	return []map[string]*watched{g.names, g.pairs, g.addrs}
}

// Restore takes over what others has exported, as it is: SetLimits is to follow.
// The failures from an address count as if all had been at the last one's time.
func (g *Lockouts) Restore(blocks []Lockout) {
	for _, b := range blocks {
		g.table(b.Key)[b.Key] = &watched{Lockout: b}
	}
}

// table returns the one in which a key is.
func (g *Lockouts) table(key string) map[string]*watched {
	switch {
	case strings.HasPrefix(key, addrPrefix):
		return g.addrs
	case strings.Contains(key, "/"):
		return g.pairs
	}
	return g.names
}

// SetLimits puts others in the place of the limits, and returns what has to be kept
// otherwise or removed on disk. The clock may have been wrong when it was kept: nothing
// is blocked for longer than a block can last.
func (g *Lockouts) SetLimits(limits LockoutLimits, now time.Time) (changed []Lockout) {
	g.limits = limits.withRoom()
	row, pair, every := g.limits.Failures, 0, g.limits.nameEvery()
	longest := g.limits.blockFor
	if g.limits.Lenient {
		row, pair = 0, g.limits.Failures
		if every > 0 {
			row = g.limits.NameFailures + g.limits.NameReserve + 1
			longest = func(int) time.Duration { return every * time.Duration(1+g.limits.NameReserve) }
		}
	}
	changed = refit(g.names, g.limits.Names, row, longest, g.staleName, harmUnless(g.staleName), now, changed)
	changed = refit(g.pairs, g.limits.Names, pair, g.limits.blockFor, g.stalePair, g.pairHarm, now, changed)
	addrBlock := func(int) time.Duration { return g.limits.AddrBlock }
	return refit(g.addrs, g.limits.Addrs, g.limits.AddrFailures, addrBlock, g.staleAddr, harmUnless(g.staleAddr), now, changed)
}

// staleRow reports whether the row of a name, or of a pair, is over: the next wrong password is
// the first one again.
func (g *Lockouts) staleRow(w *watched, now time.Time) bool {
	return now.Sub(later(w.Last, w.Until)) >= g.limits.Quiet
}

// stalePair reports whether a pair is as good as one that was never tried.
func (g *Lockouts) stalePair(w *watched, now time.Time) bool {
	return now.Sub(later(w.Last, w.Until)) >= max(g.limits.Quiet, g.limits.NameMemory)
}

// staleName does so for a name by the rule that holds.
func (g *Lockouts) staleName(w *watched, now time.Time) bool {
	if !g.limits.Lenient {
		return g.staleRow(w, now)
	}
	room := g.limits.nameEvery() * time.Duration(max(g.limits.NameFailures-1, 0))
	return !w.Until.Add(room).After(now)
}

// staleAddr does so for an address.
func (g *Lockouts) staleAddr(w *watched, now time.Time) bool {
	return !w.Until.After(now) && now.Sub(w.Last) >= g.limits.AddrWindow
}
