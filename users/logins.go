package users

import (
	"net/netip"
	"slices"
	"time"
)

// Sessions returns those of a user who is online, however the name is spelled, in the
// order in which they began, in memory of the caller's own; nil of nobody.
func (p *Presence) Sessions(name string) []Login {
	s := p.online[Fold(name)]
	if s == nil {
		return nil
	}
	return p.sessions(s)
}

func (p *Presence) sessions(s *span) []Login {
	if !s.online {
		return nil
	}
	beside := s.beside()
	all := append(make([]Login, 0, 1+len(beside)), p.first(s))
	return append(all, beside...)
}

// AppendSessions appends a user's sessions, in the same order.
func (p *Presence) AppendSessions(to []Session, name string) []Session {
	s := p.online[Fold(name)]
	if s == nil {
		return to
	}
	to = append(to, s.Session)
	for i := range s.beside() {
		to = append(to, s.rare.beside[i].Session)
	}
	return to
}

// Count returns how many sessions a user has, 0 if they are not online.
func (p *Presence) Count(name string) int {
	s := p.online[Fold(name)]
	if s == nil {
		return 0
	}
	return 1 + len(s.beside())
}

// Has reports whether a session is one of a user's.
func (p *Presence) Has(name string, session Session) bool {
	s := p.online[Fold(name)]
	return s != nil && (s.Session == session || s.find(session) >= 0)
}

// From returns who is online with a session that comes from one of some addresses, in
// alphabetical order. It looks at all who are.
func (p *Presence) From(prefix netip.Prefix) (all []Online) {
	for _, s := range p.sorted {
		if KeyIn(s.addr, prefix) || slices.ContainsFunc(s.beside(), func(l Login) bool { return KeyIn(l.Addr, prefix) }) {
			all = append(all, s.Online)
		}
	}
	return all
}

// Beside notes that a user who is online has one more session, of which nobody is told.
func (p *Presence) Beside(o Online, addr string, now time.Time) {
	s := p.online[Fold(o.Name)]
	if s == nil {
		return
	}
	s.few().beside = append(s.beside(), Login{Session: o.Session, ID: s.freeID(), Plain: o.Plain, Token: o.Token, Addr: addr, Since: now})
}

// Replace notes that a session of a user has come in place of another one, whose ID it
// takes. Nobody is told.
func (p *Presence) Replace(older Session, o Online, addr string) {
	s := p.online[Fold(o.Name)]
	if s == nil {
		return
	}
	if s.Session == older {
		p.become(s, o)
		s.addr = addr
	} else if i := s.find(older); i >= 0 {
		l := &s.rare.beside[i]
		l.Session, l.Plain, l.Token, l.Addr = o.Session, o.Plain, o.Token, addr
	}
}

// Renew notes that all sessions of a user have ended because of a new one, of which
// nobody is told.
func (p *Presence) Renew(o Online, addr string, now time.Time) {
	s := p.online[Fold(o.Name)]
	if s == nil {
		return
	}
	p.become(s, o)
	s.addr, s.began, s.id = addr, p.at(now), 1
	if s.rare != nil {
		s.rare.beside = nil
	}
}

// End notes that one of several sessions of a user is over, of which nobody is told: the
// last one ends with Leave.
func (p *Presence) End(name string, session Session) {
	s := p.online[Fold(name)]
	if s == nil || len(s.beside()) == 0 {
		return
	}
	if s.Session == session {
		next := s.rare.beside[0]
		s.Session, s.Plain, s.Token, s.addr, s.began, s.id = next.Session, next.Plain, next.Token, next.Addr, p.at(next.Since), int32(next.ID)
		session = next.Session
	}
	if i := s.find(session); i >= 0 {
		s.rare.beside = slices.Delete(s.rare.beside, i, i+1)
	}
}

// beside returns the sessions beside the first one.
func (s *span) beside() []Login {
	if s.rare == nil {
		return nil
	}
	return s.rare.beside
}

// find returns the place of a session among those beside the first one; -1: it is none.
func (s *span) find(session Session) int {
	return slices.IndexFunc(s.beside(), func(l Login) bool { return l.Session == session })
}

func (p *Presence) first(s *span) Login {
	return Login{Session: s.Session, ID: int(s.id), Plain: s.Plain, Token: s.Token, Addr: s.addr, Since: p.time(s.began)}
}

// freeID returns the lowest number from 1 on that none of the sessions has.
func (s *span) freeID() int {
	id := 1
	for s.hasID(id) {
		id++
	}
	return id
}

func (s *span) hasID(id int) bool {
	return int(s.id) == id || slices.ContainsFunc(s.beside(), func(l Login) bool { return l.ID == id })
}
