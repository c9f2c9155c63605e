package users

import (
	"fmt"
	"slices"
	"time"
)

// A SavedPresence is a Presence. Times are in nanoseconds since it began.
type SavedPresence struct {
	Base   time.Time   `cbor:"1,keyasint,omitzero"`
	Online []savedSpan `cbor:"2,keyasint,omitempty"` // in the order of the folded names
	Gone   []savedSpan `cbor:"3,keyasint,omitempty"` // the one who left first in front
}

type savedSpan struct {
	Online savedOnline  `cbor:"1,keyasint"`
	Addr   string       `cbor:"2,keyasint,omitzero"`
	Since  instant      `cbor:"3,keyasint,omitzero"`
	Until  instant      `cbor:"4,keyasint,omitzero"`
	Began  instant      `cbor:"5,keyasint,omitzero"`
	ID     int32        `cbor:"6,keyasint,omitzero"`
	Away   bool         `cbor:"7,keyasint,omitzero"`
	Text   string       `cbor:"8,keyasint,omitzero"`
	Beside []savedLogin `cbor:"9,keyasint,omitempty"`
	Lost   bool         `cbor:"10,keyasint,omitzero"` // of one who is gone: that was not announced yet
}

type savedOnline struct {
	Session Session `cbor:"1,keyasint,omitzero"`
	Name    string  `cbor:"2,keyasint"`
	Person  string  `cbor:"3,keyasint,omitzero"`
	Account bool    `cbor:"4,keyasint,omitzero"`
	Plain   bool    `cbor:"5,keyasint,omitzero"`
	Token   string  `cbor:"6,keyasint,omitzero"`
}

type savedLogin struct {
	Session Session   `cbor:"1,keyasint"`
	ID      int       `cbor:"2,keyasint"`
	Plain   bool      `cbor:"3,keyasint,omitzero"`
	Token   string    `cbor:"4,keyasint,omitzero"`
	Addr    string    `cbor:"5,keyasint,omitzero"`
	Since   time.Time `cbor:"6,keyasint,omitzero"`
}

// Save returns all that is known.
func (p *Presence) Save() SavedPresence {
	saved := SavedPresence{Base: p.base, Online: make([]savedSpan, 0, len(p.sorted)), Gone: make([]savedSpan, 0, len(p.byEnd))}
	for _, s := range p.sorted {
		saved.Online = append(saved.Online, s.save())
	}
	for _, s := range p.byEnd {
		one := s.save()
		_, one.Lost = slices.BinarySearchFunc(p.lost, s, compareEnds)
		saved.Gone = append(saved.Gone, one)
	}
	return saved
}

func (s *span) save() savedSpan {
	saved := savedSpan{Online: savedOnline(s.Online), Addr: s.addr, Since: s.since, Until: s.until, Began: s.began, ID: s.id, Away: s.away, Text: s.text()}
	for _, l := range s.beside() {
		saved.Beside = append(saved.Beside, savedLogin(l))
	}
	return saved
}

// LoadSaved puts what was saved where nobody was seen.
func (p *Presence) LoadSaved(saved SavedPresence) error {
	p.base = saved.Base
	for i := range saved.Online {
		s := saved.Online[i].load(true)
		if i > 0 && p.sorted[i-1].folded >= s.folded {
			return fmt.Errorf("%q is online twice, or in another order", s.Name)
		}
		p.online[s.folded] = s
		p.sorted = append(p.sorted, s)
		p.index(s)
		if s.away {
			p.absent++
		}
	}
	for i := range saved.Gone {
		s := saved.Gone[i].load(false)
		if p.online[s.folded] != nil || p.gone[s.folded] != nil || i > 0 && compareEnds(p.byEnd[i-1], s) >= 0 {
			return fmt.Errorf("%q is gone twice, or in another order", s.Name)
		}
		p.gone[s.folded] = s
		p.byEnd = append(p.byEnd, s)
		if saved.Gone[i].Lost {
			p.lost = append(p.lost, s)
		}
	}
	return nil
}

func (v *savedSpan) load(online bool) *span {
	s := &span{Online: Online(v.Online), folded: Fold(v.Online.Name), addr: v.Addr, since: v.Since, until: v.Until, began: v.Began, id: v.ID, online: online}
	if v.Away {
		s.setAway(v.Text)
	}
	for _, l := range v.Beside {
		s.few().beside = append(s.few().beside, Login(l))
	}
	return s
}
