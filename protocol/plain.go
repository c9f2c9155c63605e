package protocol

import (
	"strconv"
	"strings"
)

// What stands beside a text in a plain session, whose four keys have no other place for it.
// Where a message was said stands right before its text, in a mark that no text can be
// taken for; what else there is to say stands in front of that, so that nobody can write it
// themselves, or behind the text.

// Aside stands before a direct message in a plain session, whose four keys say
// of it nothing that a message to all does not have, too.
const Aside = "(to you alone) "

// RoomMark returns what stands before a message of a room, in a plain session, which has
// no other place for it either.
func RoomMark(room string) string { return "(in " + room + ") " }

// mark returns what stands before a text of r, or a part of it, in a plain session. What
// is said in the lobby has no mark, unless it could be taken for one itself.
func mark(r *Response, text string) string {
	d := r.Data
	switch {
	case r.Kind != KindMessage || d != nil && d.Marks != nil && d.Marks.Removed != nil: // the text has it
		return ""
	case d != nil && place(d) != "":
		return place(d)
	case opensBracket(text):
		return RoomMark(Lobby)
	}
	return ""
}

// place returns where a message was said that was not said in the lobby.
func place(d *Data) string {
	switch {
	case d.Event == EventDirect:
		return Aside
	case d.Event == EventDelivered: // in the answer to history
		return "(to " + d.Likes.inMark(d.To) + " alone) "
	case d.Room != "":
		return RoomMark(d.Room)
	}
	return ""
}

// noted returns what stands before the first part of r's text, in front of its mark, and the
// text with what stands behind it. What was removed has nothing but who did it and why.
func noted(r *Response) (front, text string) {
	d := r.Data
	if d == nil || d.Marks == nil && d.Re == 0 && r.Notes == nil || r.Kind != KindMessage {
		return "", r.Content
	}
	if r.Notes != nil && r.Notes.Number && d.ID > 0 {
		front = "(" + strconv.FormatUint(d.ID, 10) + ") "
	}
	if d.Marks != nil && d.Marks.Removed != nil {
		return "", strings.TrimRight(front+d.Marks.Removed.note(d.Likes)+place(d), " ")
	}
	if d.Re > 0 {
		front += answering(d.Re, r.Notes, d.Likes)
	}
	text = r.Content
	if d.Marks != nil {
		if !d.Marks.Edited.IsZero() {
			text += " (edited)"
		}
		text += d.Marks.reactions(d.Likes)
	}
	return front, text
}

// note says that a message was removed.
func (r *Removal) note(likes Likes) string {
	text := "(removed by " + likes.inMark(r.Who())
	if r.Why != "" {
		text += ": " + inBrackets(r.Why)
	}
	return text + ") "
}

// Who returns who has removed a message, as a sentence names them.
func (r *Removal) Who() string {
	if r.By == "" {
		return "the server's owner"
	}
	return r.By
}

// answers opens the parenthesis that says which message another one answers.
const answers = "(re "

// answering says which message another one answers.
func answering(re uint64, notes *Notes, likes Likes) string {
	if notes == nil || notes.Quote == nil {
		return answers + strconv.FormatUint(re, 10) + ") "
	}
	return answers + likes.inMark(notes.Quote.Name) + `: "` + inBrackets(shortened(notes.Quote.Text)) + `") `
}

// Quoted returns the beginning of a text on one line, in quotes.
func Quoted(text string) string { return `"` + shortened(OneLine(text)) + `"` }

// maxQuote is how many characters of a message a quote has.
const maxQuote = 40

// shortened returns the beginning of a text.
func shortened(text string) string {
	n := 0
	for i := range text {
		if n == maxQuote {
			return text[:i] + "..."
		}
		n++
	}
	return text
}

// OneLine returns a text as a sentence can have it: on one line.
func OneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// inBrackets returns what somebody has typed without all that could be taken for the end of
// the quote or of the parenthesis in which it is to stand.
func inBrackets(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(parentheses, r):
			return '['
		case strings.ContainsRune(closing, r):
			return ']'
		case strings.ContainsRune(quotes, r):
			return '\''
		}
		return r
	}, OneLine(text))
}

// reactions are the line that stands behind a text; "" if there are none.
func (m *Marks) reactions(likes Likes) string {
	if len(m.Reactions) == 0 {
		return ""
	}
	return "\n(reactions: " + m.reactionList(likes.inMark) + ")"
}

// maxNamesBehind is how many people are named in a line of reactions who have put the same
// one.
const maxNamesBehind = 5

// ReactionList returns the reactions and who has put them, in a line: "+1 anna, bob; ok carl".
// Those whose names can be taken for others' are told apart.
func (m *Marks) ReactionList(likes Likes) string { return m.reactionList(likes.ToldApart) }

func (m *Marks) reactionList(shown func(name string) string) string {
	kinds := make([]string, 0, len(m.Reactions))
	for _, r := range m.Reactions {
		more := ""
		if over := len(r.Names) - maxNamesBehind; over > 0 {
			more = " and " + strconv.Itoa(over) + " more"
		}
		var names []string
		for _, name := range r.Names[:min(len(r.Names), maxNamesBehind)] {
			names = append(names, shown(name))
		}
		kind := r.Word + " " + strings.Join(names, ", ") + more
		kinds = append(kinds, kind)
	}
	return strings.Join(kinds, "; ")
}

// opensBracket reports whether the first that one sees of a text looks like the
// parenthesis of a mark. What stands behind it is not looked at: there are too many
// letters that look like others.
func opensBracket(text string) bool {
	for _, r := range text {
		if isVisible(r) {
			return strings.ContainsRune(parentheses, r)
		}
	}
	return false
}

// parentheses are those of Unicode that look like the one of ASCII.
const parentheses = "(⁽₍❨❪⟮⦅⸨﴾﹙（｟"

// closing are those of the other one, and quotes those that look like the quote of ASCII.
const (
	closing = ")⁾₎❩❫⟯⦆⸩﴿﹚）｠"
	quotes  = "\"“”„‟«»＂〝〞″"
)
