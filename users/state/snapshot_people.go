package state

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What is saved of persons: see Snapshot.

func sortSaved[T any](all []T, key func(T) string) {
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(key(a), key(b)) })
}

type savedLeftBlock struct {
	Person string `cbor:"1,keyasint"`
	Name   string `cbor:"2,keyasint"`
	N      int    `cbor:"3,keyasint"`
}

func (l *leftBlocks) save() (all []savedLeftBlock) {
	for person, b := range l.persons {
		all = append(all, savedLeftBlock{person, b.name, b.n})
	}
	return all
}

func (l *leftBlocks) load(all []savedLeftBlock) error {
	for _, b := range all {
		_, person := l.persons[b.Person]
		if _, name := l.names[b.Name]; person || name {
			return fmt.Errorf("the blocks of %q, who was %q, are there twice", b.Person, b.Name)
		}
		l.add(b.Person, leftBlock{b.Name, b.N})
	}
	return nil
}

// savedRequests are requests, oldest first.
type savedRequests struct {
	Serial uint64         `cbor:"1,keyasint,omitzero"`
	Order  []savedRequest `cbor:"2,keyasint,omitempty"`
}

type savedRequest struct {
	Serial uint64    `cbor:"1,keyasint"`
	Person string    `cbor:"2,keyasint"`
	ID     string    `cbor:"3,keyasint"`
	Digest uint64    `cbor:"4,keyasint,omitzero"`
	Number uint64    `cbor:"5,keyasint,omitzero"`
	Time   time.Time `cbor:"6,keyasint,omitzero"`
}

func (r *requests) save() savedRequests {
	saved := savedRequests{Serial: r.serial, Order: make([]savedRequest, 0, r.order.Len())}
	for e := r.order.Front(); e != nil; e = e.Next() {
		saved.Order = append(saved.Order, savedRequest(*e.Value.(*Request)))
	}
	return saved
}

func (r *requests) loadAll(saved savedRequests) error {
	for _, q := range saved.Order {
		if r.byPerson[q.Person][q.ID] != nil {
			return fmt.Errorf("the request %q of %q is there twice", q.ID, q.Person)
		}
		r.load(Request(q))
	}
	if r.serial > saved.Serial {
		return fmt.Errorf("the last request is %d, and there is %d", saved.Serial, r.serial)
	}
	r.serial = saved.Serial
	return nil
}

type savedMailbox struct {
	Person string        `cbor:"1,keyasint"`
	Unseen []savedUnseen `cbor:"2,keyasint,omitempty"`
	Guest  bool          `cbor:"3,keyasint,omitzero"`
}

type savedUnseen struct {
	Number uint64 `cbor:"1,keyasint"`
	From   string `cbor:"2,keyasint"`
}

func (d directs) save() []savedMailbox {
	all := make([]savedMailbox, 0, len(d))
	for _, b := range d {
		saved := savedMailbox{Person: b.person, Guest: b.guest}
		for _, w := range b.unseen {
			saved.Unseen = append(saved.Unseen, savedUnseen{w.number, w.from.person})
		}
		all = append(all, saved)
	}
	return all
}

func (d directs) load(all []savedMailbox) error {
	for i, saved := range all {
		if i > 0 && all[i-1].Person >= saved.Person {
			return fmt.Errorf("the mailbox of %q is there twice, or in another order", saved.Person)
		}
		b := d.of(saved.Person)
		b.guest = saved.Guest
		for _, w := range saved.Unseen {
			if n := len(b.unseen); n > 0 && b.unseen[n-1].number >= w.Number {
				return fmt.Errorf("what %q has not seen is in another order", saved.Person)
			}
			from := d.of(w.From)
			b.unseen = append(b.unseen, waiting{w.Number, from})
			from.count(b, 1)
		}
	}
	if len(d) != len(all) {
		return fmt.Errorf("there are %d mailboxes, and %d are needed", len(all), len(d))
	}
	return nil
}

type savedChanged struct {
	Number  uint64 `cbor:"1,keyasint"`
	Message uint64 `cbor:"2,keyasint"`
}

func (c *changes) save() []savedChanged {
	all := make([]savedChanged, len(c.queue))
	for i, v := range c.queue {
		all[i] = savedChanged(v)
	}
	return all
}

func (c *changes) loadAll(all []savedChanged) error {
	for i, v := range all {
		if i > 0 && all[i-1].Number >= v.Number {
			return fmt.Errorf("change %d is there twice, or in another order", v.Number)
		}
		c.load(Changed(v))
	}
	return nil
}

type savedGuest struct {
	Person string    `cbor:"1,keyasint"`
	Left   time.Time `cbor:"2,keyasint,omitzero"`
}

func (g *guests) save() []savedGuest {
	all := make([]savedGuest, len(g.queue))
	for i, v := range g.queue {
		all[i] = savedGuest{v.person, v.left}
	}
	return all
}

func (g *guests) load(all []savedGuest) error {
	for _, v := range all {
		if g.has(v.Person) {
			return fmt.Errorf("the guest %q has left twice", v.Person)
		}
		g.add(v.Person, v.Left)
	}
	return nil
}

type savedPruned struct {
	Room string `cbor:"1,keyasint"`
	UpTo uint64 `cbor:"2,keyasint"`
}

func savePruned(upTo map[string]uint64) (all []savedPruned) {
	for room, number := range upTo {
		all = append(all, savedPruned{room, number})
	}
	return all
}

func (s *State) loadPruned(all []savedPruned) error {
	for _, p := range all {
		if _, is := s.pruned[p.Room]; is {
			return fmt.Errorf("the room %q is pruned twice", p.Room)
		}
		s.pruned[p.Room] = p.UpTo
	}
	return nil
}
