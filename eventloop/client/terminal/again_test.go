//go:build linux || darwin

package terminal

import (
	"fmt"
	"testing"
)

// What was shown again is drawn anew wherever it is on the screen.
func TestReplaceWhatWasShownAgain(t *testing.T) {
	s := open(t)
	s.Show(1, text("one (unsent)"))
	s.Show(2, text("two"))
	s.Show(1, text("one (unsent)"))
	s.Next()
	s.press("half")
	s.shows("one (unsent)\ntwo\none (unsent)\n> half", 3, 6)
	if !s.Replace(1, func(int) []string { return []string{"one", "  sent"} }) {
		t.Error("it was not replaced")
	}
	s.shows("one\n  sent\ntwo\none\n  sent\n> half", 5, 6)
	for i := range 6 {
		s.Show(0, text(fmt.Sprint(i)))
	}
	if !s.Replace(1, text("ONE")) {
		t.Error("the one that is on the screen was not replaced")
	}
	s.shows("two\nONE\n0\n1\n2\n3\n4\n5\n> half", 8, 6)
}

// What cannot be drawn anew where it stands, since a part has left the screen, is not drawn
// again as it was either.
func TestReplaceWhatIsOnlyPartlyThere(t *testing.T) {
	s := open(t)
	s.Show(1, func(int) []string { return []string{"secret one", "  secret two"} })
	for i := range 8 {
		s.Show(0, text(fmt.Sprint(i)))
	}
	s.Next()
	s.press("half")
	s.shows("  secret two\n0\n1\n2\n3\n4\n5\n6\n7\n> half", 9, 6)
	if s.Replace(1, text("removed")) {
		t.Error("it was replaced")
	}
	s.press("\x0c") // Ctrl-L
	s.shows("removed\n0\n1\n2\n3\n4\n5\n6\n7\n> half", 9, 6)
	s.Show(2, text("8"))
	s.shows("0\n1\n2\n3\n4\n5\n6\n7\n8\n> half", 9, 6)
	if !s.Replace(2, text("eight")) {
		t.Error("what is there was not replaced")
	}
	s.shows("0\n1\n2\n3\n4\n5\n6\n7\neight\n> half", 9, 6)
}
