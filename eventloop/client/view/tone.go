package view

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// A tone is what a piece of a line is, which decides how it is drawn.
type tone uint8

const (
	toneText         tone = iota // what somebody said
	toneTime                     // when
	toneSender                   // who; the colour follows from the name
	toneSelf                     // one's own name as the sender
	toneMention                  // one's own name in a text
	toneInfo                     // the server's words
	toneError                    // what went wrong
	toneNotice                   // the client's own words
	toneRule                     // a line across, such as a new day
	toneMark                     // "(unsent)", and words that need a look
	toneDirect                   // the arrow between two who speak alone
	toneRoom                     // the room before what was said in it
	tonePresence                 // who came and went
	toneAnnouncement             // what somebody who keeps order tells everybody
	toneCount
)

// toneNames are the names of tones for settings.
var toneNames = [toneCount]string{
	toneText: "text", toneTime: "time", toneSender: "sender", toneSelf: "self", toneMention: "mention", toneInfo: "info",
	toneError: "error", toneNotice: "notice", toneRule: "rule", toneMark: "mark", toneDirect: "direct", toneRoom: "room", tonePresence: "presence",
	toneAnnouncement: "announcement",
}

// Parameters of SGR, the escape sequence that selects how text is drawn (ECMA-48,
// section 8.3.117; 90 to 97, the bright colours, are those of aixterm).
var (
	colourNames = []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}
	styles      = map[string]string{"bold": "1", "dim": "2", "italic": "3", "underline": "4", "reverse": "7"}
)

const (
	firstColour       = 30
	firstBrightColour = 90
	sgrDim            = "2"
)

// A Theme is how each tone is drawn, as parameters of SGR; "" is the terminal's own
// way. That of senders is empty unless all are to look the same.
type Theme [toneCount]string

// NewTheme returns the theme that has for the named tones what is said, and else the
// usual. A look is a colour, a style, or several of these, such as "bold bright red".
// The colours are the eight of ECMA-48 and the same with "bright" before them, the
// styles bold, dim, italic, underline and reverse; "none" is the terminal's own way.
func NewTheme(looks map[string]string) (Theme, error) {
	t := Theme{
		toneSelf: "1", toneMention: "1;7", toneInfo: "36", toneError: "1;31", toneMark: "33", toneDirect: "1;35", toneRoom: "34",
		toneAnnouncement: "1;33",
		toneTime:         sgrDim, toneNotice: sgrDim, toneRule: sgrDim, tonePresence: sgrDim,
	}
	for name, words := range looks {
		i := slices.Index(toneNames[:], name)
		if i < 0 {
			return t, fmt.Errorf("there is no %q to give a colour to; there are %s", name, strings.Join(toneNames[:], ", "))
		}
		look, err := parseLook(words)
		if err != nil {
			return t, fmt.Errorf("%s: %w", name, err)
		}
		t[i] = look
	}
	return t, nil
}

func parseLook(words string) (string, error) {
	var parameters []string
	colours := firstColour
	for _, word := range strings.Fields(strings.ToLower(words)) {
		style, isStyle := styles[word]
		colour := slices.Index(colourNames, word)
		switch {
		case word == "none" && len(strings.Fields(words)) == 1:
			return "", nil
		case word == "bright":
			colours = firstBrightColour
		case isStyle:
			parameters = append(parameters, style)
		case colour >= 0:
			parameters = append(parameters, fmt.Sprint(colours+colour))
			colours = firstColour
		default:
			return "", fmt.Errorf("%q is neither a colour (%s, each with bright before it if wanted) nor bold, dim, italic, underline, reverse or none", word, strings.Join(colourNames, ", "))
		}
	}
	if len(parameters) == 0 || colours == firstBrightColour {
		return "", fmt.Errorf("%q names no colour; such as: bold bright red", words)
	}
	return strings.Join(parameters, ";"), nil
}

// senderColours are those that can be read on black and on white. Red is left to
// errors.
const senderColours = "32 33 34 35 36 92 93 94 95 96"

// senderColour returns the colour of a name: always the same one for a name, whatever
// its case.
func senderColour(name string) string {
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(name)))
	colours := strings.Fields(senderColours)
	return colours[h.Sum32()%uint32(len(colours))]
}

// sgr returns how a span is drawn.
func (t *Theme) sgr(s span) string {
	if s.tone == toneSender && t[toneSender] == "" {
		return senderColour(s.text)
	}
	return t[s.tone]
}

// draw returns a line as it is printed. What is old is drawn paler.
func (t *Theme) draw(l line, old, colours bool) string {
	var b strings.Builder
	for _, s := range l {
		look := t.sgr(s)
		if old && look != sgrDim {
			look = strings.TrimSuffix(sgrDim+";"+look, ";")
		}
		if !colours || look == "" || strings.Trim(s.text, " ") == "" {
			b.WriteString(s.text)
			continue
		}
		b.WriteString("\x1b[" + look + "m" + s.text + "\x1b[0m")
	}
	return b.String()
}

func (l line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.text)
	}
	return b.String()
}
