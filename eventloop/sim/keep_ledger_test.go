package sim_test

import (
	"slices"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/state"
)

// putPruned notes what is kept no more, and checks that it need not be.
func (l *ledger) putPruned(rows *state.Rows) {
	for _, p := range rows.Pruned {
		switch r := l.roomOf(p.Room, p.UpTo); {
		case p.Gone:
		case p.Room == "":
			l.pruneDirects(p.UpTo, rows.Time)
		case r == nil || r.until > 0 && r.until < l.commits:
			l.fail("%+v is pruned in a room that is not there", p)
		default:
			l.pruneRoom(r, p.UpTo, rows.Time)
		}
	}
}

// pruneRoom checks that each message which goes is older than what is kept, or that there are
// as many behind it as are kept.
func (l *ledger) pruneRoom(r *room, upTo uint64, now time.Time) {
	days, most := less(r.KeepDays, l.keepDays), less(r.KeepMessages, l.keepMessages)
	r.prunedTo = upTo
	left := slices.DeleteFunc(slices.Clone(r.numbers), func(n uint64) bool { return l.lost[n] })
	for i, n := range left {
		if n > upTo {
			break
		}
		old := days > 0 && l.messages[n].Time.Before(now.AddDate(0, 0, -days))
		if behind := len(left) - i - 1; !old && (most == 0 || behind < most) {
			l.fail("%d of %s is pruned, which has %d messages behind it and is of %s, and kept are %d days and %d messages", n, r.Name, behind, l.messages[n].Time, days, most)
		}
		l.lose(n)
	}
}

// pruneDirects does the same for direct messages. Those that were not seen stay until then,
// so it is not known whether one is there.
func (l *ledger) pruneDirects(upTo uint64, now time.Time) {
	for n, dm := range l.directs {
		if n > upTo {
			continue
		}
		if l.keepDays == 0 || !dm.Time.Before(now.AddDate(0, 0, -l.keepDays)) {
			l.fail("the direct message %d of %s is pruned, and kept are %d days", n, dm.Time, l.keepDays)
		}
		l.gone[n] = true
	}
}

// lose notes that a message of a room is kept no more.
func (l *ledger) lose(n uint64) {
	l.lost[n], l.ended[n] = true, true
	l.fates[n].untell(true)
}

// withoutLost returns the numbers of messages that are kept.
func (l *ledger) withoutLost(numbers []uint64) []uint64 {
	return slices.DeleteFunc(slices.Clone(numbers), func(n uint64) bool { return l.lost[n] })
}

// less returns the less of two, where 0 is all.
func less(a, b int) int {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// putErased notes what goes with an account that has had itself forgotten: others read a
// pseudonym in place of its name.
func (l *ledger) putErased(f *state.Forgotten) {
	e := f.Erased
	is := func(name, person string) bool {
		return name != "" && users.Fold(name) == users.Fold(e.Name) && (person == "" || person == e.Person || person == e.Guest)
	}
	for i := range l.orders.acts {
		a := &l.orders.acts[i]
		if is(a.By, a.Person) {
			a.By, a.Person = e.As, ""
		}
		if is(a.Name, a.Target) {
			a.Name, a.Target = e.As, ""
		}
	}
	for _, s := range l.orders.sanctions {
		if s.upTo == 0 && (s.person == f.Person || s.name == f.Person) {
			s.upTo = f.UpTo
		}
	}
	l.pseudonyms[users.Fold(e.Name)] = e.As
	for n, fate := range l.fates {
		fate.erase(e, f.UpTo, l.owns(f.Person, n))
	}
	for n := range l.messages {
		if e.Texts && n <= f.UpTo && !l.lost[n] && l.owns(f.Person, n) {
			l.lose(n)
		}
	}
}

// erase puts the pseudonym of somebody in place of their name. Who has removed what they have
// said themselves is named still.
func (f *fate) erase(e *state.Erased, upTo uint64, own bool) {
	if f.removed != nil && !own && users.Fold(f.removed.By) == e.Person && f.removedBy <= upTo && (e.Guest != "" || f.removedBy > e.After) {
		f.removed = &protocol.Removal{By: e.As, Why: f.removed.Why}
	}
	for i := range f.reactions {
		r := &f.reactions[i]
		account, guest := r.person == e.Person && r.number > e.After, r.person != "" && r.person == e.Guest && r.number <= e.After
		if r.number <= upTo && (account || guest) {
			r.name, r.person = e.As, ""
		}
	}
}
