package view

import (
	"fmt"
	"strings"

	"parley/eventloop/client/timeline"
)

// A Status is what a prompt and a title tell: who one is, where, and whom a line goes
// to that is typed now.
type Status struct {
	Name   string // one's own; "" if there is none yet
	Server string

	To     timeline.Conversation // whom a plain line goes to
	ToName string                // the name of that one as it is written
	Notes  []string              // what is to be known of that, such as "verified", "offline"

	Question string // is asked in place of a line, such as "password of alice"
	Hidden   bool   // and what is typed then is hidden
	Fresh    bool   // what was typed before is no answer to it
	Naming   bool   // a name is asked for
	Writing  string // who is writing to one just now
	Unread   int    // how much others have said while one was away
}

// place is whom a line goes to, and what is to be known of that.
func (s Status) place() string {
	place, notes := "lobby", s.Notes
	switch s.To.Place {
	case timeline.Private:
		place, notes = s.ToName, append([]string{"private"}, notes...)
	case timeline.Direct:
		place, notes = s.ToName, append([]string{"direct"}, notes...)
	}
	if len(notes) > 0 {
		place += " (" + strings.Join(notes, ", ") + ")"
	}
	return asciiOnly(place)
}

// prompt is what stands before the line that is typed.
func (s Status) prompt() string {
	switch {
	case s.Question != "":
		return asciiOnly(s.Question) + ": "
	case s.Naming:
		return "name: "
	}
	return s.place() + "> "
}

// title is that of the window.
func (s Status) title() string {
	title := asciiOnly(s.Server)
	if s.Name != "" {
		title = asciiOnly(s.Name) + "@" + title
	}
	title += " " + s.place()
	if s.Unread > 0 {
		title = fmt.Sprintf("(%d) %s", s.Unread, title)
	}
	if s.Writing != "" {
		title = asciiOnly(s.Writing) + " is writing - " + title
	}
	return title + " - parley"
}

// asciiOnly returns s with a question mark for every other character: line editors
// miscount the columns of a prompt.
func asciiOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
