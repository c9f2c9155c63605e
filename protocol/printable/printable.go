// Package printable makes what others send safe to be shown: the client prints it, and
// the load tester tells it in its reports. It is pure.
package printable

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// maxMarks combining characters on one letter are kept: written languages
	// need up to three, a variation selector comes on top. Hundreds of them
	// paint over the lines above.
	maxMarks = 4

	// maxEscape is how many bytes are searched for the end of an escape
	// sequence that carries a string, such as a window title. Without an end
	// only its beginning is dropped, so that nobody can hide a whole text.
	maxEscape = 1024

	tabWidth = 4 // spaces that stand for a tab

	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// Text makes remote text safe for a terminal: no control characters but the
// newline, no escape sequences, nothing that turns the direction of writing or
// cannot be seen. Joiners stay between letters that are not ASCII, which is
// where Persian, Indic scripts and emoji need them.
func Text(s string) string { return clean(s, '\n') }

// Line is Text for what must stay on one line, such as a name.
func Line(s string) string { return strings.TrimSpace(clean(s, ' ')) }

// clean does the work; newline is what is written for the end of a line.
func clean(s string, newline rune) string {
	c := cleaner{}
	ends := controlEnds{text: s}
	c.b.Grow(len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case ' ' <= r && r <= '~':
			c.write(r)
		case r == '\x1b' || '\u0090' <= r && r <= '\u009f':
			i += escapeLength(r, s[i:], func(n int) int { return ends.behind(i+n) - i })
		case r == '\r' && strings.HasPrefix(s[i:], "\n"):
		case r == '\n' || r == '\r':
			c.write(newline)
		case r == '\t':
			for range tabWidth {
				c.write(' ')
			}
		case r == '\u0085' || unicode.In(r, unicode.Zl, unicode.Zp):
			c.write(' ')
		case r == zeroWidthJoiner || r == zeroWidthNonJoiner:
			c.joiner = r
		case isHidden(r):
		default:
			c.write(r)
		}
	}
	return c.b.String()
}

// cleaner is text that is being made safe.
type cleaner struct {
	b      strings.Builder
	last   rune // written
	joiner rune // waits for a letter to join; 0 if there is none
	marks  int  // combining characters since the last letter
}

func (c *cleaner) write(r rune) {
	if r > unicode.MaxASCII && unicode.Is(unicode.M, r) {
		if c.marks++; c.marks > maxMarks {
			return
		}
	} else {
		c.marks = 0
	}
	if c.joiner != 0 && c.last > unicode.MaxASCII && r > unicode.MaxASCII {
		c.b.WriteRune(c.joiner)
	}
	c.joiner, c.last = 0, r
	c.b.WriteRune(r)
}

// isHidden reports whether r is not to reach a terminal: control characters,
// all format characters (the bidirectional ones, zero-width ones, tags and the
// byte order mark are among them) but the few Arabic ones that are visible,
// what is drawn as nothing by definition, and what is no character at all.
func isHidden(r rune) bool {
	switch {
	case unicode.IsControl(r):
		return true
	case unicode.Is(unicode.Cf, r):
		return !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	}
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
}

// escapeLength returns how many bytes of rest belong to the escape sequence
// that the control character c begins (ECMA-48, sections 5.3 to 5.6). behindString
// returns what controlEnds says of a control string that begins at n in rest.
func escapeLength(c rune, rest string, behindString func(n int) int) int {
	n := 0
	if c == '\x1b' {
		if rest == "" || rest[0] >= utf8.RuneSelf {
			return 0
		}
		if !strings.ContainsRune("[]PX^_", rune(rest[0])) {
			return span(rest, 0, ' ', '/', '0', '~')
		}
		c, n = rune(rest[0])+0x40, 1
	}
	switch c {
	case '\u009b': // CSI
		for n < len(rest) && '0' <= rest[n] && rest[n] <= '?' {
			n++
		}
		return span(rest, n, ' ', '/', '@', '~')
	case '\u009d', '\u0090', '\u0098', '\u009e', '\u009f': // OSC, DCS, SOS, PM, APC
		return behindString(n)
	}
	return n
}

// span passes over bytes from..to at n and one final byte behind them.
func span(s string, n int, from, to, final, last byte) int {
	for n < len(s) && from <= s[n] && s[n] <= to {
		n++
	}
	if n < len(s) && final <= s[n] && s[n] <= last {
		n++
	}
	return n
}

// controlEnds finds where the control strings of a text end. It is asked from the
// front to the back, and looks at each byte once, however many strings have no end.
type controlEnds struct {
	text    string
	at, end int // the next end that was found, and what is behind it; end 0: none yet
}

// behind returns what is behind the control string that begins at start, which is
// start if it has no end.
func (e *controlEnds) behind(start int) int {
	if e.end == 0 || e.at < start {
		e.find(start)
	}
	if e.at-start >= maxEscape {
		return start
	}
	return e.end
}

func (e *controlEnds) find(start int) {
	for e.at = start; e.at < len(e.text); e.at++ {
		for _, end := range []string{"\a", "\x1b\\", "\u009c"} {
			if strings.HasPrefix(e.text[e.at:], end) {
				e.end = e.at + len(end)
				return
			}
		}
	}
	e.at, e.end = start+maxEscape+len(e.text), len(e.text)
}

// JSON returns JSON text in which no character is hidden: those are
// written as \u escapes, so that nothing is lost. In valid JSON they can only
// stand in strings.
func JSON(json []byte) []byte {
	out := make([]byte, 0, len(json))
	for len(json) > 0 {
		r, n := utf8.DecodeRune(json)
		switch {
		case r == utf8.RuneError && n == 1:
			out = append(out, `\ufffd`...)
		case r > unicode.MaxASCII && (isHidden(r) || unicode.In(r, unicode.Zl, unicode.Zp)) || r == 0x7f:
			out = appendEscapes(out, r)
		default:
			out = append(out, json[:n]...)
		}
		json = json[n:]
	}
	return out
}

// appendEscapes appends r as JSON escapes: two for a character beyond U+FFFF.
func appendEscapes(dst []byte, r rune) []byte {
	units := []rune{r}
	if r1, r2 := utf16.EncodeRune(r); r > 0xffff {
		units = []rune{r1, r2}
	}
	for _, u := range units {
		hex := strconv.FormatUint(uint64(u), 16)
		dst = append(dst, `\u`+strings.Repeat("0", 4-len(hex))+hex...)
	}
	return dst
}
