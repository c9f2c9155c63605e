package view

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const (
	// maxWord is how many columns of a reaction are shown.
	maxWord = 24

	// maxNames is how many of those are named who have put one reaction to a message.
	maxNames = 5
)

// marked puts words of the client's own into a line of somebody else: nobody else has the
// mark.
func marked(words string) span { return span{mark + words + mark, toneMark} }

// number is the number of a message, if it is to be shown.
func (x laid) number() []span {
	if !x.ids || x.entry.Number == 0 || x.entry.Kind != timeline.Message || x.entry.Form == timeline.AsEdited {
		return nil
	}
	return []span{{Number(x.entry.Number) + " ", toneTime}}
}

// Number is the number of a message as it is shown and can be typed.
func Number(n uint64) string { return fmt.Sprintf("#%d", n) }

// editor is who has edited a message, where its new text stands.
func (x laid) editor() []span {
	e := x.entry
	words := " has edited " + Number(e.Number)
	if x.Clock != "" && !e.Said.IsZero() {
		words += " of " + Moment(e.Said, e.Came, x.Location, x.Clock)
	}
	if name := e.With(); name != "" && e.Own {
		words += ", to " + ToldApart(name, e.Like)
	} else if name != "" {
		words += ", to you"
	}
	return append(x.speaker(), span{words + ": ", toneMark})
}

// announcer is who tells everybody something.
func (x laid) announcer() []span {
	who := []span{{"The server's owner", toneAnnouncement}}
	if x.entry.Sender != "" {
		who = x.speaker()
	}
	return slices.Concat([]span{{"*** ", toneAnnouncement}}, who, []span{{" announces: ", toneAnnouncement}})
}

// Moment is when something was, told at another time: with its date, if it is another one.
func Moment(at, now time.Time, where *time.Location, clock string) string {
	day := "2 Jan "
	switch m, today := midnight(where, at), midnight(where, now); {
	case m.Equal(today):
		day = ""
	case m.Year() != today.Year():
		day = "2 Jan 2006 "
	}
	return at.In(where).Format(day + clock)
}

// quote is what a message answers.
func (x laid) quote() []span {
	q := x.entry.Re
	switch {
	case q.Number == 0:
		return nil
	case q.Sender == "":
		return []span{marked("re " + Number(q.Number)), {" ", toneText}}
	}
	return []span{marked("re " + ToldApart(q.Sender, q.Like) + ": " + Quote(q.Text)), {" ", toneText}}
}

// marks say what has become of a message.
func (x laid) marks() []span {
	words := marksOf(x.entry.Marks)
	if words == "" || x.entry.Form == timeline.AsEdited && !x.entry.Marks.Removed {
		return nil
	}
	s := marked(words)
	if x.text != "" {
		s.text = " " + s.text
	}
	return []span{s}
}

func marksOf(m timeline.Marks) string {
	if m.Removed {
		return removedWords(m)
	}
	var words []string
	if m.Edited {
		words = append(words, "edited")
	}
	if len(m.Reactions) > 0 {
		words = append(words, "reactions: "+Reactions(m))
	}
	return strings.Join(words, "; ")
}

func removedWords(m timeline.Marks) string {
	words := "removed"
	if m.By != "" {
		words += " by " + ToldApart(m.By, m.Likes[m.By])
	}
	if m.Why != "" {
		words += ": " + Quote(m.Why)
	}
	return words
}

// Name returns a name in a sentence. What is no name is quoted.
func Name(name string) string {
	if protocol.CheckName(name) != nil {
		return quoted(name, maxSender, "~")
	}
	return name
}

// ToldApart returns a name in a sentence, with whose it is not if it can be taken for that of
// like; "" is nobody's. What is no name is quoted.
func ToldApart(name, like string) string { return Name(name) + notLike(like) }

// notLike is what stands behind the name.
func notLike(like string) string {
	if like != "" {
		like = Name(like)
	}
	return protocol.ToldApart("", like)
}

// Message names a message in a sentence: its number, whose it is, and its beginning, if that
// is known.
func Message(e timeline.Entry) string {
	words := Number(e.Number)
	switch {
	case e.Own && e.Sender != "": // whom it is like is who it is to
		words += " of " + Name(e.Sender)
	case e.Sender != "":
		words += " of " + ToldApart(e.Sender, e.Like)
	}
	if e.Text != "" {
		words += ", " + Quote(e.Text)
	}
	return words
}

// Reactions are what was put to a message, and by whom: "+1 anna, bob; tada carl".
func Reactions(m timeline.Marks) string {
	kinds := make([]string, len(m.Reactions))
	for i, r := range m.Reactions {
		var names []string
		for _, name := range r.Names[:min(len(r.Names), maxNames)] {
			names = append(names, ToldApart(name, m.Likes[name]))
		}
		kinds[i] = Word(r.Word) + " " + strings.Join(names, ", ")
		if more := len(r.Names) - len(names) + r.More; more > 0 {
			kinds[i] += fmt.Sprintf(" and %d more", more)
		}
	}
	return strings.Join(kinds, "; ")
}

// Word returns a reaction in a sentence. What could be taken for more of the sentence is
// quoted.
func Word(word string) string {
	plain := func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.So, unicode.Sk, unicode.Join_Control) || strings.ContainsRune("+-_!?", r)
	}
	shown := safeLine(word, maxWord)
	if shown == "" || strings.ContainsFunc(shown, func(r rune) bool { return !plain(r) }) {
		return quoted(word, maxWord, "~")
	}
	return shown
}

// reactionsOf say which reactions a message has.
func reactionsOf(e timeline.Entry) string {
	words := Reactions(e.Marks)
	switch {
	case e.Marks.Removed:
		return Message(e) + " was removed."
	case words == "":
		words = "none any more"
	}
	return fmt.Sprintf("Reactions to %s: %s", Message(e), words)
}

// Plain returns a word in a sentence, such as the name of a thing. What could be taken for
// more of the sentence is quoted.
func Plain(word string) string {
	for _, r := range word {
		if r < '!' || r > '~' || strings.ContainsRune("\"'()[]{}<>,;", r) {
			return quoted(word, maxWord, "~")
		}
	}
	return word
}
