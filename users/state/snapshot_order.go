package state

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"parley/users"
)

// What is saved of what those have decided who keep order: see Snapshot.

type savedSettings struct {
	Lockdown bool   `cbor:"1,keyasint,omitzero"`
	By       string `cbor:"2,keyasint,omitzero"`
	Why      string `cbor:"3,keyasint,omitzero"`
	Slow     int    `cbor:"4,keyasint,omitzero"`
}

// savedSanctions are all, those of one room behind each other, in the order in which they came.
type savedSanctions struct {
	All      []savedSanction `cbor:"1,keyasint,omitempty"`
	Soonest  time.Time       `cbor:"2,keyasint,omitzero"`
	ByPerson [][]int         `cbor:"3,keyasint,omitempty"` // of each person with several: which, in their order
}

type savedSanction struct {
	Kind   users.Penalty `cbor:"1,keyasint"`
	Room   string        `cbor:"2,keyasint,omitzero"`
	Target string        `cbor:"3,keyasint"`
	Addr   bool          `cbor:"4,keyasint,omitzero"`
	Name   string        `cbor:"5,keyasint,omitzero"`
	Person string        `cbor:"6,keyasint,omitzero"`
	By     string        `cbor:"7,keyasint,omitzero"`
	Why    string        `cbor:"8,keyasint,omitzero"`
	Since  time.Time     `cbor:"9,keyasint,omitzero"`
	Until  time.Time     `cbor:"10,keyasint,omitzero"`
}

func (s *sanctions) save() savedSanctions {
	saved := savedSanctions{Soonest: s.soonest}
	if len(s.byKey) == 0 {
		return saved
	}
	place := make(map[*Sanction]int, len(s.byKey))
	for _, room := range slices.Sorted(maps.Keys(s.byRoom)) {
		for _, v := range s.byRoom[room] {
			place[v] = len(saved.All)
			saved.All = append(saved.All, savedSanction(*v))
		}
	}
	for _, person := range slices.Sorted(maps.Keys(s.byPerson)) {
		list := s.byPerson[person]
		if len(list) == 1 {
			continue
		}
		places := make([]int, len(list))
		for i, v := range list {
			places[i] = place[v]
		}
		saved.ByPerson = append(saved.ByPerson, places)
	}
	return saved
}

func (s *sanctions) load(saved savedSanctions) error {
	all := make([]*Sanction, 0, len(saved.All))
	for _, v := range saved.All {
		one := Sanction(v)
		if s.byKey[one.key()] != nil {
			return fmt.Errorf("a sanction of %q is there twice", one.Target)
		}
		s.put(&one)
		all = append(all, &one)
	}
	for _, places := range saved.ByPerson {
		list := make([]*Sanction, 0, len(places))
		for _, i := range places {
			if i < 0 || i >= len(all) || all[i].Person == "" || all[i].Person != all[places[0]].Person || slices.Contains(list, all[i]) {
				return fmt.Errorf("sanction %d of a person is none of theirs", i)
			}
			list = append(list, all[i])
		}
		if len(list) < 2 || len(list) != len(s.byPerson[list[0].Person]) {
			return fmt.Errorf("there are other sanctions of a person")
		}
		s.byPerson[list[0].Person] = list
	}
	s.soonest = saved.Soonest
	return nil
}

// A savedAct is a report.
type savedAct struct {
	Number  uint64    `cbor:"1,keyasint"`
	Time    time.Time `cbor:"2,keyasint,omitzero"`
	Act     string    `cbor:"3,keyasint"`
	By      string    `cbor:"4,keyasint,omitzero"`
	Person  string    `cbor:"5,keyasint,omitzero"`
	Name    string    `cbor:"6,keyasint,omitzero"`
	Target  string    `cbor:"7,keyasint,omitzero"`
	Addr    string    `cbor:"8,keyasint,omitzero"`
	Room    string    `cbor:"9,keyasint,omitzero"`
	Message uint64    `cbor:"10,keyasint,omitzero"`
	Why     string    `cbor:"11,keyasint,omitzero"`
	Set     string    `cbor:"12,keyasint,omitzero"`
	Until   time.Time `cbor:"13,keyasint,omitzero"`
}

func saveReports(of []*Act) []savedAct {
	all := make([]savedAct, len(of))
	for i, a := range of {
		all[i] = savedAct(*a)
	}
	return all
}

func loadReports(all []savedAct) (reports []*Act) {
	for _, a := range all {
		one := Act(a)
		reports = append(reports, &one)
	}
	return reports
}

type savedSaid struct {
	Person string    `cbor:"1,keyasint"`
	At     time.Time `cbor:"2,keyasint,omitzero"`
}

func (p *pace) save() (all []savedSaid) {
	for _, v := range p.queue {
		all = append(all, savedSaid{v.person, v.at})
	}
	return all
}

func (p *pace) load(all []savedSaid) error {
	for _, v := range all {
		if p.last[v.Person] != nil {
			return fmt.Errorf("%q has said something twice", v.Person)
		}
		p.put(&said{v.Person, v.At})
	}
	return nil
}
