package users

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A span is a time during which a user was online. Its times are small: a server
// has one for each of its users.
type span struct {
	Online       // with the first session
	folded       string
	addr         string // that the user came from, with the first session
	since        instant
	until        instant
	began        instant // the first session
	id           int32   // of the first session
	online, away bool
	rare         *rareSpan // nil: nothing of it
}

// A rareSpan is what few spans have.
type rareSpan struct {
	text   string  // why the user is away
	beside []Login // sessions beside the first one, in the order in which they began
}

// few returns what few spans have, to be changed.
func (s *span) few() *rareSpan {
	if s.rare == nil {
		s.rare = new(rareSpan)
	}
	return s.rare
}

// text returns why the user is away, if they have said so.
func (s *span) text() string {
	if s.rare == nil {
		return ""
	}
	return s.rare.text
}

// setAway notes that the user is away, and why.
func (s *span) setAway(text string) {
	s.away = true
	if text != "" || s.rare != nil {
		s.few().text = text
	}
}

// same reports whether one who comes is the one who was there: the same person, or a
// guest from the same address.
func (s *span) same(o Online, addr string) bool {
	return s.Person == o.Person || !s.Account && !o.Account && s.addr == addr
}

// strip drops what only matters as long as the user may come back unnoticed.
func (s *span) strip() { s.Online, s.addr, s.began, s.id = Online{Name: s.Name}, "", 0, 0 }

func (p *Presence) seen(s *span) Seen {
	return Seen{Name: s.Name, Online: s.online, Since: p.time(s.since), Until: p.time(s.until), Away: s.away, Text: s.text()}
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
	return Announcement{Name: s.Name, Change: LostConnection, At: p.time(s.until), Person: s.Person}
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
