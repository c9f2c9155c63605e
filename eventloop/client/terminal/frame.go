package terminal

import (
	"fmt"
	"slices"
)

// below erases the row of the cursor and all that is below it, and leaves the
// cursor at its start. The step to the right is for tmux, which puts the whole
// screen into its history when it is told to erase from the home position on.
const below = "\r\x1b[2K\x1b[C\x1b[J\r"

// frame is the line as it is on the screen.
type frame struct {
	prompt  string // with colours
	shown   []rune // the prompt without its colours, and the line
	start   int    // of the line in shown
	cursor  int    // index in shown
	columns int    // of the screen; 0 if there is no line
}

// extent returns how many rows the frame takes above the row of the cursor and
// below it, on a screen of that many columns.
func (f frame) extent(columns int) (above, below int) {
	if f.columns == 0 {
		return 0, 0
	}
	end, _ := place(f.shown, len(f.shown), columns)
	row, _ := place(f.shown, f.cursor, columns)
	return row, end - row
}

// height is how many rows the frame takes; without a line there still is the row
// of the cursor.
func (f frame) height() int {
	above, below := f.extent(f.columns)
	return above + 1 + below
}

// settle returns what brings the cursor from the end of the line to its place.
func (f frame) settle() string {
	endRow, endColumn := place(f.shown, len(f.shown), f.columns)
	row, column := place(f.shown, f.cursor, f.columns)
	moves := ""
	if endRow > 0 && endColumn == 0 {
		moves = " \r" // the last row is full: a terminal wraps only before the next character
	}
	if f.cursor == len(f.shown) {
		return moves
	}
	return moves + "\r" + move(endRow-row, 'A') + move(column, 'C')
}

// move returns what moves the cursor: up for A, to the right for C.
func move(n int, direction byte) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%d%c", n, direction)
}

// refresh brings the line up to date. What was only typed on at the end is
// written without drawing all anew: that is nearly every key.
func (s *screen) refresh() {
	s.fit(false)
	if !s.open || !s.draws() {
		return
	}
	old, now := s.drawn, s.frame()
	grown := len(now.shown) - len(old.shown)
	same := now.prompt == old.prompt && grown >= 0 && slices.Equal(old.shown, now.shown[:len(old.shown)])
	switch {
	case same && grown == 0 && now.cursor == old.cursor:
	case same && old.cursor == len(old.shown) && now.cursor == len(now.shown) &&
		!slices.ContainsFunc(now.shown[len(old.shown):], func(r rune) bool { return cells(r) == 0 }):
		s.write(string(now.shown[len(old.shown):]) + now.settle())
		s.drawn = now
		s.shown.grow(0, now.height())
	default:
		s.write(s.erase() + s.draw())
	}
}

// frame returns how the line is to be drawn. It never takes the whole height of
// the screen: what has scrolled away cannot be erased.
func (s *screen) frame() frame {
	columns, rows := s.shown.columns, s.shown.rows
	p := s.prompt
	if s.hint != "" {
		p = newPrompt(s.hint)
	}
	before, behind := paint(s.line[:s.pos]), paint(s.line[s.pos:])
	if s.secret {
		before, behind = stars(before), stars(behind)
	}
	room := columns*max(rows-2, 1) - width(p.runes)
	before, behind = window(before, behind, max(room, columns/2))
	shown := slices.Concat(p.runes, before, behind)
	start := len(p.runes)
	return frame{prompt: p.text, shown: shown, start: start, cursor: start + len(before), columns: columns}
}

// draw returns what draws the line where the cursor is, at the start of a row.
func (s *screen) draw() string {
	if !s.draws() {
		return ""
	}
	text := ""
	if s.open {
		s.drawn = s.frame()
		text = s.drawn.prompt + string(s.drawn.shown[s.drawn.start:]) + s.drawn.settle()
	}
	s.shown.grow(0, s.drawn.height())
	return text
}

// erase returns what erases the line and leaves the cursor where it began.
func (s *screen) erase() string {
	if !s.open || !s.draws() {
		return ""
	}
	above, _ := s.drawn.extent(s.drawn.columns)
	return "\r" + move(above, 'A') + below
}
