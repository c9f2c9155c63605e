package view

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"parley/protocol"
	"parley/protocol/printable"
)

const (
	// mark stands before what the client itself says. See the package's doc.
	mark = "¦"

	// maxShown is the size in bytes of one text on a screen. What Parley's own server
	// sends is far below.
	maxShown = 64 << 10

	// maxSender is the width in columns of a sender: a valid name always fits.
	maxSender = protocol.MaxName + 8

	// maxLeading is how many blanks at the beginning of a line are kept.
	maxLeading = 16
)

// safe makes a text of others safe, and short enough to be worked on; left is how many
// bytes were cut off.
func safe(text string) (clean string, left int) {
	if len(text) > maxShown {
		cut := maxShown
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text, left = text[:cut], len(text)-cut
	}
	return strings.ReplaceAll(printable.Text(text), mark, "|"), left
}

// safeLine is safe for what must stay on one line, at most so many columns wide.
func safeLine(text string, columns int) string {
	if len(text) > maxShown {
		text = text[:maxShown]
	}
	width := runewidth.Condition{}
	return width.Truncate(foldBlanks(strings.ReplaceAll(printable.Line(text), mark, "|"), 0), columns, "~")
}

// foldBlanks makes each run of blanks one space. At the beginning so many are kept.
func foldBlanks(line string, leading int) string {
	var b strings.Builder
	b.Grow(len(line))
	begun, blanks := false, 0
	for _, r := range line {
		switch {
		case isBlank(r):
			blanks++
			continue
		case !begun:
			blanks = min(blanks, leading)
		default:
			blanks = min(blanks, 1)
		}
		for ; blanks > 0; blanks-- {
			b.WriteByte(' ')
		}
		begun = true
		b.WriteRune(r)
	}
	return b.String()
}

// isBlank reports whether nothing is seen of r though it takes a column: white space,
// the fillers of Hangul, and the pattern of Braille without a dot.
func isBlank(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800', '\u180e':
		return true
	}
	return unicode.IsSpace(r)
}

// columnsOf returns how many columns r takes at most: terminals do not agree on those
// of emoji.
func columnsOf(r rune, eastAsian bool) int {
	const emojiVariation = '\ufe0f' // makes some terminals draw what is before it wide
	if r == emojiVariation {
		return 1
	}
	neutral := runewidth.Condition{EastAsianWidth: eastAsian}
	strict := runewidth.Condition{EastAsianWidth: eastAsian, StrictEmojiNeutral: true}
	return max(neutral.RuneWidth(r), strict.RuneWidth(r))
}

func widthOf(s string, eastAsian bool) (n int) {
	for _, r := range s {
		n += columnsOf(r, eastAsian)
	}
	return n
}
