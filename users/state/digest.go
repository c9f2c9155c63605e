package state

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Digest returns a hash of all that decides what commands do: states that went through
// the same ones have the same.
func (s *State) Digest() (sum [32]byte) {
	h := sha256.New()
	s.Dump(h)
	h.Sum(sum[:0])
	return sum
}

// Dump writes all that decides what commands do, a line for each thing, in an order of
// its own: what differs between two states is what differs between their lines.
func (s *State) Dump(to io.Writer) {
	w := bufio.NewWriter(to)
	defer w.Flush()
	fmt.Fprintf(w, "last %d at %d, swept %d\nlimits %+v\n", s.last, s.time.UnixNano(), s.swept.UnixNano(), s.limits)
	s.accounts.Dump(w)
	for _, v := range s.presence.Export() {
		fmt.Fprintf(w, "%#v\n", v)
	}
	s.lookalikes.Dump(w)
	s.blocks.Dump(w)
	s.leftBlocks.dump(w)
	s.lockouts.Dump(w)
	s.invitations.Dump(w)
	for _, g := range s.guests.queue {
		fmt.Fprintf(w, "guest %q left %d\n", g.person, g.left.UnixNano())
	}
	s.directs.dump(w)
	s.requests.dump(w)
	s.changes.dump(w)
	s.rooms.dump(w)
	s.participants.dump(w)
	for _, h := range s.hooks {
		fmt.Fprintf(w, "hook %+v\n", h)
	}
	s.nodes.dump(w)
	s.dumpPruned(w)
	s.dumpOrder(w)
	s.dumpPaces(w)
	s.dumpOrders(w)
}

// dumpPruned writes up to where nothing is kept.
func (s *State) dumpPruned(w io.Writer) {
	for _, room := range slices.Sorted(maps.Keys(s.pruned)) {
		fmt.Fprintf(w, "pruned %q to %d\n", room, s.pruned[room])
	}
}

// dumpOrder writes what those have decided who keep order.
func (s *State) dumpOrder(w io.Writer) {
	fmt.Fprintf(w, "settings %+v\n", s.settings)
	for _, v := range s.sanctions.sorted() {
		fmt.Fprintf(w, "sanction %+v\n", *v)
	}
	for _, a := range s.reports {
		fmt.Fprintf(w, "report %+v\n", *a)
	}
}

// dumpPaces writes who has said something where it is slow.
func (s *State) dumpPaces(w io.Writer) {
	s.pace.dump(w, Lobby)
	for _, r := range s.rooms.sorted {
		r.pace.dump(w, r.Name)
	}
}

// dumpOrders writes in which order things came, or are, where that decides in which order rows
// and results come.
func (s *State) dumpOrders(w io.Writer) {
	for _, r := range s.rooms.sorted {
		fmt.Fprintf(w, "in %q are %q, invited %q\n", r.Name, persons(r.members), persons(r.invited))
	}
	for _, person := range slices.Sorted(maps.Keys(s.participants)) {
		p := s.participants[person]
		fmt.Fprintf(w, "%q has made %q, is invited to %q", person, roomsOf(p.made), p.invitedTo())
		if p.reading != nil {
			fmt.Fprintf(w, ", is read by %q", persons(p.reading.readers))
		}
		fmt.Fprintln(w)
	}
	s.sanctions.dumpOrder(w)
}

func roomsOf(of []*room) (names []string) {
	for _, r := range of {
		names = append(names, r.Name)
	}
	return names
}

func (p *participant) invitedTo() (names []string) {
	for _, i := range p.invited {
		names = append(names, i.to.Name)
	}
	return names
}

func (s *sanctions) dumpOrder(w io.Writer) {
	if !s.soonest.IsZero() {
		fmt.Fprintf(w, "a sanction may end at %d\n", s.soonest.UnixNano())
	}
	for _, lists := range [...]map[string][]*Sanction{s.byRoom, s.byPerson} {
		for _, key := range slices.Sorted(maps.Keys(lists)) {
			for _, v := range lists[key] {
				fmt.Fprintf(w, "sanction of %q: %s %q in %q\n", key, v.Kind, v.Target, v.Room)
			}
		}
	}
}

func (p *pace) dump(w io.Writer, room string) {
	for _, v := range p.queue {
		fmt.Fprintf(w, "%q has said something in %q at %d\n", v.person, room, v.at.UnixNano())
	}
}

func (s *rooms) dump(w io.Writer) {
	for _, r := range s.sorted {
		v := r.Room
		v.Newest = 0 // decides nothing
		fmt.Fprintf(w, "room %+v\n", v)
	}
}

func (s participants) dump(w io.Writer) {
	for _, person := range slices.Sorted(maps.Keys(s)) {
		p := s[person]
		fmt.Fprintf(w, "participant %q connected as %q\n", person, p.name)
		for _, m := range p.joined {
			fmt.Fprintf(w, "%q is in %q since %d, has read %d, moderator %t\n", person, m.in.Name, m.since, m.read, m.moderator)
		}
		for _, i := range slices.SortedFunc(slices.Values(p.invited), func(a, b invited) int { return strings.Compare(a.to.folded, b.to.folded) }) {
			fmt.Fprintf(w, "%q is invited to %q by %q\n", person, i.to.Name, i.by)
		}
		if p.reading != nil {
			fmt.Fprintf(w, "%q has read the lobby to %d\n", person, p.reading.lobby)
			for _, c := range p.reading.with {
				fmt.Fprintf(w, "%q has read %q to %d\n", person, c.person.person, c.number)
			}
		}
	}
}

func (l *leftBlocks) dump(w io.Writer) {
	for _, person := range slices.Sorted(maps.Keys(l.persons)) {
		b := l.persons[person]
		fmt.Fprintf(w, "%d blocks of %q left by %q\n", b.n, b.name, person)
	}
}

func (d directs) dump(w io.Writer) {
	var guests []string
	for _, person := range slices.Sorted(maps.Keys(d)) {
		b := d[person]
		for _, m := range b.unseen {
			fmt.Fprintf(w, "unseen by %q %d of %q\n", person, m.number, m.from.person)
		}
		if b.guest {
			guests = append(guests, person)
		}
	}
	fmt.Fprintf(w, "guests of direct messages %q\n", guests)
}

func (r *requests) dump(w io.Writer) {
	fmt.Fprintf(w, "last request %d\n", r.serial)
	for e := r.order.Front(); e != nil; e = e.Next() {
		q := e.Value.(*Request)
		fmt.Fprintf(w, "request %d of %q %q %x became %d at %d\n", q.Serial, q.Person, q.ID, q.Digest, q.Number, q.Time.UnixNano())
	}
}
