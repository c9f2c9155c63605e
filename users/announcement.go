package users

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Change is what happened to a user whom others see.
type Change int

// What happens to users.
const (
	LoggedIn Change = iota
	LoggedOut
	TimedOut       // was inactive for too long
	LostConnection // and did not say goodbye
	JoinedRoom
	LeftRoom
)

// String returns what is said of the user: "logged in".
func (c Change) String() string {
	switch c {
	case LoggedIn:
		return "logged in"
	case LoggedOut:
		return "logged out"
	case TimedOut:
		return "timed out"
	case LostConnection:
		return "lost the connection"
	case JoinedRoom:
		return "joined"
	case LeftRoom:
		return "left"
	}
	return "?"
}

// An Announcement is what the others are to be told.
type Announcement struct {
	Name   string
	Change Change
	At     time.Time // when it was, which for a lost connection is not now
	Person string    // who it is, where that is known
	Rooms  []string  // that they are, or were, in beside the lobby; of JoinedRoom and LeftRoom the one
	Like   string    // whose name theirs can be taken for, and who they are not; "": nobody's, or not known
	Untold []Session // of who has left: the sessions that are not told, as State.Untold was before; nil: as it is now
}

// String returns the announcement as a phrase: "alice logged in".
func (a Announcement) String() string { return a.shown() + " " + a.what() }

// shown returns the name, with whose it is not: "aIice (not alice)".
func (a Announcement) shown() string {
	if a.Like != "" {
		return a.Name + " (not " + a.Like + ")"
	}
	return a.Name
}

// what returns what has happened: "joined gophers".
func (a Announcement) what() string {
	if (a.Change == JoinedRoom || a.Change == LeftRoom) && len(a.Rooms) > 0 {
		return a.Change.String() + " " + a.Rooms[0]
	}
	return a.Change.String()
}

// maxPhrased is how many users a phrase names of each change: what is said to
// people in one sentence is read, and stays short on the wire.
const maxPhrased = 5

// Phrase returns several announcements, oldest first, as one phrase:
// "alice, bob and carl logged in; dora logged out". Of a user with several the
// last one counts.
func Phrase(all []Announcement) string {
	names := make(map[string][]string)
	var order []string
	for i, a := range all {
		if slices.ContainsFunc(all[i+1:], func(b Announcement) bool { return Fold(b.Name) == Fold(a.Name) }) {
			continue
		}
		what := a.what()
		if names[what] == nil {
			order = append(order, what)
		}
		names[what] = append(names[what], a.shown())
	}
	var phrases []string
	for _, what := range order {
		phrases = append(phrases, listed(names[what])+" "+what)
	}
	return strings.Join(phrases, "; ")
}

// listed joins names as a sentence does.
func listed(names []string) string {
	if len(names) > maxPhrased+1 {
		names = append(names[:maxPhrased:maxPhrased], fmt.Sprintf("%d others", len(names)-maxPhrased))
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
