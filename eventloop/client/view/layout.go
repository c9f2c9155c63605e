package view

import (
	"fmt"
	"strings"
	"time"

	"parley/eventloop/client/names"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const (
	// foldedRows is how many rows of one text are shown before the rest is folded:
	// less than two of the smallest screens.
	foldedRows = 40

	// maxMarked is how many words of one line are marked.
	maxMarked = 20
)

// A Layout is how entries are laid out.
type Layout struct {
	Location  *time.Location // of the times that are shown
	Clock     string         // the layout of a time of day, as in package time; "" shows none
	Highlight []string       // words that are marked as one's own name is
	Theme     Theme
	Colours   bool
	EastAsian bool // the terminal draws characters of ambiguous width wide (Unicode, UAX 11)
}

// A laid is an entry that is ready to be laid out: with what depends on when it is
// shown, so that it can be laid out again for another width.
type laid struct {
	*Layout
	entry timeline.Entry
	self  string // one's own name
	clock string // the time, and the date if it is of another day
}

// rows returns the entry for so many columns, all but the first foldedRows folded away.
func (x laid) rows(columns int) []string {
	lines := x.lines(columns)
	left := len(lines) - foldedRows
	if left <= 1 {
		return x.draw(lines)
	}
	fold := fmt.Sprintf("%d more rows: /show %d", left, x.entry.ID)
	return append(x.draw(lines[:foldedRows]), x.draw(x.own(fold, toneNotice, columns))...)
}

func (x laid) draw(lines []line) []string {
	rows := make([]string, len(lines))
	for i, l := range lines {
		rows[i] = x.Theme.draw(l, x.entry.Old, x.Colours)
	}
	return rows
}

// lines returns all of the entry.
func (x laid) lines(columns int) []line {
	e := x.entry
	switch e.Kind {
	case timeline.Notice:
		return x.own(e.Text, toneNotice, columns)
	case timeline.Warning:
		return x.own(e.Text, toneMark, columns)
	case timeline.Error:
		return x.own(e.Text, toneError, columns)
	}
	text, left := safe(strings.Trim(e.Text, "\n"))
	if e.Kind != timeline.Message {
		text = strings.TrimSpace(text)
	}
	lines := x.body(x.head(), text, columns)
	if left > 0 {
		lines = append(lines, x.own(fmt.Sprintf("%d more bytes were cut off", left), toneNotice, columns)...)
	}
	return lines
}

// own returns the client's own words, with the mark before each row.
func (x laid) own(text string, tone tone, columns int) []line {
	text, _ = safe(text)
	gutter := span{mark + " ", tone}
	var lines []line
	for text := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		w := wrapper{columns: columns, hang: gutter, eastAsian: x.EastAsian}
		lines = append(lines, w.wrap([]span{gutter}, []span{{text, tone}})...)
	}
	return lines
}

// head returns what stands before a text: when, and who speaks.
func (x laid) head() []span {
	e := x.entry
	head := []span{{x.clock, toneTime}}
	switch {
	case e.Kind == timeline.Failure:
		head = append(head, span{"! ", toneError})
	case e.Kind != timeline.Message || e.Sender == "":
		head = append(head, span{"* ", x.tone()})
	case e.In.Place == timeline.Private:
		head = append(head, span{x.seal(), toneDirect}, span{" ", toneText})
	case e.In.Place == timeline.Direct && e.Own:
		return append(head, span{"you", toneSelf}, span{" -> ", toneDirect}, x.person(e.To), span{": ", toneText})
	case e.In.Place == timeline.Direct:
		return append(head, x.person(e.Sender), span{" -> ", toneDirect}, span{"you", toneSelf}, span{": ", toneText})
	}
	if e.Sender != "" {
		head = append(head, x.person(e.Sender), span{": ", x.tone()})
	}
	return head
}

// seal says of a private text whom it is exchanged with, and what is known of that.
func (x laid) seal() string {
	e := x.entry
	words := "private " + safeLine(e.With(), maxSender)
	if e.Path != "" {
		words += ", " + safeLine(e.Path, maxShown)
	}
	if !e.Verified {
		words += ", not verified"
	}
	return mark + words + mark
}

// person returns a name as who speaks. What is no name is quoted.
func (x laid) person(name string) span {
	switch {
	case protocol.CheckName(name) != nil:
		return span{`"` + safeLine(name, maxSender) + `"`, toneText}
	case x.isSelf(name):
		return span{name, toneSelf}
	}
	return span{name, toneSender}
}

func (x laid) isSelf(name string) bool { return x.self != "" && strings.EqualFold(name, x.self) }

// tone returns the tone of the text.
func (x laid) tone() tone {
	switch x.entry.Kind {
	case timeline.Info:
		return toneInfo
	case timeline.Presence:
		return tonePresence
	case timeline.Failure:
		return toneError
	}
	return toneText
}

// body returns the lines of a text behind its head.
func (x laid) body(head []span, text string, columns int) []line {
	hang := span{hangFor(columns), toneText}
	var lines []line
	texts := strings.Split(text, "\n")
	for i, text := range texts {
		leading := 0
		if i > 0 {
			leading, head = maxLeading, []span{hang}
		}
		spans := x.mentions(foldBlanks(text, leading))
		if i == len(texts)-1 {
			spans = append(spans, x.fate()...)
		}
		w := wrapper{columns: columns, hang: hang, eastAsian: x.EastAsian}
		lines = append(lines, w.wrap(head, spans)...)
	}
	return lines
}

// fate says what has become of an own text, if that is not what one expects.
func (x laid) fate() []span {
	if words := fateOf(x.entry); words != "" {
		return []span{{" (" + words + ")", toneMark}}
	}
	return nil
}

func fateOf(e timeline.Entry) string {
	switch e.State {
	case timeline.Typed:
		return "unsent"
	case timeline.Doubtful:
		return "may not have arrived"
	case timeline.Failed:
		return "not sent"
	}
	return ""
}

// mentions cuts a line where one's own name stands in it, or a word to highlight.
func (x laid) mentions(s string) []span {
	tone := x.tone()
	if tone != toneText || x.entry.Own {
		return []span{{s, tone}}
	}
	var spans []span
	for range maxMarked {
		at, n := x.nextMention(s)
		if n == 0 {
			break
		}
		spans = append(spans, span{s[:at], tone}, span{s[at : at+n], toneMention})
		s = s[at+n:]
	}
	return append(spans, span{s, tone})
}

// nextMention returns where the next word to be marked is, and its length.
func (x laid) nextMention(s string) (at, n int) {
	for _, word := range append([]string{x.self}, x.Highlight...) {
		if i := names.Find(s, word); i >= 0 && (n == 0 || i < at) {
			at, n = i, len(word)
		}
	}
	return at, n
}

// Mentions reports whether a text has one of the words in it, each as a whole word in
// any case.
func Mentions(text string, words ...string) bool {
	text, _ = safe(text)
	for _, word := range words {
		if names.Find(text, word) >= 0 {
			return true
		}
	}
	return false
}
