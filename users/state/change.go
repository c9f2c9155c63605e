package state

import (
	"cmp"
	"slices"
	"time"

	"parley/users/command"
)

// Marks are what has become of a message since it was said. A message that was removed has
// no text, no reactions and no time of an edit.
type Marks struct {
	Changed   uint64     // the number of the last change
	Edited    time.Time  // when its text was changed last; zero: it was not
	Removed   *Removal   // nil: it was not
	Reactions []Reaction // in the order of the numbers of the first of each kind
}

// A Removal says who has removed a message.
type Removal struct {
	By  string // that one's name, as it was spelled; "": the server's owner at its command line
	Why string
}

// A Reaction is one word or emoji, and who has put it to a message: one at least.
type Reaction struct {
	Word string
	By   []Reactor // in the order in which they did
}

// A Reactor is one of them.
type Reactor struct {
	Person string
	Name   string // as it was spelled
	Number uint64 // of the change by which they did
}

// A Change is what has become of one message: Removed is set, or Word, or else Text is the
// new one.
type Change struct {
	Number  uint64         // its own, behind all before it
	Of      command.Target // as it was until then
	Time    time.Time
	By      Reactor // who has done it; By.Number is that of the reaction, also of one that is taken back
	Text    string
	Removed *Removal
	Word    string // of a reaction
	Gone    bool   // that was taken back
}

// A Version is what a message in a room said until it was edited.
type Version struct {
	Number uint64    // of the edit that has ended it
	Time   time.Time // since when it said that
	Text   string
}

// With returns a message as a change of it has made it. The message stays as it is.
func (m *Message) With(c *Change) *Message {
	now := *m
	now.Text, now.Marks = c.apply(m.Text, m.Marks)
	return &now
}

// With returns a direct message as a change of it has made it. The message stays as it is.
func (d *Direct) With(c *Change) *Direct {
	now := *d
	now.Text, now.Marks = c.apply(d.Text, d.Marks)
	return &now
}

func (c *Change) apply(text string, marks *Marks) (string, *Marks) {
	now := &Marks{}
	if marks != nil {
		*now = *marks
	}
	now.Changed = c.Number
	switch {
	case c.Removed != nil:
		return "", &Marks{Changed: c.Number, Removed: c.Removed}
	case c.Word == "":
		now.Edited = c.Time
		return c.Text, now
	case c.Gone:
		now.Reactions = unreacted(now.Reactions, c.Word, c.By.Number)
	default:
		now.Reactions = reacted(now.Reactions, c.Word, c.By)
	}
	return text, now
}

// reacted returns reactions with one more, in memory of their own.
func reacted(before []Reaction, word string, by Reactor) []Reaction {
	now := slices.Clone(before)
	for i := range now {
		if now[i].Word == word {
			now[i].By = append(slices.Clone(now[i].By), by)
			return now
		}
	}
	return append(now, Reaction{Word: word, By: []Reactor{by}})
}

// unreacted returns reactions without one, likewise.
func unreacted(before []Reaction, word string, number uint64) (now []Reaction) {
	for _, r := range before {
		if r.Word == word {
			r.By = slices.DeleteFunc(slices.Clone(r.By), func(by Reactor) bool { return by.Number == number })
		}
		if len(r.By) > 0 {
			now = append(now, r)
		}
	}
	SortReactions(now)
	return now
}

// SortReactions sorts reactions as Marks have them.
func SortReactions(all []Reaction) {
	slices.SortFunc(all, func(a, b Reaction) int { return cmp.Compare(a.By[0].Number, b.By[0].Number) })
}

// Size returns how many bytes the texts of marks have, about.
func (m *Marks) Size() (bytes int) {
	if m == nil {
		return 0
	}
	if m.Removed != nil {
		bytes = len(m.Removed.By) + len(m.Removed.Why)
	}
	for _, r := range m.Reactions {
		bytes += len(r.Word)
		for _, by := range r.By {
			bytes += len(by.Person) + len(by.Name)
		}
	}
	return bytes
}

// IsRemoved reports whether a message was removed, of which these are the marks.
func (m *Marks) IsRemoved() bool { return m != nil && m.Removed != nil }

// Target returns the facts about a message for a command, as it was read when the last
// number was one: all that was changed up to it is in there.
func (m *Message) Target(asOf uint64) command.Target {
	return command.Target{Number: m.Number, AsOf: asOf, Room: m.Room, Sender: m.Sender, From: m.Person, Time: m.Time, Removed: m.Marks.IsRemoved()}
}

// Target returns the facts about a direct message, likewise.
func (d *Direct) Target(asOf uint64) command.Target {
	return command.Target{Number: d.Number, AsOf: asOf, Sender: d.Sender, From: d.From, To: d.Person, Time: d.Time, Removed: d.Marks.IsRemoved()}
}

// NoteReactions adds to the facts about a message, of which these are the marks, what is to
// be known for a reaction of a person with a word.
func (s *State) NoteReactions(t *command.Target, marks *Marks, person, word string) {
	t.Kinds, t.Reactions, t.Known, t.Mine = 0, 0, false, 0
	if marks == nil {
		return
	}
	t.Kinds = len(marks.Reactions)
	for _, r := range marks.Reactions {
		t.Reactions += len(r.By)
		if r.Word != word {
			continue
		}
		t.Known = true
		for _, by := range r.By {
			if s.Owns(person, by.Person, by.Number) {
				t.Mine = by.Number
			}
		}
	}
}
