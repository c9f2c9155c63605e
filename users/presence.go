package users

import (
	"errors"
	"slices"
	"strings"
	"time"
)

const (
	// ReturnGrace is how long a user whose connection was lost may take to come
	// back without anybody being told that they were gone: a client's second
	// attempt to reconnect is in it, and others learn of a real loss soon enough.
	ReturnGrace = 5 * time.Second

	// MaxSince is how far back WhoElseSince looks, at most.
	MaxSince = 30 * 24 * time.Hour

	// MaxGone is how many users are remembered who are not online. Beyond it the
	// one who has been gone for the longest is forgotten. 2 MB.
	MaxGone = 10_000

	// MaxAway is the size in bytes (UTF-8) of the text of a user who is away.
	MaxAway = 256
)

// ErrAwayTooLong is returned for a text of more than MaxAway bytes.
var ErrAwayTooLong = errors.New("that is too long to say why you are away: at most 256 bytes")

// A Seen is when a user was online the last time.
type Seen struct {
	Name   string
	Online bool
	Since  time.Time // when it began; zero if that is not known
	Until  time.Time // when it ended; zero if Online
	Away   bool
	Text   string // why, if Away and the user said it
}

// A Presence knows who is online, each under one name and with one session or several,
// who was when, and what the others are told of it. Names are unique without regard to
// case; each is shown as its user wrote it. One goroutine owns it.
type Presence struct {
	base   time.Time        // what instants are counted from; zero before the first
	online map[string]*span // by folded name
	sorted []*span          // those in online, in the order of the folded names
	guests guestIndex       // those in online who have no account
	absent int              // how many of them are away
	gone   map[string]*span // the last span of each who is not online
	byEnd  []*span          // those in gone, the one who left first in front
	lost   []*span          // those of them whose departure was not announced yet, likewise
}

// NewPresence returns a Presence that has seen nobody.
func NewPresence() *Presence {
	return &Presence{online: make(map[string]*span), gone: make(map[string]*span)}
}

// Arrive notes that a user logged in from an address, and returns what is to be
// announced now: nothing if it is one who comes back within ReturnGrace, and is still
// away if they were. It is the same user if the person is the same, or if it is a guest
// from the same address. If it is another one, the departure that was still due is
// announced first. Nothing happens if somebody has the name, which Find tells: see Beside
// and Replace.
func (p *Presence) Arrive(o Online, addr string, now time.Time) []Announcement {
	folded := Fold(o.Name)
	if p.online[folded] != nil {
		return nil
	}
	at := p.at(now)
	s := &span{Online: o, online: true, since: at, folded: folded, addr: addr, began: at, id: 1}
	p.online[folded] = s
	p.index(s)
	i, _ := slices.BinarySearchFunc(p.sorted, folded, compareFoldedSpan)
	p.sorted = slices.Insert(p.sorted, i, s)
	before := p.gone[folded]
	if before == nil {
		return []Announcement{{Name: o.Name, Change: LoggedIn, At: now, Person: o.Person}}
	}
	p.forget(before)
	if !cutSpan(&p.lost, before) {
		return []Announcement{{Name: o.Name, Change: LoggedIn, At: now, Person: o.Person}}
	}
	if before.same(o, addr) && p.ago(before.until, now) < ReturnGrace {
		s.since = before.since
		if before.away {
			s.setAway(before.text())
			p.absent++
		}
		return nil
	}
	return []Announcement{p.departure(before), {Name: o.Name, Change: LoggedIn, At: now, Person: o.Person}}
}

// Register notes that a guest who is online has become an account, and is that person
// now.
func (p *Presence) Register(name, person string) {
	if s := p.online[Fold(name)]; s != nil {
		o := s.Online
		o.Account, o.Person = true, person
		p.become(s, o)
	}
}

