package terminal

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

const maxTitle = 120 // characters of a window title; more is not seen in a tab

// encode makes a text one line for the line editor and the history.
func encode(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return newlineRune
		}
		return visible(r)
	}, text)
}

// decode is the inverse of encode; what else is private or a control character
// is dropped.
func decode(line string) string {
	return strings.Map(func(r rune) rune {
		if r == newlineRune {
			return '\n'
		}
		return visible(r)
	}, line)
}

// visible returns -1 for what is to be dropped from a text.
func visible(r rune) rune {
	if unicode.IsControl(r) || r == deleteRune || r == pasteRune || r == drawRune {
		return -1
	}
	return r
}

// paint returns what is drawn for a text. Terminals do not agree on the width of
// what joins or varies characters, so it is not drawn: of a family of emoji its
// members are seen. That way the cursor can be counted.
func paint(text []rune) []rune {
	painted := make([]rune, 0, len(text))
	for _, r := range text {
		switch {
		case r == newlineRune:
			painted = append(painted, '↵')
		case visible(r) < 0, unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector):
		case '\U0001F3FB' <= r && r <= '\U0001F3FF': // tones of skin
		default:
			painted = append(painted, r)
		}
	}
	return painted
}

// stars returns what is drawn for a secret.
func stars(text []rune) []rune { return slices.Repeat([]rune{'*'}, len(text)) }

// cells returns how many columns r takes: 0, 1 or 2.
func cells(r rune) int {
	c := runewidth.Condition{StrictEmojiNeutral: true}
	return c.RuneWidth(r)
}

func width(text []rune) (n int) {
	for _, r := range text {
		n += cells(r)
	}
	return n
}

// place returns where rune n of a text is drawn, or what comes behind its end. A
// wide character that does not fit into a row begins the next one.
func place(text []rune, n, columns int) (row, column int) {
	for i, r := range text {
		w := cells(r)
		if column+w > columns {
			row, column = row+1, 0
		}
		if i == n {
			return row, column
		}
		column += w
	}
	if column >= columns {
		return row + 1, 0
	}
	return row, column
}

// window cuts what is before and behind the cursor down to the given number of
// columns together. An ellipsis stands for what is cut off.
func window(before, behind []rune, room int) ([]rune, []rune) {
	all := width(before) + width(behind)
	if all <= room {
		return before, behind
	}
	// A quarter is left to what is behind the cursor.
	forBehind := max(min(width(behind), room/4), room-width(before))
	slices.Reverse(before)
	before = cut(before, room-forBehind)
	slices.Reverse(before)
	return before, cut(behind, forBehind)
}

// cut leaves what fits into a number of columns.
func cut(text []rune, columns int) []rune {
	if fit(text, columns) == len(text) {
		return text
	}
	return append(slices.Clone(text[:fit(text, columns-1)]), '…')
}

// fit returns how many runes of a text fit into a number of columns.
func fit(text []rune, columns int) int {
	for i, r := range text {
		if columns -= cells(r); columns < 0 {
			return i
		}
	}
	return len(text)
}

// colour is SGR (ECMA-48, section 8.3.117) at the start of a text.
var colour = regexp.MustCompile("^\x1b\\[[0-9;:]*m")

// A prompt is shown before the line.
type prompt struct {
	text  string // with colours
	runes []rune // what is seen of it
}

// newPrompt makes a prompt of any text: what is no visible character and selects
// no colour is left out.
func newPrompt(text string) prompt {
	var p prompt
	for text != "" {
		sgr := colour.FindString(text)
		if sgr != "" {
			p.text, text = p.text+sgr, text[len(sgr):]
			continue
		}
		end := strings.IndexByte(text[1:], escape) + 1
		if end == 0 {
			end = len(text)
		}
		seen := paint([]rune(text[:end]))
		p.runes = append(p.runes, seen...)
		p.text += string(seen)
		text = text[end:]
	}
	if strings.Contains(p.text, "\x1b") {
		p.text += "\x1b[0m"
	}
	return p
}

// cleanTitle makes any text the title of a window.
func cleanTitle(title string) string {
	runes := paint([]rune(title))
	return string(runes[:min(len(runes), maxTitle)])
}
