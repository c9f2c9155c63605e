package protocol

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckText returns nil for a text that may be shown to others: no longer than most bytes
// (MaxText, or less if the server's owner says so), without control characters but newline and
// tab, and with something to see in it. Clients of the course print what they get; an escape
// sequence would do to their terminals what its sender likes.
func CheckText(text string, most int) *Error {
	if len(text) > most {
		return Errorf(TooLarge, "That text is too long: at most %d bytes, yours has %d. Send it in parts.", most, len(text))
	}
	visible := false
	for i := 0; i < len(text); {
		if ' ' <= text[i] && text[i] <= '~' {
			end := skipPrintable(text, i)
			visible = visible || strings.Trim(text[i:end], " ") != ""
			i = end
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if isForbidden(r) {
			return forbidden(r)
		}
		visible = visible || isVisible(r)
		i += n
	}
	if !visible {
		return Errorf(BadRequest, "That text is blank: there is nothing to see in it.")
	}
	return nil
}

// isForbidden reports whether a character may be in no argument of a request: it is a control
// character, and no newline or tab.
func isForbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

func forbidden(r rune) *Error {
	return Errorf(BadRequest, "There is a control character (U+%04X) in that text: only newlines and tabs can be sent.", r)
}

// checkArgument refuses control characters in an argument: who gives a name that nobody has is
// told it, and a reason or a name may be shown to others.
func checkArgument(text string) *Error {
	i := skipPrintable(text, 0)
	if i == len(text) {
		return nil
	}
	if at := strings.IndexFunc(text[i:], isForbidden); at >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i+at:])
		return forbidden(r)
	}
	return nil
}

// IsTag reports whether a request may have s as its ref, id, token or log: at most MaxTag bytes of
// UTF-8, without control characters. So may the empty string, which says nothing.
func IsTag(s string) bool {
	return len(s) <= MaxTag && utf8.ValidString(s) && checkArgument(s) == nil
}

// skipPrintable returns the index of the first byte at or behind i that is neither
// a blank nor a visible character of ASCII. Like skipOrdinary it looks at eight
// bytes at once.
func skipPrintable(s string, i int) int {
	const ones = 0x0101010101010101
	for ; i+8 <= len(s); i += 8 {
		c := s[i : i+8]
		x := uint64(c[0]) | uint64(c[1])<<8 | uint64(c[2])<<16 | uint64(c[3])<<24 |
			uint64(c[4])<<32 | uint64(c[5])<<40 | uint64(c[6])<<48 | uint64(c[7])<<56
		del := x ^ 0x7f*ones
		if found := (x | (x-' '*ones)&^x | (del-ones)&^del) & (0x80 * ones); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(s) && ' ' <= s[i] && s[i] <= '~' {
		i++
	}
	return i
}

// isVisible reports whether a character leaves something on a
// screen when nothing stands before it. What this version of Unicode does not know
// does: it is a newer emoji, or a box in its place.
func isVisible(r rune) bool {
	return !unicode.In(r, unicode.Z, unicode.Cc, unicode.Cf, unicode.M, unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point) &&
		r != '\u2800' && r != '\U0001D159' // a Braille pattern and a note without a dot
}
