package client

import (
	"bytes"

	"parley/protocol"
)

// A decoder turns the bytes of one connection into events.
type decoder struct {
	gen     int
	scanner *protocol.Scanner
	newline bool // one stood behind a response
	spoke   bool // what came last was a response
}

func newDecoder(gen int) *decoder {
	return &decoder{gen: gen, scanner: protocol.NewScanner(protocol.MaxServedFrame)}
}

const blanks = " \t\r\n"

// decode reports what is in b, which may be used again afterwards, until report
// returns false. What is no response is reported as the words that it is: lines,
// or what one read has brought of a line.
func (d *decoder) decode(b []byte, report func(event) bool) bool {
	for len(b) > 0 {
		e, used := d.next(b)
		b = b[used:]
		if e.kind == eventResponse && e.raw != nil {
			d.spoke = true
			d.newline = d.newline || len(b) > 0 && (b[0] == '\n' || b[0] == '\r')
			e.newline = d.newline
		}
		if e.raw == nil && e.words == "" {
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
func (d *decoder) next(b []byte) (event, int) {
	idle := d.scanner.Idle()
	if n := len(b) - len(bytes.TrimLeft(b, blanks)); n > 0 && idle {
		d.newline = d.newline || d.spoke && bytes.ContainsAny(b[:n], "\r\n") // it may come by itself
		return event{kind: eventWords}, n
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
		return event{kind: eventResponse}, used
	}
	if bad == nil {
		var r protocol.Response
		if r, bad = protocol.DecodeResponse(frame); bad == nil {
			return event{gen: d.gen, kind: eventResponse, response: r, raw: bytes.Clone(frame)}, used
		}
	}
	e, used := d.skip(b, used)
	switch {
	case bad.Code == protocol.TooLarge:
		e.words = "(more than 4 MiB in one piece, left out)"
	case begun:
		e.words = "..." + e.words
	}
	return e, used
}

func (d *decoder) words(line []byte) event {
	d.spoke = false
	return event{gen: d.gen, kind: eventWords, words: protocol.DecodeWords(line)}
}

// skip lets the scanner pass over bad input, of which it has taken n bytes of b.
// If a frame begins behind it, the scanner has begun with that.
func (d *decoder) skip(b []byte, n int) (event, int) {
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
