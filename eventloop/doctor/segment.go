package doctor

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Segment is what one read or write has moved, or a remark between them.
type Segment struct {
	At   time.Duration // since the run began
	Conn int           // number of the connection within the run, from 1 on
	Sent bool          // by the doctor; else it came
	Data []byte        // at most maxSegment bytes
	Cut  int           // bytes that it had, if that is more than Data holds
	Note string        // in place of bytes: such as "closed by the server"
}

// maxSegment is how many bytes of a segment are kept: a report is to be read.
const maxSegment = 1500

// NewSegment returns a segment with a copy of data, of which it keeps maxSegment bytes.
func NewSegment(at time.Duration, conn int, sent bool, data []byte) Segment {
	s := Segment{At: at, Conn: conn, Sent: sent}
	s.Data = append([]byte{}, data[:min(len(data), maxSegment)]...)
	if len(data) > maxSegment {
		s.Cut = len(data)
	}
	return s
}

// Way says who moved the bytes: "sent" or "came", and "note" for a remark.
func (s Segment) Way() string {
	switch {
	case s.Note != "":
		return "note"
	case s.Sent:
		return "sent"
	}
	return "came"
}

// Text returns the bytes as a person can read them: all that is no printable character
// as an escape, such as \n or \xff.
func (s Segment) Text() string { return s.text(maxSegment) }

// text returns at most n bytes of the segment.
func (s Segment) text(n int) string {
	if s.Note != "" {
		return "(" + visible([]byte(s.Note)) + ")"
	}
	t := visible(s.Data[:min(n, len(s.Data))])
	if size := max(s.Cut, len(s.Data)); size > n {
		t += fmt.Sprintf("... (%d bytes)", size)
	}
	return t
}

// MarshalJSON writes {"t": seconds, "conn": n, "way": sent|came, "bytes": text}, in which
// each character of the text is a byte, as Latin-1 has it; "cut_from" is how many bytes
// there were, if more. A remark has "note" in place of way and bytes.
func (s Segment) MarshalJSON() ([]byte, error) {
	o := struct {
		T     float64 `json:"t"`
		Conn  int     `json:"conn"`
		Way   string  `json:"way,omitempty"`
		Bytes string  `json:"bytes,omitempty"`
		Cut   int     `json:"cut_from,omitempty"`
		Note  string  `json:"note,omitempty"`
	}{T: s.At.Round(time.Millisecond).Seconds(), Conn: s.Conn, Cut: s.Cut, Note: s.Note}
	if s.Note == "" {
		o.Way = s.Way()
		text := make([]rune, len(s.Data))
		for i, b := range s.Data {
			text[i] = rune(b)
		}
		o.Bytes = string(text)
	}
	return json.Marshal(o)
}

// visible writes bytes so that each can be seen and none can do anything to a terminal.
func visible(b []byte) string {
	var w strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&w, `\x%02x`, b[0])
		case r == '\n':
			w.WriteString(`\n`)
		case r == '\r':
			w.WriteString(`\r`)
		case r == '\t':
			w.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&w, `\x%02x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&w, `\u%04x`, r)
		default:
			w.WriteRune(r)
		}
		b = b[n:]
	}
	return w.String()
}
