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

// directs are the direct messages that were not seen yet, by the persons whom they are
// for and whom they are from, and the guests of whom there may be any in the store.
type directs map[string]*mailbox

// A mailbox is one person's. There is none that says nothing.
type mailbox struct {
	person string
	unseen []waiting        // ascending
	sent   map[*mailbox]int // how many of theirs are among the unseen of others, or of themselves
	guest  bool             // a guest to or from whom there are some that are kept
}

// A waiting is one direct message that was not seen yet.
type waiting struct {
	number uint64
	from   *mailbox // the sender's
}

// isGuest reports whether a person is no account.
func isGuest(person string) bool { return strings.HasPrefix(person, command.GuestPrefix) }

// of returns a person's mailbox, to be changed. Of an account it is taken for granted that
// something is kept.
func (d directs) of(person string) *mailbox {
	b := d[person]
	if b == nil {
		b = &mailbox{person: person}
		d[person] = b
	}
	return b
}

// tidy leaves no empty mailbox behind.
func (d directs) tidy(b *mailbox) {
	if len(b.unseen) == 0 {
		b.unseen = nil
	}
	if len(b.unseen) == 0 && len(b.sent) == 0 && !b.guest {
		delete(d, b.person)
	}
}

// check returns nil if one more message of a sender may wait for a receiver who is not
// there, or else users.ErrMailboxFull, ErrSenderFull or ErrGuestsFull.
func (d directs) check(to, from string) error {
	b := d[to]
	if b == nil {
		return nil
	}
	sent, ofGuests := 0, 0
	for _, w := range b.unseen[:min(len(b.unseen), users.MaxDirects)] {
		if w.from.person == from {
			sent++
		}
		if isGuest(w.from.person) {
			ofGuests++
		}
	}
	switch {
	case len(b.unseen) >= users.MaxDirects:
		return users.ErrMailboxFull
	case sent >= users.MaxDirectsFrom:
		return users.ErrSenderFull
	case isGuest(from) && ofGuests >= users.MaxDirectsOfGuests:
		return users.ErrGuestsFull
	}
	return nil
}

// add adds the newest message, and returns how many wait for that person now.
func (d directs) add(u Unseen) int {
	to, from := d.of(u.Person), d.of(u.From)
	to.unseen = append(to.unseen, waiting{u.Number, from})
	from.count(to, 1)
	to.note()
	from.note()
	return len(to.unseen)
}

// note notes that something is kept of a person, which matters of guests only.
func (b *mailbox) note() { b.guest = b.guest || isGuest(b.person) }

// count leaves no empty entries behind.
func (b *mailbox) count(to *mailbox, n int) {
	if b.sent == nil {
		b.sent = make(map[*mailbox]int)
	}
	if b.sent[to] += n; b.sent[to] == 0 {
		delete(b.sent, to)
	}
}

// see takes out what is numbered up to a number, and returns the cursor: the number of
// the last message that was seen, at most the last there is. moved is false if there
// was nothing to take out.
func (d directs) see(person string, upTo uint64) (cursor uint64, moved bool) {
	b := d[person]
	if b == nil {
		return 0, false
	}
	n, exact := slices.BinarySearchFunc(b.unseen, upTo, func(w waiting, number uint64) int { return cmp.Compare(w.number, number) })
	if exact {
		n++
	}
	if n == 0 {
		return 0, false
	}
	cursor = min(upTo, b.unseen[len(b.unseen)-1].number)
	d.takeOut(b, n)
	return cursor, true
}

// takeOut takes the first n out of what waits.
func (d directs) takeOut(b *mailbox, n int) {
	seen := b.unseen[:n]
	b.unseen = b.unseen[n:]
	for _, w := range seen {
		w.from.count(b, -1)
		d.tidy(w.from)
	}
	clear(seen)
	d.tidy(b)
}

// trim sees the oldest of too many messages, and returns the cursor. It is for when there
// are a quarter more than may be, so that it is seldom.
func (d directs) trim(person string) (cursor uint64) {
	unseen := d[person].unseen
	cursor, _ = d.see(person, unseen[len(unseen)-maxUnseen-1].number)
	return cursor
}

// span returns the numbers of the first and the last that were not seen, 0 and 0 if
// there are none.
func (d directs) span(person string) (from, upTo uint64) {
	b := d[person]
	if b == nil || len(b.unseen) == 0 {
		return 0, 0
	}
	return b.unseen[0].number, b.unseen[len(b.unseen)-1].number
}

// Unseen returns the numbers of the direct messages to a person that they have not
// seen: of the first and the last; 0 and 0 if there are none.
func (s *State) Unseen(person string) (from, upTo uint64) { return s.directs.span(person) }

// kept reports whether there may be messages to or from a person that are kept. What a
// guest who was forgotten has left for accounts still is.
func (d directs) kept(person string) bool {
	b := d[person]
	return !isGuest(person) || b != nil && (b.guest || len(b.sent) > 0)
}

// forget forgets what waits for a person, and what they have sent: of a guest only what
// waits for guests. It reports whether something of them may be kept.
func (d directs) forget(person string) bool {
	kept, b := d.kept(person), d[person]
	if b == nil {
		return kept
	}
	b.guest = false
	d.takeOut(b, len(b.unseen))
	for to, n := range b.sent {
		if isGuest(person) && !isGuest(to.person) {
			continue
		}
		to.unseen = slices.DeleteFunc(to.unseen, func(w waiting) bool { return w.from == b })
		b.count(to, -n)
		d.tidy(to)
	}
	d.tidy(b)
	return kept
}

// rename makes what waits for one person, and what they have sent, another's. It
// reports whether something of them may be kept.
func (d directs) rename(from, to string) bool {
	kept, b := d.kept(from), d[from]
	if from == to {
		return false
	}
	if b == nil {
		return kept
	}
	now := d.of(to)
	for receiver, n := range b.sent {
		for i := range receiver.unseen {
			if w := &receiver.unseen[i]; w.from == b {
				w.from = now
			}
		}
		now.count(receiver, n)
	}
	for _, w := range b.unseen {
		w.from.count(b, -1)
		w.from.count(now, 1)
	}
	now.unseen = append(now.unseen, b.unseen...)
	slices.SortFunc(now.unseen, func(a, b waiting) int { return cmp.Compare(a.number, b.number) })
	delete(d, from)
	if kept {
		now.note()
	}
	d.tidy(now)
	return kept
}
