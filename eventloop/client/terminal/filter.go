package terminal

import (
	"bytes"
	"io"
	"strings"
)

// What stands in a line for what the line editor has no key or no place for.
// They are private to this program (Unicode's plane 16 private use area) and
// never leave it: see encode and decode.
const (
	newlineRune = '\U0010FFF0' // a newline inside the text
	deleteRune  = '\U0010FFF1' // the Delete key
)

const (
	escape     = 0x1b
	pasteBegin = "[200~" // behind ESC
	pasteEnd   = "\x1b[201~"

	tab = "    "

	// maxSequence is the length in bytes of the longest escape sequence that is
	// waited for; the longest that a key sends has 8.
	maxSequence = 32

	// maxPaste is how many bytes of one paste are taken. It is twice what a
	// message may have, so that a text which lost its end is refused as too long
	// and never sent; a line costs time by the square of its length.
	maxPaste = 8 << 10
)

// editing are the control characters that the line editor has a use for. It
// would put all others into the line, take NUL for the end of the input and
// panic on the key that follows Ctrl-T in a line of one character.
const editing = "\x01\x02\x03\x04\x05\x06\x07\x08\t\x0b\x0c\r\x0e\x10\x12\x13\x15\x17\x19\x1a\x7f"

// key returns what the line editor gets for an escape sequence, which comes
// without its ESC. It misses Home and End as ~ sequences, takes the Delete key
// for Ctrl-D and types the rest of a sequence that it does not know.
func key(sequence string) string {
	switch sequence {
	case "[A", "OA":
		return "\x10"
	case "[B", "OB":
		return "\x0e"
	case "[C", "OC":
		return "\x06"
	case "[D", "OD":
		return "\x02"
	case "[H", "OH", "[1~", "[7~":
		return "\x01"
	case "[F", "OF", "[4~", "[8~":
		return "\x05"
	case "[3~":
		return string(deleteRune)
	case "[1;5C", "[1;3C": // Ctrl or Alt and an arrow: a word on
		return "\x1bf"
	case "[1;5D", "[1;3D":
		return "\x1bb"
	}
	return ""
}

// filter turns what a terminal sends into what the line editor understands. A
// newline within a paste becomes newlineRune, so that a pasted text is one line.
//
// If plain is set the input is no terminal in raw mode but a file, or lines that
// the kernel has edited: they hold text and no keys.
type filter struct {
	in    io.Reader
	plain bool

	sequence []byte // of an escape sequence that is not complete; begins with ESC
	paste    bool   // inside a bracketed paste
	pasted   int    // bytes taken of it
	newlines int    // at the end of what was pasted so far; those at the very end are dropped
	cr       bool   // the last byte was a carriage return: a newline behind it is the same one

	out []byte // not read yet
	raw [1024]byte
	err error
}

func (f *filter) Read(p []byte) (int, error) {
	for len(f.out) == 0 {
		if f.err != nil {
			return 0, f.err
		}
		var n int
		n, f.err = f.in.Read(f.raw[:])
		f.out = f.out[:0]
		for _, b := range f.raw[:n] {
			f.step(b)
		}
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	return n, nil
}

func (f *filter) step(b byte) {
	switch {
	case len(f.sequence) > 0 && f.paste:
		f.stepPasteEnd(b)
	case len(f.sequence) > 0:
		f.stepSequence(b)
	case b == escape && !f.plain:
		f.sequence = append(f.sequence, b)
	case f.paste:
		f.stepPaste(b)
	case f.plain:
		f.stepPlain(b)
	default:
		f.stepKey(b)
	}
}

// stepKey takes a byte that was typed.
func (f *filter) stepKey(b byte) {
	switch {
	case f.newline(b):
		f.out = append(f.out, '\r')
	case isControl(b) && strings.IndexByte(editing, b) < 0:
	default:
		f.out = append(f.out, b)
	}
}

func (f *filter) stepPlain(b byte) {
	switch {
	case f.newline(b):
		f.out = append(f.out, '\r')
	case b == '\t':
		f.out = append(f.out, tab...)
	case isControl(b):
	default:
		f.out = append(f.out, b)
	}
}

func (f *filter) stepPaste(b byte) {
	switch {
	case f.newline(b):
		f.newlines++
		return
	case isControl(b) && b != '\t', f.pasted >= maxPaste:
		return
	}
	for ; f.newlines > 0 && f.pasted < maxPaste; f.newlines-- {
		f.out = append(f.out, string(newlineRune)...)
		f.pasted++
	}
	f.pasted++
	if b == '\t' {
		f.out = append(f.out, tab...)
		return
	}
	f.out = append(f.out, b)
}

// newline reports whether b begins a newline: CR, LF or CR LF. The LF of the
// last is no newline and no other character that is kept.
func (f *filter) newline(b byte) bool {
	second := b == '\n' && f.cr
	f.cr = b == '\r'
	return (b == '\r' || b == '\n') && !second
}

// stepPasteEnd takes a byte behind an ESC that was pasted. Unless it is the end
// of the paste, the ESC alone is dropped.
func (f *filter) stepPasteEnd(b byte) {
	f.sequence = append(f.sequence, b)
	switch {
	case string(f.sequence) == pasteEnd:
		f.sequence, f.paste = f.sequence[:0], false
	case !strings.HasPrefix(pasteEnd, string(f.sequence)):
		rest := bytes.Clone(f.sequence[1:])
		f.sequence = f.sequence[:0]
		for _, b := range rest {
			f.step(b)
		}
	}
}

// stepSequence takes a byte behind an ESC that was typed.
func (f *filter) stepSequence(b byte) {
	if b < ' ' || b >= 0x80 || len(f.sequence) == maxSequence {
		f.sequence = f.sequence[:0]
		f.step(b)
		return
	}
	f.sequence = append(f.sequence, b)
	switch n := len(f.sequence); {
	case f.sequence[1] == 'O' && n == 2, f.sequence[1] == '[' && n == 2:
		return
	case f.sequence[1] == '[' && n == 3 && b == '[': // ESC [ [ A is F1 on a Linux console
		return
	case f.sequence[1] == '[' && (b < '@' || b == 0x7f): // a parameter (ECMA-48, section 5.4)
		return
	case n == 2 && strings.IndexByte("bdf\x7f", b) >= 0: // Alt and a key that edits words
		f.out = append(f.out, f.sequence...)
	case n == 2:
		f.sequence = f.sequence[:0]
		f.step(b)
		return
	case string(f.sequence[1:]) == pasteBegin:
		f.paste, f.pasted, f.newlines, f.cr = true, 0, 0, false
	default:
		f.out = append(f.out, key(string(f.sequence[1:]))...)
	}
	f.sequence = f.sequence[:0]
}

func isControl(b byte) bool { return b < ' ' || b == 0x7f }
