package terminal

import (
	"bytes"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// What stands in a line for what the line editor has no key or no place for.
// They are private to this program (Unicode's plane 16 private use area) and
// never leave it: see encode and decode.
const (
	newlineRune = '\U0010FFF0' // a newline inside the text
	deleteRune  = '\U0010FFF1' // the Delete key
	pasteRune   = '\U0010FFF2' // a text that was pasted; the filter has it
	drawRune    = '\U0010FFF3' // all that was read at once has come: the line is to be drawn
)

const (
	escape     = 0x1b
	interrupt  = 0x03
	pasteBegin = "[200~" // behind ESC
	pasteEnd   = "\x1b[201~"

	tab = "    "

	// maxSequence is the length in bytes of the longest escape sequence that is
	// waited for; the longest that a key sends has 8.
	maxSequence = 32

	// maxPaste is how many bytes of one paste are taken. It is twice what a
	// message may have, so that a text which lost its end is refused as too long
	// and never sent.
	maxPaste = 8 << 10

	// minRun is how many bytes of text at once are no keys of a person.
	minRun = 32

	// burstGap is how soon behind a burst what is read still belongs to it: a
	// person presses no key as fast.
	burstGap = 50 * time.Millisecond
)

// interruptKey is Ctrl-C.
const interruptKey = 0x03

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

// A paste is a text that is put into the line as a whole.
type paste struct {
	text  string // encoded
	burst bool   // the terminal did not say that it was pasted; see filter
}

// filter turns what a terminal sends into what the line editor understands. A
// text that was pasted becomes a pasteRune, and is taken by take.
//
// Lines that come faster than a person types (a newline and text behind it in one
// read) are a burst: a paste into a terminal that does not say so.
//
// If plain is set the input is no terminal in raw mode but a file, or lines that
// the kernel has edited: they hold text and no keys.
type filter struct {
	plain    bool
	kernel   bool        // plain lines come from a person: Ctrl-C can end them
	question func() bool // an answer is waited for that is one line: nothing is a burst; nil for never

	sequence []byte // of an escape sequence that is not complete; begins with ESC
	cr       bool   // the last byte was a carriage return: a newline behind it is the same one
	behind   []byte // what of this read comes behind the byte that is looked at

	pasting  bool      // inside a paste
	burst    bool      // which is a burst
	burstAt  time.Time // when that was read
	text     []byte    // of the paste
	pasted   int       // bytes taken of it
	newlines int       // at the end of what was pasted so far; those at the very end are dropped

	out []byte

	mu     sync.Mutex // feed and take are called by two goroutines
	pastes []paste    // not taken yet
}

// feed takes what was read at once and returns what the line editor gets for it.
// An incomplete character at its end is kept for the next time.
func (f *filter) feed(read []byte, now time.Time) []byte {
	if f.burst && now.Sub(f.burstAt) > burstGap {
		f.pasting, f.burst = false, false
	}
	if f.pasting && len(read) == 1 && read[0] == interrupt { // a key, and no paste
		f.endPaste()
	}
	for len(read) > 0 {
		if n := f.run(read); n > 0 {
			read = read[n:]
			continue
		}
		f.behind = read[1:]
		f.step(read[0])
		read = read[1:]
	}
	if f.burst {
		f.burstAt = now
		f.give()
	}
	if f.plain {
		return f.flush(len(f.out))
	}
	whole := completeRunes(f.out)
	rest := bytes.Clone(f.out[whole:])
	f.out = append(f.out[:whole], string(drawRune)...)
	out := f.flush(len(f.out))
	f.out = append(f.out, rest...)
	return out
}

// run takes text that came at once as a paste, since the line editor copies the
// line for each key. It returns the length; 0 for what is to be taken key by key.
func (f *filter) run(read []byte) int {
	if f.plain || f.pasting || len(f.sequence) > 0 || completeRunes(f.out) < len(f.out) {
		return 0
	}
	n := bytes.IndexFunc(read, func(r rune) bool { return r < ' ' || r == 0x7f })
	if n < 0 {
		n = len(read)
	}
	if n = completeRunes(read[:n]); n < minRun {
		return 0
	}
	f.cr = false
	f.text = append(f.text[:0], read[:n]...)
	f.give()
	return n
}

func (f *filter) flush(n int) []byte {
	out := bytes.Clone(f.out[:n])
	f.out = f.out[:0]
	return out
}

// completeRunes returns the length of b without a rune that is cut off at its end.
func completeRunes(b []byte) int {
	for n := 1; n <= min(len(b), utf8.UTFMax-1); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-n:]) {
				return len(b) - n
			}
			break
		}
	}
	return len(b)
}

