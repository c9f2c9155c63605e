package terminal

import (
	"slices"
	"strings"
)

// maxWaiting is how many blocks wait while the terminal is lent.
const maxWaiting = 5000

// block is what was shown at once.
type block struct {
	id     uint64
	draw   func(columns int) []string
	rows   []string // as they were drawn
	widths []int    // of the rows
	height int      // how many rows of the screen they take
}

// lay makes the rows for a screen of that many columns.
func (b *block) lay(columns int) {
	b.rows = b.draw(columns)
	b.widths = b.widths[:0]
	for _, row := range b.rows {
		b.widths = append(b.widths, width(newPrompt(row).runes))
	}
	b.height = b.heightAt(columns)
}

// heightAt is how many rows the block takes where the terminal wraps rows that
// are too wide.
func (b *block) heightAt(columns int) (n int) {
	for _, w := range b.widths {
		n += max(1, (w+columns-1)/columns)
	}
	return n
}

func (b *block) widest() int {
	if len(b.widths) == 0 {
		return 0
	}
	return slices.Max(b.widths)
}

// shown is what is known of the rows above the line. The cursor's row is not: the
// program began somewhere on the screen.
type shown struct {
	columns, rows int     // of the screen
	blocks        []block // which may be on the screen still, the newest last

	above   int  // how many of their rows are on the screen for certain
	exact   bool // no other row is: the screen has been full
	visible int  // how many were on it, before others wrote on it
}

// grow notes that n rows more stand above a line of that height.
func (s *shown) grow(n, height int) {
	room := max(0, s.rows-height)
	s.exact = s.exact || s.above+n >= room
	s.above = max(0, min(s.above+n, room))
	s.visible = max(s.above, min(s.visible+n, room))
}

// forget notes that other programs have written, so that nothing above the line is
// where it was.
func (s *shown) forget() { s.above, s.exact = 0, false }

// add keeps a block, and no more than fit on the screen.
func (s *shown) add(b block) {
	s.blocks = append(s.blocks, b)
	rows, first := 0, len(s.blocks)
	for first > 0 && rows < s.rows {
		first--
		rows += s.blocks[first].height
	}
	s.blocks = slices.Delete(s.blocks, 0, first)
}

// reach returns the first block of which a part is in the last n rows, and how
// many rows there are from there on.
func (s *shown) reach(n int) (first, rows int) {
	first = len(s.blocks)
	for first > 0 && rows < n {
		first--
		rows += s.blocks[first].height
	}
	return first, rows
}

// text lays out the blocks from first on and returns what draws them, and how many
// rows that are.
func (s *shown) text(first int) (text string, rows int) {
	for i := first; i < len(s.blocks); i++ {
		b := &s.blocks[i]
		b.lay(s.columns)
		rows += b.height
		text += joined(b.rows)
	}
	return text, rows
}

// show shows a block above the line that is being typed.
func (s *screen) show(id uint64, draw func(columns int) []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := block{id: id, draw: draw}
	if s.lent {
		s.waited = append(s.waited, b)
		if extra := len(s.waited) - maxWaiting; extra > 0 {
			s.waited = slices.Delete(s.waited, 0, extra)
		}
		return
	}
	s.fit(false)
	s.showAll([]block{b})
}

func (s *screen) showAll(blocks []block) {
	if !s.rich() {
		s.showPlainly(blocks)
		return
	}
	text := ""
	rows := 0
	for _, b := range blocks {
		b.lay(s.shown.columns)
		text += joined(b.rows)
		rows += b.height
		s.shown.add(b)
	}
	if text != "" {
		text = s.erase() + text
		s.shown.grow(rows, s.drawn.height())
		s.write(text + s.draw())
	}
}

// replace draws a block anew where it stands.
func (s *screen) replace(id uint64, draw func(columns int) []string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	is := func(b block) bool { return b.id == id && id != 0 }
	if i := slices.IndexFunc(s.waited, is); i >= 0 {
		s.waited[i].draw = draw
		return true
	}
	if !s.draws() {
		return false
	}
	s.fit(false)
	i := slices.IndexFunc(s.shown.blocks, is)
	if i < 0 {
		return false
	}
	old := 0
	for _, b := range s.shown.blocks[i:] {
		old += b.height
	}
	if old > s.shown.above {
		return false
	}
	s.shown.blocks[i].draw = draw
	s.repaint(i, old)
	return true
}

// repaint draws the blocks from first on anew. They take the given number of rows
// above the line.
func (s *screen) repaint(first, old int) {
	erase := "\r" + move(old+s.cursorRow(), 'A') + below
	text, rows := s.shown.text(first)
	s.shown.grow(rows-old, s.drawn.height())
	s.write(erase + text + s.draw())
}

// cursorRow is how many rows of the line are above the cursor.
func (s *screen) cursorRow() int {
	above, _ := s.drawn.extent(max(1, s.drawn.columns))
	return above
}

// redraw draws what was visible anew, from the top of the screen on: the cursor
// may be anywhere if another program has written.
func (s *screen) redraw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.draws() {
		return
	}
	s.fit(false)
	first, rows := s.shown.reach(s.shown.visible)
	var all []string
	for _, b := range s.shown.blocks[first:] {
		all = append(all, b.rows...)
	}
	// Rows that are too wide count for several, and begin at the top.
	all = all[min(len(all), max(0, rows-s.shown.visible)):]
	s.shown.above, s.shown.exact = 0, false
	visible := s.shown.visible
	s.shown.grow(visible, s.drawn.height())
	s.shown.exact = true // nothing else is there
	s.write("\x1b[H" + below + joined(all) + s.draw())
}

// clear empties the screen by scrolling, so that nothing is lost.
func (s *screen) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.draws() {
		return
	}
	s.fit(false)
	scroll := s.erase()
	scroll += strings.Repeat("\n", s.shown.rows-1)
	s.shown.blocks, s.shown.above, s.shown.visible, s.shown.exact = nil, 0, 0, true
	s.write(scroll + "\x1b[H" + s.draw())
}

func joined(rows []string) string {
	if len(rows) == 0 {
		return ""
	}
	return strings.Join(rows, "\n") + "\n"
}
