package view

import (
	"fmt"
	"slices"
	"strings"

	"parley/eventloop/client/timeline"
	"parley/protocol"
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
	Unread   int    // how much others have said that was not read
	Others   []Count
	IDs      bool // what is said is shown with its number
}

// A Count is what was not read of a conversation that is not the one a line goes to.
type Count struct {
	In    timeline.Conversation
	Name  string // of the other one or of the room, as it is written
	Like  string // whose name that of the other one can be taken for; "": nobody's
	New   int    // entries of others
	Meant bool   // the person is meant with some of them
}

// maxCounts is for how many conversations a prompt has counts.
const maxCounts = 3

// counts are what a prompt says of other conversations: "lobby 3", and "@bob 1!" of what
// was said to one alone. Those come first in which one is meant.
func (s Status) counts() (words []string) {
	others := slices.Clone(s.Others)
	slices.SortStableFunc(others, func(x, y Count) int { return rank(x) - rank(y) })
	for i, c := range others {
		if i == maxCounts {
			return append(words, fmt.Sprintf("%d more", len(others)-i))
		}
		words = append(words, fmt.Sprintf("%s %d", Called(c.In, c.Name, c.Like), c.New))
		if c.Meant {
			words[i] += "!"
		}
	}
	return words
}

func rank(c Count) int {
	if c.Meant {
		return 0
	}
	return 1
}

// Called is what a conversation is called where rooms and people stand in one list: no
// room has an @ in its name. What is no name is quoted. Like is whose name that of the other one
// can be taken for; "": nobody's.
func Called(in timeline.Conversation, name, like string) string {
	switch {
	case in.Place == timeline.Lobby:
		return protocol.Lobby
	case in.Alone():
		return "@" + ToldApart(name, like)
	}
	return roomName(name)
}

// place is whom a line goes to, and what is to be known of that.
func (s Status) place() (place string, notes []string) {
	place, notes = "lobby", s.Notes
	switch s.To.Place {
	case timeline.Private:
		place, notes = s.ToName, append([]string{"private"}, notes...)
	case timeline.Direct:
		place, notes = s.ToName, append([]string{"direct"}, notes...)
	case timeline.Room:
		place = roomName(s.ToName)
	}
	return place, notes
}

func withNotes(place string, notes []string) string {
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
	place, notes := s.place()
	return withNotes(place, append(slices.Clone(notes), s.counts()...)) + "> "
}

// title is that of the window.
func (s Status) title() string {
	title := asciiOnly(s.Server)
	if s.Name != "" {
		title = asciiOnly(s.Name) + "@" + title
	}
	title += " " + withNotes(s.place())
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
