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
	clean = text[:len(text)-cutOff(text)]
	return strings.Map(unmarked, printable.Text(clean)), len(text) - len(clean)
}

func cutOff(text string) (bytes int) {
	if len(text) <= maxShown {
		return 0
	}
	cut := maxShown
	for !utf8.RuneStart(text[cut]) && cut > maxShown-utf8.UTFMax {
		cut--
	}
	return len(text) - cut
}

// safeLine is safe for what must stay on one line, at most so many columns wide.
func safeLine(text string, columns int) string {
	text = text[:len(text)-cutOff(text)]
	return truncate(foldBlanks(strings.Map(unmarked, printable.Line(text)), 0), columns, "~")
}

// quoted returns a text in quotation marks, which it cannot end itself.
func quoted(text string, columns int, tail string) string {
	text = strings.ReplaceAll(safeLine(text, maxShown), `"`, "'")
	return `"` + truncate(text, columns, tail) + `"`
}

// unmarked replaces the mark, and what a reader may take for it: its wide form, and
// other vertical lines with gaps. What replaces it is the solid line, so nothing is
// lost of a table that somebody has drawn, and solid lines may stay.
func unmarked(r rune) rune {
	switch r {
	case '¦', '￤', '┆', '┇', '┊', '┋', '╎', '╏', '⁞', '⸽':
		return '|'
	}
	return r
}

// foldBlanks makes each run of blanks one space, those at the end of a line none. At
// the beginning of a line but the first so many are kept.
func foldBlanks(text string, leading int) string {
	var b strings.Builder
	b.Grow(len(text))
	begun, blanks, kept := false, 0, 0
	for _, r := range text {
		switch {
		case r == '\n':
			begun, blanks, kept = false, 0, leading
			b.WriteByte('\n')
			continue
		case isBlank(r):
			blanks++
			continue
		case blanks > 0 && isUnseen(r): // it would part a run in two
			continue
		case begun:
			kept = 1
		}
		for range min(blanks, kept) {
			b.WriteByte(' ')
		}
		begun, blanks = true, 0
		b.WriteRune(r)
	}
	return b.String()
}

// isBlank reports whether nothing is seen of r though it takes a column: white space,
// the pattern of Braille without a dot, and signs for an empty place. What package
// printable leaves out is not asked for.
func isBlank(r rune) bool {
	switch r {
	case '\u2800', '\U00013441', '\U00013442', '\U0001d159':
		return true
	}
	return unicode.IsSpace(r)
}

// isUnseen reports whether nothing is seen of r, and it takes no column either.
func isUnseen(r rune) bool {
	return unicode.In(r, unicode.Variation_Selector, unicode.Join_Control)
}

// columnsOf returns how many columns r takes at most: terminals do not agree on those
// of emoji, of letters that are written as part of the one before, and of what came
// late into Unicode.
func columnsOf(r rune, eastAsian bool) int {
	const emojiVariation = '\ufe0f' // makes some terminals draw what is before it wide
	switch {
	case ' ' <= r && r <= '~':
		return 1
	case r == emojiVariation:
		return 1
	case '\U0001f1e6' <= r && r <= '\U0001f1ff': // letters for flags, which are wide alone in some
		return 2
	case '\u3248' <= r && r <= '\u324f': // numbers on black squares, wide for the GNU C library
		return 2
	}
	neutral := runewidth.Condition{EastAsianWidth: eastAsian}
	strict := runewidth.Condition{EastAsianWidth: eastAsian, StrictEmojiNeutral: true}
	n := max(neutral.RuneWidth(r), strict.RuneWidth(r))
	if n == 0 && !unicode.In(r, unicode.Mn, unicode.Me, unicode.Join_Control) {
		return 1
	}
	return n
}

func widthOf(s string, eastAsian bool) (n int) {
	for _, r := range s {
		n += columnsOf(r, eastAsian)
	}
	return n
}

// truncate cuts a text to so many columns, the tail for what is cut off among them. It
// counts each character by itself: what hangs together may be of any length.
func truncate(text string, columns int, tail string) string {
	end, width := 0, 0
	for i, r := range text {
		if width <= columns-len(tail) {
			end = i
		}
		if width += columnsOf(r, false); width > columns {
			return text[:end] + tail
		}
	}
	return text
}
