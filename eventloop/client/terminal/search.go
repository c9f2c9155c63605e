package terminal

import (
	"fmt"
	"slices"
	"strings"
)

// search looks for a text in the lines that were typed before (Ctrl-R, Ctrl-S).
// readline's own keeps what the last one looked for, does not say when nothing is
// found, and loses the line that was being typed.
type search struct {
	history  []string
	draft    []rune // the line that was being typed
	draftPos int

	term     []rune
	at       int // index in history of what was found; len(history) for the draft
	failed   bool
	found    []rune // what the line is now
	foundPos int    // where the term begins in it
}

func newSearch(history []string, line []rune, pos int) *search {
	return &search{history: history, draft: line, draftPos: pos, at: len(history), found: line, foundPos: pos}
}

func (s *search) String() string {
	if s.failed {
		return fmt.Sprintf("(search: %s, not found) ", string(s.term))
	}
	return fmt.Sprintf("(search: %s) ", string(s.term))
}

// extend looks for a longer text, in what was found first.
func (s *search) extend(more []rune) {
	s.term = append(s.term, more...)
	s.find(s.at, -1)
}

// shorten looks for a text that is one grapheme shorter, from the newest line on.
func (s *search) shorten() {
	s.term = s.term[:graphemeBefore(s.term, len(s.term))]
	s.at, s.found, s.foundPos = len(s.history), s.draft, s.draftPos
	s.find(s.at, -1)
}

// next goes on to the next line that has the text: to older ones by -1, to newer
// ones by 1.
func (s *search) next(step int) { s.find(s.at+step, step) }

// find looks for the text from a line on. If there is none, what was found stays.
func (s *search) find(from, step int) {
	s.failed = false
	if len(s.term) == 0 {
		return
	}
	if step < 0 {
		from = min(from, len(s.history)-1)
	}
	for i := from; i >= 0 && i < len(s.history); i += step {
		if before, _, ok := strings.Cut(s.history[i], string(s.term)); ok {
			s.at, s.found, s.foundPos = i, []rune(s.history[i]), len([]rune(before))
			return
		}
	}
	s.failed = true
}

// withoutRepeats leaves the newest of lines that are equal.
func withoutRepeats(lines []string) []string {
	seen := make(map[string]bool, len(lines))
	var unique []string
	for _, line := range slices.Backward(lines) {
		if !seen[line] {
			seen[line] = true
			unique = append(unique, line)
		}
	}
	slices.Reverse(unique)
	return unique
}
