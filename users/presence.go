package users

import (
	"cmp"
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

// A Presence knows who was online when, and what the others are told of it. It
// is asked about names that were claimed in a Registry, each of which has one
// session. One goroutine owns it.
type Presence struct {
	base   time.Time        // what instants are counted from; zero before the first
	online map[string]*span // by folded name
	sorted []*span          // those in online, in the order of the folded names
	absent int              // how many of them are away
	gone   map[string]*span // the last span of each who is not online
	byEnd  []*span          // those in gone, the one who left first in front
	lost   []*span          // those of them whose departure was not announced yet, likewise
}

// A span is a time during which a user was online. Its times are small: a server
// has one for each of its users.
type span struct {
	name, folded string
	owner        string // tells users of the same name apart
	text         string
	since        instant
	until        instant
	online, away bool
}

func (p *Presence) seen(s *span) Seen {
	return Seen{Name: s.name, Online: s.online, Since: p.time(s.since), Until: p.time(s.until), Away: s.away, Text: s.text}
}

// An instant is a time in nanoseconds since a Presence began, 0 if it is not known. It
// goes on evenly when somebody sets the clock, unlike nanoseconds since 1970.
type instant int64

// at returns the instant of a time that has come.
func (p *Presence) at(t time.Time) instant {
	if p.base.IsZero() {
		p.base = t.Add(-1) // so that none is 0
	}
	return instant(t.Sub(p.base))
}

func (p *Presence) time(i instant) time.Time {
	if i == 0 {
		return time.Time{}
	}
	return p.base.Add(time.Duration(i)).UTC()
}

// ago returns how long ago an instant was.
func (p *Presence) ago(i instant, now time.Time) time.Duration {
	return time.Duration(p.at(now) - i)
}

// NewPresence returns a Presence that has seen nobody.
func NewPresence() *Presence {
	return &Presence{online: make(map[string]*span), gone: make(map[string]*span)}
}

// Arrive notes that a user logged in, and returns what is to be announced now:
// nothing if it is one who comes back within ReturnGrace, and is still away if
// they were. owner tells whether it
// is the same user: one string for all accounts, whose passwords prove it, and
// for a guest the address. If it is another one, the departure that was still
// due is announced first.
func (p *Presence) Arrive(name, owner string, now time.Time) []Announcement {
	folded := Fold(name)
	if p.online[folded] != nil {
		return nil
	}
	s := &span{name: name, online: true, since: p.at(now), folded: folded, owner: owner}
	p.online[folded] = s
	i, _ := slices.BinarySearchFunc(p.sorted, folded, compareFoldedSpan)
	p.sorted = slices.Insert(p.sorted, i, s)
	before := p.gone[folded]
	if before == nil {
		return []Announcement{{name, LoggedIn, now}}
	}
	p.forget(before)
	if !cutSpan(&p.lost, before) {
		return []Announcement{{name, LoggedIn, now}}
	}
	if before.owner == owner && p.ago(before.until, now) < ReturnGrace {
		s.since, s.away, s.text = before.since, before.away, before.text
		if s.away {
			p.absent++
		}
		return nil
	}
	return []Announcement{p.departure(before), {name, LoggedIn, now}}
}

// Leave notes that a user is gone and why, and returns what is to be announced
// now: not that a connection was lost, which Due returns when the user has not
// come back.
func (p *Presence) Leave(name string, why Change, now time.Time) []Announcement {
	s := p.online[Fold(name)]
	if s == nil {
		return nil
	}
	delete(p.online, s.folded)
	if i, ok := slices.BinarySearchFunc(p.sorted, s.folded, compareFoldedSpan); ok {
		p.sorted = slices.Delete(p.sorted, i, i+1)
	}
	if s.away {
		p.absent--
	}
	s.online, s.until = false, max(p.at(now), s.since)
	var all []Announcement
	if why == LostConnection {
		insertSpan(&p.lost, s)
	} else {
		all = append(all, Announcement{s.name, why, now})
	}
	return append(p.remember(s), all...)
}

// Due returns the departures that are to be announced by now, in the order in
// which they were, and forgets who left too long ago. It is called about once a
// second.
func (p *Presence) Due(now time.Time) (all []Announcement) {
	n := 0
	for n < len(p.lost) && p.ago(p.lost[n].until, now) >= ReturnGrace {
		all = append(all, p.departure(p.lost[n]))
		n++
	}
	p.lost = slices.Delete(p.lost, 0, n)
	n = 0
	for n < len(p.byEnd) && p.ago(p.byEnd[n].until, now) > MaxSince {
		delete(p.gone, p.byEnd[n].folded)
		n++
	}
	p.byEnd = slices.Delete(p.byEnd, 0, n)
	return all
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
	p.remember(&span{name: name, until: at, folded: Fold(name)})
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
	s.away, s.text = true, text
	return nil
}

// Back notes that a user is no longer away, and returns whether they were.
func (p *Presence) Back(name string) bool {
	s := p.online[Fold(name)]
	if s == nil || !s.away {
		return false
	}
	p.absent--
	s.away, s.text = false, ""
	return true
}

// WhyAway returns whether a user is online and away, however the name is spelled, and
// why if they have said so.
func (p *Presence) WhyAway(name string) (why string, away bool) {
	s := p.online[Fold(name)]
	if s == nil || !s.away {
		return "", false
	}
	return s.text, true
}

// Absent returns who of those online is away, and why; nil if nobody is.
func (p *Presence) Absent() map[string]string {
	if p.absent == 0 {
		return nil
	}
	all := make(map[string]string, p.absent)
	for _, s := range p.sorted {
		if s.away {
			all[s.name] = s.text
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

// WhoElse returns who is online beside one user, in the order of the names.
func (p *Presence) WhoElse(self string) []Seen {
	all, folded := make([]Seen, 0, len(p.sorted)), Fold(self)
	for _, s := range p.sorted {
		if s.folded != folded {
			all = append(all, p.seen(s))
		}
	}
	return all
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

// remember adds a span that is over, and returns what has to be announced because
// it pushed out another one.
func (p *Presence) remember(s *span) (all []Announcement) {
	p.gone[s.folded] = s
	insertSpan(&p.byEnd, s)
	if len(p.byEnd) > MaxGone {
		oldest := p.byEnd[0]
		p.forget(oldest)
		if cutSpan(&p.lost, oldest) {
			all = append(all, p.departure(oldest))
		}
	}
	return all
}

func (p *Presence) forget(s *span) {
	delete(p.gone, s.folded)
	cutSpan(&p.byEnd, s)
}

func (p *Presence) departure(s *span) Announcement {
	return Announcement{s.name, LostConnection, p.time(s.until)}
}

// insertSpan keeps spans in the order of their ends. Almost always the new one
// comes last.
func insertSpan(spans *[]*span, s *span) {
	i, _ := slices.BinarySearchFunc(*spans, s, compareEnds)
	*spans = slices.Insert(*spans, i, s)
}

// cutSpan reports whether s was among the spans, where it is no more.
func cutSpan(spans *[]*span, s *span) bool {
	i, ok := slices.BinarySearchFunc(*spans, s, compareEnds)
	switch {
	case ok && i == 0: // as almost always where there are many: the others need not move
		(*spans)[0] = nil
		*spans = (*spans)[1:]
	case ok:
		*spans = slices.Delete(*spans, i, i+1)
	}
	return ok
}

func compareFoldedSpan(s *span, folded string) int { return strings.Compare(s.folded, folded) }

func compareEnds(a, b *span) int {
	return cmp.Or(cmp.Compare(a.until, b.until), strings.Compare(a.folded, b.folded))
}
