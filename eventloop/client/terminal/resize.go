package terminal

// resized is called when the size of the screen may have changed.
func (s *screen) resized() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fit(true)
}

// fit makes what is on the screen right for its size, if that has changed. If it
// is told that it has, it may have changed back as well: a terminal that cuts rows
// has lost their ends then.
//
// Rows of blocks end in a newline, so a wider or higher screen only has another
// line. A narrower one has cut rows, or has wrapped them, so what is visible is
// drawn anew if any was too wide.
func (s *screen) fit(told bool) {
	columns, rows := s.size()
	old := s.shown
	if old.columns == 0 || !s.draws() {
		s.shown.columns, s.shown.rows = columns, rows
		return
	}
	same := columns == old.columns && rows == old.rows
	if same && (!told || s.device.Reflow) {
		return
	}
	before, _ := s.shown.reach(s.shown.above)
	row := s.follow(columns, rows)
	limit := s.shown.above
	if !s.shown.exact && s.device.Reflow {
		// Nothing has left the screen yet, as far as is known.
		limit = 0
		for _, b := range s.shown.blocks[before:] {
			limit += b.height
		}
		limit = min(limit, max(0, rows-1-row))
	}
	first, height := s.shown.reach(limit)
	first = max(first, before)
	widest := 0
	for i := first; i < len(s.shown.blocks); i++ {
		widest = max(widest, s.shown.blocks[i].widest())
	}
	up := "\r"
	text, n := "", 0
	switch {
	case widest > columns, same:
		up += move(min(height, limit)+row, 'A')
		text, n = s.shown.text(first)
		s.shown.above = 0
	default:
		up += move(row, 'A')
	}
	s.shown.grow(n, 1)
	s.write(up + below + text + s.draw())
}

// follow notes what the terminal has made of the rows, and returns how many rows of
// the line are above the cursor now.
//
// The cursor stays in its row of the screen where that is possible (xterm, tmux
// and VTE do so). So what is above it is no less than before, except for what the
// line itself takes below it, or what the screen has lost in height.
func (s *screen) follow(columns, rows int) (row int) {
	sh := &s.shown
	row, behind := s.drawn.extent(max(1, s.drawn.columns))
	top := sh.above + row // rows above the cursor
	if s.device.Reflow {
		now, behindNow := s.drawn.extent(columns)
		switch {
		case columns < sh.columns:
			top -= max(0, behindNow-behind)
		default:
			top = sh.above + now
		}
		row = now
		for i := range sh.blocks {
			sh.blocks[i].height = sh.blocks[i].heightAt(columns)
		}
	}
	sh.above = max(0, min(top, rows-1)-row)
	sh.exact = sh.exact && rows <= sh.rows
	sh.visible = max(sh.visible, sh.above)
	sh.columns, sh.rows = columns, rows
	return row
}
