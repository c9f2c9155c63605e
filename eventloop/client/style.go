package client

import (
	"hash/fnv"
	"strings"
)

// A Tone is what a piece of a line is, which decides how it is drawn.
type Tone uint8

// The tones.
const (
	ToneText     Tone = iota // what somebody said
	ToneTime                 // when
	ToneSender               // who; the colour follows from the name
	ToneSelf                 // one's own name as the sender
	ToneMention              // one's own name in a text
	ToneInfo                 // the server's words
	ToneError                // what went wrong
	ToneNotice               // the client's own words
	ToneRule                 // a line across, such as a new day
	ToneMark                 // "(unsent)"
	ToneDirect               // the arrow between two who speak alone
	TonePresence             // who came and went
)

// A Span is a piece of a line in one tone.
type Span struct {
	Text string
	Tone Tone
}

// A Line is one line as it is shown. Old lines, those of the history, are drawn
// paler than others.
type Line struct {
	Spans []Span
	Old   bool
}

// String returns the line without colours.
func (l Line) String() string {
	var b strings.Builder
	for _, s := range l.Spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Parameters of SGR, the escape sequence that selects how text is drawn
// (ECMA-48, section 8.3.117).
const (
	sgrBold    = "1"
	sgrDim     = "2"
	sgrReverse = "7"
	sgrRed     = "31"
	sgrYellow  = "33"
	sgrMagenta = "35"
	sgrCyan    = "36"
)

// senderColours are the SGR colours that can be read on black and on white.
// Red is left to errors.
const senderColours = "32 33 34 35 36 92 93 94 95 96"

// senderColour returns the colour of a name: always the same one for a name,
// whatever its case.
func senderColour(name string) string {
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(name)))
	colours := strings.Fields(senderColours)
	return colours[h.Sum32()%uint32(len(colours))]
}

// sgr returns how a span is drawn; "" is the terminal's own way.
func (s Span) sgr() string {
	switch s.Tone {
	case ToneSender:
		return senderColour(s.Text)
	case ToneSelf:
		return sgrBold
	case ToneMention:
		return sgrBold + ";" + sgrReverse
	case ToneInfo:
		return sgrCyan
	case ToneError:
		return sgrBold + ";" + sgrRed
	case ToneMark:
		return sgrYellow
	case ToneDirect:
		return sgrBold + ";" + sgrMagenta
	case ToneTime, ToneNotice, ToneRule, TonePresence:
		return sgrDim
	}
	return ""
}

// render returns lines as they are printed, each with a newline.
func render(lines []Line, colours bool) string {
	var b strings.Builder
	for _, l := range lines {
		for _, s := range l.Spans {
			look := s.sgr()
			if l.Old && look != sgrDim {
				look = strings.TrimSuffix(sgrDim+";"+look, ";")
			}
			if !colours || look == "" {
				b.WriteString(s.Text)
				continue
			}
			b.WriteString("\x1b[" + look + "m" + s.Text + "\x1b[0m")
		}
		b.WriteByte('\n')
	}
	return b.String()
}
