package view

import (
	"fmt"
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
	anew   uint64 // the number of the message whose line was drawn anew last, with what has become of it; 0: none
}

// NewPerson returns the view on a screen on which nothing stands yet. It is now that
// time.
func NewPerson(layout Layout, screen Screen, now time.Time) *Person {
	return &Person{layout: layout, screen: screen, days: days{shown: midnight(layout.Location, now)}}
}

// Changed shows an entry, or what has become of it.
func (p *Person) Changed(c timeline.Change) {
	if c.Entry.In.Place == timeline.Past { // it was shown to somebody else
		return
	}
	if c.Updated {
		p.update(c)
		return
	}
	if c.Entry.Held || p.isSeen(c.Entry) {
		return
	}
	if c.Entry.Kind == timeline.Gap {
		p.rule(newIn(c.Entry.In, c.Entry.Room, ""))
		return
	}
	x, rule := p.ready(c.Entry)
	if !rule.IsZero() {
		p.rule(rule.Format("Monday 2 January 2006"))
	}
	p.screen.Show(uint64(c.Entry.ID), x.rows)
}

// isSeen reports whether an entry tells what has become of a message whose line shows that
// already, since it was drawn anew.
func (p *Person) isSeen(e timeline.Entry) bool {
	number := e.About
	if e.Form == timeline.AsEdited {
		number = e.Number
	}
	return number != 0 && number == p.anew
}

// drewAnew notes whether the line of a message that has another text or other marks was drawn
// anew where it was said.
func (p *Person) drewAnew(c timeline.Change, there bool) {
	was, is := c.Before, c.Entry
	switch {
	case is.Kind != timeline.Message || is.In.Place == timeline.Again:
	case there && (was.Text != is.Text || marksOf(was.Marks) != marksOf(is.Marks)):
		p.anew = is.Number
	case p.anew == is.Number:
		p.anew = 0
	}
}

// update draws an entry anew if that shows anything, or says what has become of it
// where it has scrolled away.
func (p *Person) update(c timeline.Change) {
	was, is := fateOf(c.Before), fateOf(c.Entry)
	p.drewAnew(c, false)
	if c.Entry.Held || !p.differs(c) {
		return
	}
	days := p.days // the row stands where it stood: no day begins there
	clock, _ := days.when(&p.layout, c.Entry)
	x := p.layout.ready(c.Entry, p.status, clock)
	there := p.screen.Replace(uint64(c.Entry.ID), x.rows)
	p.drewAnew(c, there)
	if p.reacted(c, there) || there {
		return
	}
	if was != "" && is == "" {
		to := ""
		switch {
		case c.Entry.In.Alone() && protocol.CheckName(c.Entry.To) == nil:
			to = " to " + ToldApart(c.Entry.To, c.Entry.Like)
		case c.Entry.In.Place == timeline.Room:
			to = " in " + roomName(c.Entry.Room)
		}
		p.note("Sent" + to + ": " + Quote(c.Entry.Text))
	}
}

// differs reports whether something that is seen of an entry has changed.
func (p *Person) differs(c timeline.Change) bool {
	was, is := c.Before, c.Entry
	return fateOf(was) != fateOf(is) || was.Text != is.Text || was.Re != is.Re || marksOf(was.Marks) != marksOf(is.Marks) ||
		p.status.IDs && was.Number != is.Number
}

// ready returns an entry ready to be laid out, and the day that begins with it.
func (p *Person) ready(e timeline.Entry) (x laid, rule time.Time) {
	clock, rule := p.days.when(&p.layout, e)
	return p.layout.ready(e, p.status, clock), rule
}

// note shows words of the client's own that are no entry.
func (p *Person) note(text string) { p.screen.Show(0, p.noteRows(text)) }

func (p *Person) noteRows(text string) func(columns int) []string {
	return p.layout.ready(timeline.Entry{Kind: timeline.Notice, Text: text}, Status{}, "").rows
}

// reactionNote names the row that tells the reactions to an entry, among the blocks of a
// screen.
const reactionNote = 1 << 63

// reacted tells the reactions to an entry that has changed, if its line is not there to show
// them. Where they are told already, that is changed: the row has the beginning of the text.
// It reports whether they are told.
func (p *Person) reacted(c timeline.Change, there bool) bool {
	was, is := c.Before, c.Entry
	changed := Reactions(was.Marks) != Reactions(is.Marks)
	if is.In.Place == timeline.Again || !changed && !is.Marks.Removed && (was.Text == is.Text || len(is.Marks.Reactions) == 0) {
		return false
	}
	id, rows := reactionNote|uint64(is.ID), p.noteRows(reactionsOf(is))
	switch {
	case p.screen.Replace(id, rows):
		return true
	case there || !changed || is.Marks.Removed:
		return false
	}
	p.screen.Show(id, rows)
	return true
}

// Look shows the last entries of a conversation again.
func (p *Person) Look(l Look) {
	p.rule(whereIs(l.In, l.Name, l.Like))
	if l.Left > 0 {
		p.note(fmt.Sprintf("%d older lines are not shown.", l.Left))
	}
	for _, e := range l.Entries {
		if e.ID == l.New {
			p.rule(newIn(l.In, l.Name, l.Like))
		}
		if e.Kind == timeline.Gap {
			continue
		}
		x, rule := p.ready(e)
		if !rule.IsZero() {
			p.rule(rule.Format("Monday 2 January 2006"))
		}
		p.screen.Show(uint64(e.ID), x.rows)
	}
}

// whereIs is a conversation on a line across. Like is whose name that of the other one can be
// taken for.
func whereIs(in timeline.Conversation, name, like string) string {
	switch {
	case in.Place == timeline.Lobby:
		return "the lobby"
	case in.Alone() && protocol.CheckName(name) == nil:
		return ToldApart(name, like) + " alone"
	case in.Place == timeline.Room && protocol.CheckRoom(name) == nil:
		return "room " + name
	}
	return "a conversation"
}

// newIn is what stands on a line across before what is new in a conversation, or in all.
func newIn(in timeline.Conversation, name, like string) string {
	switch {
	case in.Alone() && protocol.CheckName(name) == nil:
		return "new from " + ToldApart(name, like)
	case in.Place == timeline.Lobby || in.Place == timeline.Room:
		return "new in " + whereIs(in, name, "")
	}
	return "new since you were away"
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
	page = min(page, len(x.text)/pageRows+2)                 // no text has more rows than bytes
	p.screen.Show(uint64(e.ID), func(columns int) []string { // so that it goes if the text does
		lines, count := x.lines(columns, page*pageRows)
		rows := x.draw(lines[min((page-1)*pageRows, len(lines)):])
		if left := count - page*pageRows; left > 0 {
			rows = append(rows, x.drawOwn(moreWords(left, e.ID, page+1), columns)...)
		}
		return rows
	})
}

// Received does nothing: what a response says comes as entries.
func (p *Person) Received([]byte, Known) {}

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
