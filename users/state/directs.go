package state

import (
	"cmp"
	"slices"
	"strings"

	"parley/users"
	"parley/users/command"
)

// maxUnseen is how many direct messages to one person are waited for to be seen. So many
// there are only of somebody who is there: older ones were written to a client that
// reads, or else it would have been closed, and count as seen.
const maxUnseen = 1000

// directs are the direct messages that were not seen yet, of each person, and the
// guests of whom there may be any in the store.
type directs struct {
	unseen map[string][]waiting      // by the receiver's person, ascending
	sent   map[string]map[string]int // how many of them, by the sender's person and the receiver's
	guests map[string]bool           // to or from whom there are some that are kept
}

// A waiting is one direct message that was not seen yet.
type waiting struct {
	number uint64
	from   string // the sender's person
}

func newDirects() directs {
	return directs{unseen: make(map[string][]waiting), sent: make(map[string]map[string]int), guests: make(map[string]bool)}
}

// isGuest reports whether a person is no account.
func isGuest(person string) bool { return strings.HasPrefix(person, command.GuestPrefix) }

// check returns nil if one more message of a sender may wait for a receiver who is not
// there, or else users.ErrMailboxFull, ErrSenderFull or ErrGuestsFull.
func (d *directs) check(to, from string) error {
	switch {
	case len(d.unseen[to]) >= users.MaxDirects:
		return users.ErrMailboxFull
	case d.sent[from][to] >= users.MaxDirectsFrom:
		return users.ErrSenderFull
	case isGuest(from) && d.ofGuests(to) >= users.MaxDirectsOfGuests:
		return users.ErrGuestsFull
	}
	return nil
}

func (d *directs) ofGuests(to string) (n int) {
	for _, w := range d.unseen[to] {
		if isGuest(w.from) {
			n++
		}
	}
	return n
}

// add adds the newest message.
func (d *directs) add(u Unseen) {
	d.unseen[u.Person] = append(d.unseen[u.Person], waiting{u.Number, u.From})
	d.count(u.From, u.Person, 1)
	d.note(u.From)
	d.note(u.Person)
}

// note notes that something is kept of a person, which matters of guests only: of an
// account it is taken for granted.
func (d *directs) note(person string) {
	if isGuest(person) && !d.guests[person] {
		d.guests[person] = true
	}
}

// count leaves no empty entries behind.
func (d *directs) count(from, to string, n int) {
	of := d.sent[from]
	if of == nil {
		of = make(map[string]int)
		d.sent[from] = of
	}
	if of[to] += n; of[to] == 0 {
		delete(of, to)
	}
	if len(of) == 0 {
		delete(d.sent, from)
	}
}

// see takes out what is numbered up to a number, and returns the cursor: the number of
// the last message that was seen, at most the last there is. moved is false if there
// was nothing to take out.
func (d *directs) see(person string, upTo uint64) (cursor uint64, moved bool) {
	list := d.unseen[person]
	n, exact := slices.BinarySearchFunc(list, upTo, func(w waiting, number uint64) int { return cmp.Compare(w.number, number) })
	if exact {
		n++
	}
	if n == 0 {
		return 0, false
	}
	cursor = min(upTo, list[len(list)-1].number)
	for _, w := range list[:n] {
		d.count(w.from, person, -1)
	}
	d.put(person, list[n:])
	return cursor, true
}

// put leaves no empty lists behind.
func (d *directs) put(person string, list []waiting) {
	if len(list) == 0 {
		delete(d.unseen, person)
		return
	}
	d.unseen[person] = list
}

// trim sees the oldest of too many messages, as see does: when there are twice as many as
// may be, so that it is seldom.
func (d *directs) trim(person string) (cursor uint64, moved bool) {
	list := d.unseen[person]
	if len(list) <= 2*maxUnseen {
		return 0, false
	}
	return d.see(person, list[len(list)-maxUnseen-1].number)
}

// span returns the numbers of the first and the last that were not seen, 0 and 0 if
// there are none.
func (d *directs) span(person string) (from, upTo uint64) {
	list := d.unseen[person]
	if len(list) == 0 {
		return 0, 0
	}
	return list[0].number, list[len(list)-1].number
}

// Unseen returns the numbers of the direct messages to a person that they have not
// seen: of the first and the last; 0 and 0 if there are none.
func (s *State) Unseen(person string) (from, upTo uint64) { return s.directs.span(person) }

// kept reports whether there may be messages to or from a person that are kept. What a
// guest who was forgotten has left for accounts still is.
func (d *directs) kept(person string) bool {
	return !isGuest(person) || d.guests[person] || len(d.sent[person]) > 0
}

// forget forgets what waits for a person, and what they have sent: of a guest only what
// waits for guests. It reports whether something of them may be kept.
func (d *directs) forget(person string) bool {
	kept := d.kept(person)
	delete(d.guests, person)
	for _, w := range d.unseen[person] {
		d.count(w.from, person, -1)
	}
	delete(d.unseen, person)
	for to := range d.sent[person] {
		if isGuest(person) && !isGuest(to) {
			continue
		}
		d.put(to, slices.DeleteFunc(d.unseen[to], func(w waiting) bool { return w.from == person }))
		d.count(person, to, -d.sent[person][to])
	}
	return kept
}

// rename makes what waits for one person, and what they have sent, another's. It
// reports whether something of them may be kept.
func (d *directs) rename(from, to string) bool {
	if from == to {
		return false
	}
	kept := d.kept(from)
	delete(d.guests, from)
	for receiver, n := range d.sent[from] {
		for i := range d.unseen[receiver] {
			if w := &d.unseen[receiver][i]; w.from == from {
				w.from = to
			}
		}
		d.count(to, receiver, n)
	}
	delete(d.sent, from)
	for _, w := range d.unseen[from] {
		d.count(w.from, from, -1)
		d.count(w.from, to, 1)
	}
	all := append(slices.Clip(d.unseen[to]), d.unseen[from]...)
	slices.SortFunc(all, func(a, b waiting) int { return cmp.Compare(a.number, b.number) })
	delete(d.unseen, from)
	d.put(to, all)
	if kept {
		d.note(to)
	}
	return kept
}
