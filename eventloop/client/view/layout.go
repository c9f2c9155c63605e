package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
	ids   bool   // the number of what was said is shown
	room  string // in which it was said, if that is to be told; safe
	clock string // the time, and the date if it is of another day
	text  string // of the entry, safe
	left  int    // bytes of it that are not in text
}

// ready returns an entry ready to be laid out for somebody, whose lines go to a place.
func (l *Layout) ready(e timeline.Entry, s Status, clock string) laid {
	x := laid{Layout: l, entry: e, self: s.Name, ids: s.IDs || e.In.Place == timeline.Again, clock: clock, room: roomOf(e, s.To.Place)}
	x.text, x.left = safe(strings.Trim(e.WithHint(), "\n"))
	x.left += e.Left
	switch _, own := ownTone(e.Kind); {
	case own:
	case e.Kind == timeline.Message:
		x.text = foldBlanks(x.text, maxLeading)
	default:
		x.text = foldBlanks(strings.TrimSpace(x.text), maxLeading)
	}
	return x
}

// rows returns the entry for so many columns, all but the first foldedRows folded away.
func (x laid) rows(columns int) []string {
	lines, count := x.lines(columns, foldedRows+1)
	left := count - foldedRows
	if left <= 1 {
		return x.draw(lines)
	}
	return append(x.draw(lines[:foldedRows]), x.drawOwn(fmt.Sprintf("%d more rows: /show %d", left, x.entry.ID), columns)...)
}

func (x laid) draw(lines []line) []string {
	rows := make([]string, len(lines))
	for i, l := range lines {
		rows[i] = x.Theme.draw(l, x.entry.Old, x.Colours)
	}
	return rows
}

// drawOwn draws words of the client's own about the entry.
func (x laid) drawOwn(text string, columns int) []string {
	w := x.wrapper(columns, 0)
	x.own(&w, text, toneNotice)
	return x.draw(w.lines)
}

func (x laid) wrapper(columns, keep int) wrapper {
	return wrapper{columns: columns, eastAsian: x.EastAsian, keep: keep}
}

// lines returns the first lines of the entry, keep of them, or all if that is 0, and
// how many there are.
func (x laid) lines(columns, keep int) (lines []line, count int) {
	w := x.wrapper(columns, keep)
	if tone, own := ownTone(x.entry.Kind); own {
		x.own(&w, x.text, tone)
	} else {
		x.body(&w)
	}
	if x.left > 0 {
		x.own(&w, fmt.Sprintf("%d more bytes were cut off", x.left), toneNotice)
	}
	return w.lines, w.count
}

// ownTone returns the tone of the client's own words; what is of others has none.
func ownTone(k timeline.Kind) (t tone, own bool) {
	switch k {
	case timeline.Notice:
		return toneNotice, true
	case timeline.Warning:
		return toneMark, true
	case timeline.Error:
		return toneError, true
	}
	return 0, false
}

// own adds the client's own words, with the mark before each row.
func (x laid) own(w *wrapper, text string, tone tone) {
	head := []span{{mark + " ", tone}}
	w.hang = span{ownHangFor(w.columns), tone}
	for text := range strings.SplitSeq(text, "\n") {
		w.wrap(head, []span{{text, tone}})
	}
}

// head returns what stands before a text: when, and who speaks.
func (x laid) head() []span {
	e := x.entry
	head := append([]span{{x.clock, toneTime}}, x.number()...)
	if x.room != "" {
		head = append(head, span{"[" + x.room + "]", toneRoom}, span{" ", toneText})
	}
	switch {
	case e.Kind == timeline.Failure:
		head = append(head, span{"! ", toneError})
	case e.Kind == timeline.Announcement:
		return append(head, x.announcer()...)
	case e.Form == timeline.AsEdited:
		return append(head, x.editor()...)
	case e.Kind != timeline.Message || e.Sender == "":
		head = append(head, span{"* ", x.tone()})
	case e.Where().Place == timeline.Private:
		head = append(head, span{x.seal(), toneDirect}, span{" ", toneText})
	case e.Where().Place == timeline.Direct && e.Own:
		return append(head, span{"you", toneSelf}, span{" -> ", toneDirect}, x.person(e.To), x.toldApart(), span{": ", toneText})
	case e.Where().Place == timeline.Direct:
		return append(head, x.person(e.Sender), x.toldApart(), span{" -> ", toneDirect}, span{"you", toneSelf}, span{": ", toneText})
	}
	if e.Sender != "" {
		head = append(append(head, x.speaker()...), span{": ", x.tone()})
	}
	return head
}

// speaker is who speaks. Whom the other one of an own text can be taken for is not told there.
func (x laid) speaker() []span {
	if x.entry.Own {
		return []span{x.person(x.entry.Sender)}
	}
	return []span{x.person(x.entry.Sender), x.toldApart()}
}

// toldApart says behind the name of the other one whom it can be taken for, and who that is
// not.
func (x laid) toldApart() span { return span{notLike(x.entry.Like), toneMark} }

// seal says of a private text whom it is exchanged with, and what is known of that.
func (x laid) seal() string {
	e := x.entry
	words := "private " + safeLine(e.With(), maxSender) + notLike(e.Like)
	if e.Path != "" {
		words += ", " + safeLine(e.Path, maxShown)
	}
	if !e.Verified {
		words += ", not verified"
	}
	return mark + words + mark
}

// roomOf returns the room that stands before an entry. That of the lobby is left out, but
// for somebody whose lines go to another room: what has no room before it never was said
// in one.
func roomOf(e timeline.Entry, to timeline.Place) string {
	switch {
	case e.Where().Place == timeline.Room:
		return roomName(e.Room)
	case e.Where().Place == timeline.Lobby && to == timeline.Room:
		return protocol.Lobby
	}
	return ""
}

// roomName returns the name of a room. What is no name is quoted.
func roomName(name string) string {
	if protocol.CheckRoom(name) != nil {
		return quoted(name, maxSender, "~")
	}
	return name
}

// person returns a name as who speaks. What is no name is quoted.
func (x laid) person(name string) span {
	switch {
	case protocol.CheckName(name) != nil:
		return span{quoted(name, maxSender, "~"), toneText}
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
	case timeline.Announcement:
		return toneAnnouncement
	}
	return toneText
}

// body adds the text behind its head.
func (x laid) body(w *wrapper) {
	w.hang = span{hangFor(w.columns), toneText}
	head := x.head()
	for rest, more := x.text, true; more; head = nil {
		var text string
		text, rest, more = strings.Cut(rest, "\n")
		if w.counting() {
			w.wrap(head, []span{{text, toneText}})
			continue
		}
		spans := x.mentions(text)
		if head != nil {
			spans = append(x.quote(), spans...)
		}
		if !more {
			spans = append(append(spans, x.marks()...), x.fate()...)
		}
		w.wrap(head, spans)
	}
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
		if i := protocol.FindWord(s, word); i >= 0 && (n == 0 || i < at) {
			at, n = i, len(word)
		}
	}
	return at, n
}

// Mentions reports whether a text has one of the words in it, each as a whole word in
// any case.
func Mentions(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return protocol.Mentions(text, word) })
}
