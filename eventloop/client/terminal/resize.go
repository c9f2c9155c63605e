package terminal

// resized is called when the size of the screen may have changed.
func (s *screen) resized() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fit(true)
}

// fit makes what is on the screen right for its size, if that has changed. After a
// signal it may have changed and changed back: a terminal that cuts rows has lost
// their ends then.
//
// Rows of blocks end in a newline, so a wider or higher screen only has another
// line. A narrower one has cut rows, or has wrapped them, so what is visible is
// drawn anew if any was too wide.
func (s *screen) fit(signalled bool) {
	columns, rows := s.size()
	old := s.shown
	if old.columns == 0 || !s.draws() {
		s.shown.columns, s.shown.rows = columns, rows
		return
	}
	same := columns == old.columns && rows == old.rows
	if same && (!signalled || s.device.Reflow) {
		return
	}
	full := old.exact && old.above >= old.rows-s.drawn.height() && rows <= old.rows
	row := s.follow(columns, rows)
	s.shown.exact = s.shown.exact && full
	limit := s.shown.above
	if !full { // more may be on the screen than is known of
		limit = max(0, rows-1-row)
	}
	first, height := s.shown.reach(limit, len(s.shown.blocks)-s.shown.known)
	widest := 0
	for _, b := range s.shown.blocks[first:] {
		widest = max(widest, b.widest())
	}
	up := "\r"
	text, n := "", 0
	switch {
	case widest > columns, same:
		up += move(min(height, limit)+row, 'A')
		text, n = s.shown.text(first)
		s.shown.known = len(s.shown.blocks) - first
		s.shown.above, s.shown.exact = 0, false
		if s.device.Reflow && (height > limit || !full) {
			// The part that has left the screen may end in a row that goes on here.
			// What stood here would be taken for its end with the next change.
			text = "\n" + text
		}
	default:
		up += move(row, 'A')
	}
	s.shown.grow(n, 1)
	s.write(up + below + text + s.draw())
}

// follow notes what the terminal has made of the rows, and returns how many rows of
// the line are above the cursor now.
//
// On a full screen the cursor stays in its row where that is possible (xterm, tmux
// and VTE do so). So what is above it is no less than before, except for what the
// line has grown by below it, or what the screen has lost in height.
func (s *screen) follow(columns, rows int) (row int) {
	sh := &s.shown
	row, behind := s.drawn.extent(max(1, s.drawn.columns))
	top := sh.above + row // rows above the cursor
	if s.device.Reflow {
		now, behindNow := s.drawn.extent(columns)
		if columns < sh.columns {
			top -= max(0, behindNow-behind)
		} else {
			top = sh.above + now
		}
		top -= max(0, sh.rows-rows) // rows leave at the top, while others cut them off at the bottom
		sh.exact = sh.exact && now >= row && behindNow == behind
		row = now
		for i := range sh.blocks {
			b := &sh.blocks[i]
			b.columns, b.height = columns, b.heightAt(columns)
		}
	}
	sh.above = max(0, min(top, rows-1)-row)
	sh.exact = sh.exact && rows <= sh.rows
	sh.columns, sh.rows = columns, rows
	return row
}