// Leave notes that a user is gone, with all sessions, and why, and returns what is to be
// announced now: not that a connection was lost, which Depart returns when the user has
// not come back.
func (p *Presence) Leave(name string, why Change, now time.Time) []Announcement {
	s := p.online[Fold(name)]
	if s == nil {
		return nil
	}
	delete(p.online, s.folded)
	p.guests.remove(s)
	if i, ok := slices.BinarySearchFunc(p.sorted, s.folded, compareFoldedSpan); ok {
		p.sorted = slices.Delete(p.sorted, i, i+1)
	}
	if s.away {
		p.absent--
	}
	s.online, s.until = false, max(p.at(now), s.since)
	if s.rare != nil {
		s.rare.beside = nil
	}
	var all []Announcement
	if why == LostConnection {
		insertSpan(&p.lost, s)
	} else {
		all = append(all, Announcement{Name: s.Name, Change: why, At: now, Person: s.Person})
		s.strip()
	}
	return append(p.remember(s), all...)
}

// Due returns the departures that are to be announced by now, in the order in
// which they were: each is to be noted with Depart.
func (p *Presence) Due(now time.Time) (all []Announcement) {
	for _, s := range p.lost {
		if p.ago(s.until, now) < ReturnGrace {
			break
		}
		all = append(all, p.departure(s))
	}
	return all
}

// Depart notes that a user who left at that time will not come back unnoticed, and
// returns what is to be announced: nothing if the user has come back, or if that was
// announced.
func (p *Presence) Depart(name string, left time.Time) []Announcement {
	s := p.gone[Fold(name)]
	if s == nil || !p.time(s.until).Equal(left) || !cutSpan(&p.lost, s) {
		return nil
	}
	a := p.departure(s)
	s.strip()
	return []Announcement{a}
}

// Sweep forgets who left too long ago. Nothing but memory, and how far back one can ask,
// depends on when it is called.
func (p *Presence) Sweep(now time.Time) {
	n := 0
	for n < len(p.byEnd) && p.ago(p.byEnd[n].until, now) > MaxSince {
		cutSpan(&p.lost, p.byEnd[n])
		delete(p.gone, p.byEnd[n].folded)
		n++
	}
	p.byEnd = slices.Delete(p.byEnd, 0, n)
}

// Forget forgets when somebody was there who is not any more, and whose departure nobody
// waits for.
func (p *Presence) Forget(name string) {
	s := p.gone[Fold(name)]
	if s == nil {
		return
	}
	delete(p.gone, s.folded)
	cutSpan(&p.byEnd, s)
	cutSpan(&p.lost, s)
}

// NextSweep returns when Sweep will have somebody to forget; ok is false if there is
// nobody.
func (p *Presence) NextSweep() (at time.Time, ok bool) {
	if len(p.byEnd) == 0 {
		return time.Time{}, false
	}
	return p.base.Add(time.Duration(p.byEnd[0].until) + MaxSince + 1), true
}

// NextDue returns when Due will have a departure to announce; ok is false if
// there is none to come.
func (p *Presence) NextDue() (at time.Time, ok bool) {
	if len(p.lost) == 0 {
		return time.Time{}, false
	}
	return p.base.Add(time.Duration(p.lost[0].until) + ReturnGrace), true
}

// Restore notes when a user was online for the last time before the server
// began. It is called once for each, before anybody arrives.
func (p *Presence) Restore(name string, until, now time.Time) {
	if until.IsZero() || now.Sub(until) > MaxSince {
		return
	}
	at := p.at(now) - instant(now.Sub(until)) // until is what some clock showed
	if at == 0 {
		at = 1
	}
	p.remember(&span{Online: Online{Name: name}, until: at, folded: Fold(name)})
}

// Away notes that a user who is online is away, and why if text is not empty. It
// returns ErrUnknownUser or ErrAwayTooLong.
func (p *Presence) Away(name, text string) error {
	s := p.online[Fold(name)]
	switch {
	case s == nil:
		return ErrUnknownUser
	case len(text) > MaxAway:
		return ErrAwayTooLong
	}
	if !s.away {
		p.absent++
	}
	s.setAway(text)
	return nil
}