// open reports whether the end of a paste is waited for.
func (f *filter) open() bool { return f.pasting && !f.burst }

// end takes no more of a paste whose end does not come, and returns what the line
// editor gets for it.
func (f *filter) end() []byte {
	f.endPaste()
	return append(f.flush(len(f.out)), string(drawRune)...)
}

// take returns the oldest paste that was not taken.
func (f *filter) take() paste {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.pastes) == 0 {
		return paste{}
	}
	p := f.pastes[0]
	f.pastes = f.pastes[1:]
	return p
}

// give passes on what was pasted so far.
func (f *filter) give() {
	whole := len(f.text)
	if f.burst { // it may go on in the next read
		whole = completeRunes(f.text)
	}
	if whole == 0 {
		return
	}
	f.mu.Lock()
	// By way of runes, since a byte that is no UTF-8 becomes U+FFFD when it is typed.
	f.pastes = append(f.pastes, paste{text: string([]rune(string(f.text[:whole]))), burst: f.burst})
	f.mu.Unlock()
	f.text = append(f.text[:0], f.text[whole:]...)
	f.out = append(f.out, string(pasteRune)...)
}

func (f *filter) beginPaste() {
	f.pasting, f.text, f.pasted, f.newlines, f.cr = true, f.text[:0], 0, 0, false
}

func (f *filter) endPaste() {
	f.give()
	f.sequence, f.pasting, f.burst = f.sequence[:0], false, false
}

func (f *filter) step(b byte) {
	switch {
	case len(f.sequence) > 0 && f.pasting:
		f.stepPasteEnd(b)
	case len(f.sequence) > 0:
		f.stepSequence(b)
	case b == escape && !f.plain:
		f.sequence = append(f.sequence, b)
	case f.pasting:
		f.stepPaste(b)
	case f.plain:
		f.stepPlain(b)
	default:
		f.stepKey(b)
	}
}

// stepKey takes a byte that was typed. Enter is CR; LF is Ctrl-J, which makes a
// line break, but for one behind CR.
func (f *filter) stepKey(b byte) {
	switch {
	case !f.newline(b):
		if !isControl(b) || strings.IndexByte(editing, b) >= 0 {
			f.out = append(f.out, b)
		}
	case f.textBehind():
		f.beginPaste()
		f.burst, f.newlines, f.cr = true, 1, b == '\r'
	case b == '\r':
		f.out = append(f.out, '\r')
	default:
		f.out = append(f.out, string(newlineRune)...)
	}
}

// textBehind reports whether text comes behind a newline in the same read.
func (f *filter) textBehind() bool {
	if f.question != nil && f.question() {
		return false
	}
	behind := bytes.TrimLeft(f.behind, "\r\n")
	return len(behind) > 0 && (!isControl(behind[0]) || behind[0] == '\t')
}

func (f *filter) stepPlain(b byte) {
	switch {
	case f.newline(b):
		f.out = append(f.out, '\r')
	case b == '\t':
		f.out = append(f.out, tab...)
	case isControl(b) && !(b == interruptKey && f.kernel):
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
		f.text = append(f.text, string(newlineRune)...)
		f.pasted++
	}
	f.pasted++
	if b == '\t' {
		f.text = append(f.text, tab...)
		return
	}
	f.text = append(f.text, b)
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
		f.endPaste()
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
	if n := len(f.sequence); n == 1 && (b == '\r' || b == '\n') { // Alt-Enter
		f.sequence = f.sequence[:0]
		f.out = append(f.out, string(newlineRune)...)
		return
	}
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
		f.beginPaste()
	default:
		f.out = append(f.out, key(string(f.sequence[1:]))...)
	}
	f.sequence = f.sequence[:0]
}

func isControl(b byte) bool { return b < ' ' || b == 0x7f }
