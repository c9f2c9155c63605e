package view

import (
	"time"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// A Screen is where a Person reads. A block returns its rows for a screen of so many
// columns, each at most that wide; it may be called again later, from any goroutine.
type Screen interface {
	// Show shows a block below the others. It can be replaced by its id unless that
	// is 0.
	Show(id uint64, block func(columns int) []string)
	// Replace draws a block anew where it stands. It reports whether all of it is
	// still on the screen; if not, nothing is drawn.
	Replace(id uint64, block func(columns int) []string) bool
	SetPrompt(prompt string)
	SetTitle(title string)
	// SetSecret says whether what is typed is hidden, as a password is. What had been
	// typed of the present line is dropped.
	SetSecret(on bool)
	// Clear leaves an empty screen.
	Clear()
}

// A Person is the view of somebody who reads a screen.
type Person struct {
	layout Layout
	screen Screen
	days   days
	status Status
	drawn  Status // what the screen's prompt and title were made of
	begun  bool   // they were made
}

// NewPerson returns the view on a screen on which nothing stands yet. It is now that
// time.
func NewPerson(layout Layout, screen Screen, now time.Time) *Person {
	return &Person{layout: layout, screen: screen, days: days{shown: midnight(layout.Location, now)}}
}

// Changed shows an entry, or what has become of it.
func (p *Person) Changed(c timeline.Change) {
	if c.Updated {
		p.update(c)
		return
	}
	if c.Entry.Kind == timeline.Gap {
		p.rule("new since you were away")
		return
	}
	x, rule := p.ready(c.Entry)
	if !rule.IsZero() {
		p.rule(rule.Format("Monday 2 January 2006"))
	}
	p.screen.Show(uint64(c.Entry.ID), x.rows)
}

// update draws an entry anew if that shows anything, or says what has become of it
// where it has scrolled away.
func (p *Person) update(c timeline.Change) {
	was, is := fateOf(c.Before), fateOf(c.Entry)
	if was == is && c.Before.Text == c.Entry.Text {
		return
	}
	x, _ := p.ready(c.Entry)
	if p.screen.Replace(uint64(c.Entry.ID), x.rows) {
		return
	}
	if was != "" && is == "" {
		to := ""
		if c.Entry.In.Alone() && protocol.CheckName(c.Entry.To) == nil {
			to = " to " + c.Entry.To
		}
		p.note("Sent" + to + ": " + Quote(c.Entry.Text))
	}
}

// ready returns an entry ready to be laid out, and the day that begins with it.
func (p *Person) ready(e timeline.Entry) (x laid, rule time.Time) {
	clock, rule := p.days.when(&p.layout, e)
	return p.layout.ready(e, p.status.Name, clock), rule
}

// note shows words of the client's own that are no entry.
func (p *Person) note(text string) {
	x := p.layout.ready(timeline.Entry{Kind: timeline.Notice, Text: text}, "", "")
	p.screen.Show(0, x.rows)
}

// rule draws a line across.
func (p *Person) rule(text string) {
	p.screen.Show(0, func(columns int) []string {
		l := line{{"--- " + text + " ---", toneRule}}
		if columns > 0 && columns < len(l[0].text) {
			l[0].text = l[0].text[:columns]
		}
		return []string{p.layout.Theme.draw(l, false, p.layout.Colours)}
	})
}

// Expand shows an entry whole, so many rows at a time; page 1 is the first.
func (p *Person) Expand(e timeline.Entry, page int) {
	const pageRows = 400
	x, _ := p.ready(e)
	page = min(page, len(x.text)/pageRows+2) // no text has more rows than bytes
	p.screen.Show(0, func(columns int) []string {
		lines, count := x.lines(columns, page*pageRows)
		rows := x.draw(lines[min((page-1)*pageRows, len(lines)):])
		if left := count - page*pageRows; left > 0 {
			rows = append(rows, x.drawOwn(moreWords(left, e.ID, page+1), columns)...)
		}
		return rows
	})
}

// Received does nothing: what a response says comes as entries.
func (p *Person) Received([]byte, string) {}

// Status shows in the prompt and the title who one is and where a line goes.
func (p *Person) Status(s Status) {
	p.status = s
	if s.Hidden != p.drawn.Hidden || s.Fresh {
		p.screen.SetSecret(s.Hidden)
	}
	if !p.begun || s.prompt() != p.drawn.prompt() {
		p.screen.SetPrompt(s.prompt())
	}
	if !p.begun || s.title() != p.drawn.title() {
		p.screen.SetTitle(s.title())
	}
	p.begun, p.drawn = true, s
}

// Clear leaves an empty screen.
func (p *Person) Clear() { p.screen.Clear() }