// Back notes that a user is no longer away, and returns whether they were.
func (p *Presence) Back(name string) bool {
	s := p.online[Fold(name)]
	if s == nil || !s.away {
		return false
	}
	p.absent--
	s.away = false
	if s.rare != nil {
		s.rare.text = ""
	}
	return true
}

// WhyAway returns whether a user is online and away, however the name is spelled, and
// why if they have said so.
func (p *Presence) WhyAway(name string) (why string, away bool) {
	if p.absent == 0 {
		return "", false
	}
	s := p.online[Fold(name)]
	if s == nil || !s.away {
		return "", false
	}
	return s.text(), true
}

// Absent returns who of those online is away, and why; nil if nobody is.
func (p *Presence) Absent() map[string]string {
	if p.absent == 0 {
		return nil
	}
	all := make(map[string]string, p.absent)
	for _, s := range p.sorted {
		if s.away {
			all[s.Name] = s.text()
		}
	}
	return all
}

// Find returns who is online under a name, however it is spelled.
func (p *Presence) Find(name string) (Online, bool) {
	s := p.online[Fold(name)]
	if s == nil {
		return Online{}, false
	}
	return s.Online, true
}

// Guest returns under which name a guest is online who is that person.
func (p *Presence) Guest(person string) (name string, online bool) {
	s := p.guests.find(person)
	if s == nil {
		return "", false
	}
	return s.Name, true
}

// index has a guest be found who is online.
func (p *Presence) index(s *span) {
	if !s.Account {
		p.guests.add(s)
	}
}

// become notes that somebody who is online is another one now, or is here otherwise.
func (p *Presence) become(s *span, o Online) {
	p.guests.remove(s)
	s.Online = o
	p.index(s)
}

// Names returns the names of those online in alphabetical order, in memory of the
// caller's own.
func (p *Presence) Names() []string {
	names := make([]string, len(p.sorted))
	for i, s := range p.sorted {
		names[i] = s.Name
	}
	return names
}

// Len returns how many are online.
func (p *Presence) Len() int { return len(p.sorted) }

// Export returns all that is known: those who are online in the order of the names, then
// the others, the one who left first in front.
func (p *Presence) Export() []Visit {
	all := make([]Visit, 0, len(p.sorted)+len(p.byEnd))
	for _, spans := range [...][]*span{p.sorted, p.byEnd} {
		for _, s := range spans {
			_, lost := slices.BinarySearchFunc(p.lost, s, compareEnds)
			all = append(all, Visit{Online: s.Online, Addr: s.addr, Sessions: p.sessions(s), Since: p.time(s.since), Until: p.time(s.until),
				Gone: !s.online, Lost: lost, Away: s.away, Text: s.text()})
		}
	}
	return all
}

// Lookup returns when a user was online, however the name is spelled; ok is
// false if it is not known that they ever were.
func (p *Presence) Lookup(name string) (seen Seen, ok bool) {
	s := p.online[Fold(name)]
	if s == nil {
		s = p.gone[Fold(name)]
	}
	if s == nil {
		return Seen{}, false
	}
	return p.seen(s), true
}

// WhoElseSince returns who else was online at any time in the span of that
// length that ends now, in the order of the names: those who are online, and
// those who left in it.
func (p *Presence) WhoElseSince(self string, length time.Duration, now time.Time) []Seen {
	begin, folded := p.at(now)-instant(min(max(length, 0), MaxSince)), Fold(self)
	spans := slices.Clone(p.sorted)
	for _, s := range slices.Backward(p.byEnd) {
		if s.until < begin {
			break
		}
		spans = append(spans, s)
	}
	if len(spans) > len(p.sorted) {
		slices.SortFunc(spans, func(a, b *span) int { return strings.Compare(a.folded, b.folded) })
	}
	all := make([]Seen, 0, len(spans))
	for _, s := range spans {
		if s.folded != folded {
			all = append(all, p.seen(s))
		}
	}
	return all
}
