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
	blanks string // before it
	spans  []span
	width  int
}

// wrapper breaks a text into lines of so many columns at most; 0 is no limit. Lines
// behind the first begin with hang.
type wrapper struct {
	columns   int
	hang      span
	eastAsian bool

	lines   []line
	present line
	width   int
	bare    bool // nothing stands in the present line behind the hang
}

// wrap returns the lines of text that begins with head.
func (w *wrapper) wrap(head, text []span) []line {
	w.present, w.width, w.bare = nil, 0, true
	for _, x := range w.words(append(append([]span{}, head...), text...)) {
		w.put(x)
	}
	w.lines = append(w.lines, w.present)
	return w.lines
}

// words cuts spans at blanks.
func (w *wrapper) words(spans []span) []word {
	var all []word
	var x word
	for _, s := range spans {
		for rest := s.text; rest != ""; {
			blanks := len(rest) - len(strings.TrimLeft(rest, " "))
			if blanks > 0 {
				if len(x.spans) > 0 {
					all = append(all, x)
					x = word{}
				}
				x.blanks += rest[:blanks]
				rest = rest[blanks:]
				continue
			}
			end := strings.IndexByte(rest, ' ')
			if end < 0 {
				end = len(rest)
			}
			x.spans = append(x.spans, span{rest[:end], s.tone})
			x.width += widthOf(rest[:end], w.eastAsian)
			rest = rest[end:]
		}
	}
	if len(x.spans) > 0 || x.blanks != "" {
		all = append(all, x)
	}
	return all
}

// put adds a word where it fits.
func (w *wrapper) put(x word) {
	room := w.columns - widthOf(w.hang.text, w.eastAsian)
	switch {
	case w.columns <= 0 || w.width+len(x.blanks)+x.width <= w.columns:
		w.blanks(x)
		w.append(x.spans, x.width)
	case x.width <= room && !w.bare:
		w.next()
		w.append(x.spans, x.width)
	default: // it fits into no row, or only without what is before it
		if w.width+len(x.blanks) < w.columns {
			w.blanks(x)
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
	w.push(span{x.blanks, tone})
	w.width += len(x.blanks)
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
	case s.text == "":
	case n > 0 && w.present[n-1].tone == s.tone && s.tone != toneSender:
		w.present[n-1].text += s.text
	default:
		w.present = append(w.present, s)
	}
}

// next begins another line.
func (w *wrapper) next() {
	w.lines = append(w.lines, w.present)
	w.present = line{w.hang}
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
