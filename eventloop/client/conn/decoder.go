package conn

import (
	"bytes"

	"parley/protocol"
)

// A Decoder turns the bytes of one connection into events.
type Decoder struct {
	gen     int
	scanner *protocol.Scanner
	newline bool // one stood behind a response
	spoke   bool // what came last was a response
}

// NewDecoder returns a decoder whose events carry gen.
func NewDecoder(gen int) *Decoder {
	return &Decoder{gen: gen, scanner: protocol.NewScanner(protocol.MaxServedFrame)}
}

const blanks = " \t\r\n"

// Decode reports what is in b, which may be used again afterwards, until report
// returns false. What is no response is reported as the words that it is: lines,
// or what one read has brought of a line.
func (d *Decoder) Decode(b []byte, report func(Event) bool) bool {
	for len(b) > 0 {
		e, used := d.next(b)
		b = b[used:]
		if e.Kind == Response && e.Raw != nil {
			d.spoke = true
			d.newline = d.newline || len(b) > 0 && (b[0] == '\n' || b[0] == '\r')
			e.Newline = d.newline
		}
		if e.Raw == nil && e.Words == "" {
			continue // nothing but blanks, or the rest has not come yet
		}
		if !report(e) {
			return false
		}
	}
	return true
}

// next returns the first event in b and how many bytes it takes. A response
// without raw has not come as a whole.
func (d *Decoder) next(b []byte) (Event, int) {
	idle := d.scanner.Idle()
	if n := len(b) - len(bytes.TrimLeft(b, blanks)); n > 0 && idle {
		d.newline = d.newline || d.spoke && bytes.ContainsAny(b[:n], "\r\n") // it may come by itself
		return Event{Kind: Words}, n
	}
	if idle && b[0] != '{' && b[0] != '[' {
		n := wordsLength(b)
		return d.words(b[:n]), n
	}
	if d.scanner.Skipping() {
		return d.skip(b, 0)
	}
	begun := d.scanner.Pending() > 0
	frame, used, bad := d.scanner.Scan(b)
	if bad == nil && frame == nil {
		return Event{Kind: Response}, used
	}
	if bad == nil {
		var r protocol.Response
		if r, bad = protocol.DecodeResponse(frame); bad == nil {
			return Event{Gen: d.gen, Kind: Response, Response: r, Raw: bytes.Clone(frame)}, used
		}
	}
	e, used := d.skip(b, used)
	switch {
	case bad.Code == protocol.TooLarge:
		e.Words = "(more than 4 MiB in one piece, left out)"
	case begun:
		e.Words = "..." + e.Words
	}
	return e, used
}

func (d *Decoder) words(line []byte) Event {
	d.spoke = false
	return Event{Gen: d.gen, Kind: Words, Words: protocol.DecodeWords(line)}
}

// skip lets the scanner pass over bad input, of which it has taken n bytes of b.
// If a frame begins behind it, the scanner has begun with that.
func (d *Decoder) skip(b []byte, n int) (Event, int) {
	for n < len(b) && d.scanner.Skipping() {
		_, used, _ := d.scanner.Scan(b[n : n+1])
		n += used
	}
	if d.scanner.Idle() && n > 0 && b[n-1] != '\n' {
		n += lineLength(b[n:]) // it may go on behind brackets
	}
	end := n
	if !d.scanner.Idle() && !d.scanner.Skipping() {
		end--
	}
	return d.words(b[:end]), n
}

// wordsLength returns how many bytes of b, which begins with no object, are words:
// a JSON string, or all up to the end of the line or to an object.
func wordsLength(b []byte) int {
	if b[0] == '"' {
		for i := 1; i < len(b); i++ {
			switch b[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
	}
	return lineLength(b)
}

// lineLength returns how many bytes of b are before the end of the line or an object.
func lineLength(b []byte) int {
	if i := bytes.IndexAny(b, "\n{"); i >= 0 {
		return i
	}
	return len(b)
}
