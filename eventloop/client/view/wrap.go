package view

import "strings"

// A line is one row of what is shown.
type line []span

// A span is a piece of a line in one tone.
type span struct {
	text string
	tone tone
}

// A word is what is not broken if it fits into a row. Its pieces may differ in tone.
type word struct {
	blanks int // before it
	spans  []span
	width  int
}

// wrapper breaks texts into lines of so many columns at most; 0 is no limit. Lines
// behind the first of a text begin with hang.
type wrapper struct {
	columns   int
	hang      span
	eastAsian bool
	keep      int // lines behind so many are only counted, which costs less; 0: none

	lines []line
	count int // of lines, those that are not kept among them

	word    word // whose end was not seen yet
	present line
	width   int
	bare    bool // nothing stands in the present line behind the hang
}

// wrap adds the lines of one text that begins with head or, without one, with hang.
func (w *wrapper) wrap(head, text []span) {
	w.present, w.width, w.bare = nil, 0, true
	if head == nil {
		w.hangOut()
	}
	for _, s := range head {
		w.read(s)
	}
	for _, s := range text {
		w.read(s)
	}
	if len(w.word.spans) > 0 || w.word.blanks > 0 {
		w.put()
	}
	w.end()
}

// counting reports whether the present line is only counted.
func (w *wrapper) counting() bool { return w.keep > 0 && w.count >= w.keep }

// read puts the words of a piece, but for the last one, which may go on.
func (w *wrapper) read(s span) {
	for rest := s.text; rest != ""; {
		if blanks := len(rest) - len(strings.TrimLeft(rest, " ")); blanks > 0 {
			if len(w.word.spans) > 0 {
				w.put()
			}
			w.word.blanks += blanks
			rest = rest[blanks:]
			continue
		}
		end := strings.IndexByte(rest, ' ')
		if end < 0 {
			end = len(rest)
		}
		w.word.spans = append(w.word.spans, span{rest[:end], s.tone})
		w.word.width += widthOf(rest[:end], w.eastAsian)
		rest = rest[end:]
	}
}

// widest is how many columns a character has at most.
const widest = 2

// put puts the word where it fits.
func (w *wrapper) put() {
	x := w.word
	w.word = word{spans: x.spans[:0]}
	room := w.columns - widthOf(w.hang.text, w.eastAsian)
	switch {
	case w.columns <= 0 || w.width+x.blanks+x.width <= w.columns:
		w.blanks(x)
		w.append(x.spans, x.width)
	case x.width <= room && !w.bare:
		w.next()
		w.append(x.spans, x.width)
	default: // it fits into no row, or only without what is before it
		switch {
		case w.width+x.blanks < w.columns && (!w.bare || w.width+x.blanks+widest <= w.columns):
			w.blanks(x)
		case !w.bare:
			w.next()
		}
		for _, s := range x.spans {
			w.cut(s)
		}
	}
}

func (w *wrapper) blanks(x word) {
	tone := toneText
	if n := len(w.present); n > 0 && len(x.spans) > 0 && w.present[n-1].tone == x.spans[0].tone {
		tone = x.spans[0].tone
	}
	w.width += x.blanks
	if !w.counting() {
		w.push(span{strings.Repeat(" ", x.blanks), tone})
	}
}

func (w *wrapper) append(spans []span, width int) {
	for _, s := range spans {
		w.push(s)
	}
	w.width += width
	w.bare = w.bare && width == 0
}

// push puts a piece behind the present line, together with what is of the same tone.
func (w *wrapper) push(s span) {
	switch n := len(w.present); {
	case s.text == "" || w.counting():
	case n > 0 && w.present[n-1].tone == s.tone && s.tone != toneSender:
		w.present[n-1].text += s.text
	default:
		w.present = append(w.present, s)
	}
}

// end ends the present line.
func (w *wrapper) end() {
	if !w.counting() {
		w.lines = append(w.lines, w.present)
	}
	w.count++
}

// next begins another line.
func (w *wrapper) next() {
	w.end()
	w.present = nil
	w.hangOut()
}

func (w *wrapper) hangOut() {
	w.push(w.hang)
	w.width = widthOf(w.hang.text, w.eastAsian)
	w.bare = true
}

// cut puts a piece of a word that is wider than a row.
func (w *wrapper) cut(s span) {
	start := 0
	for i, r := range s.text {
		n := columnsOf(r, w.eastAsian)
		if w.width+n > w.columns && !w.bare {
			w.push(span{s.text[start:i], s.tone})
			w.next()
			start = i
		}
		w.width += n
		w.bare = w.bare && n == 0
	}
	w.push(span{s.text[start:], s.tone})
}

// hangFor returns the indent of rows of that many columns.
func hangFor(columns int) string {
	switch {
	case columns <= 0 || columns >= 40:
		return "        "
	case columns >= 16:
		return "    "
	}
	return "  "
}

// ownHangFor returns what stands before the further rows of the client's own words:
// the mark, and an indent, so that what a sentence has of others in it never stands
// where a sentence begins.
func ownHangFor(columns int) string {
	return mark + strings.Repeat(" ", max(1, min(columns/4, 3)))
}
