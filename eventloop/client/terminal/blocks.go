package terminal

import (
	"slices"
	"strings"
)

// maxWaiting is how many blocks wait while the terminal is lent.
const maxWaiting = 5000

// minKept is how many rows are kept at least, if there are as many.
const minKept = 200

// block is what was shown at once.
type block struct {
	id   uint64
	draw func(columns int) []string

	rows     []string // as they were drawn
	widths   []int    // of the rows
	columns  int      // of the screen on which they were drawn
	height   int      // how many rows of the screen they take
	beheaded bool     // its first rows were left out
	stale    bool     // the rows are those of before it was replaced: it was not all on the screen
}

// lay makes the rows for a screen of that many columns.
func (b *block) lay(columns int) {
	b.rows = b.draw(columns)
	b.columns, b.beheaded, b.stale, b.widths = columns, false, false, nil
	for _, row := range b.rows {
		b.widths = append(b.widths, width(newPrompt(row).runes))
	}
	b.height = b.heightAt(columns)
}

// heightAt is how many rows the block takes where the terminal wraps rows that
// are too wide.
func (b *block) heightAt(columns int) (n int) {
	for _, w := range b.widths {
		n += rowHeight(w, columns)
	}
	return n
}

// rowHeight is how many rows of the screen a row of that width takes.
func rowHeight(width, columns int) int { return max(1, (width+columns-1)/columns) }

// behead drops n rows at the top of what is drawn, or more if the terminal has
// wrapped one. It returns how many.
func (b *block) behead(n int) (dropped int) {
	old := b.height
	b.beheaded = true
	for old-b.height < n {
		b.height -= rowHeight(b.widths[0], b.columns)
		b.rows, b.widths = b.rows[1:], b.widths[1:]
	}
	return old - b.height
}

func (b *block) widest() int { return slices.Max(append(b.widths, 0)) }

// shown is what is known of the rows above the line. The cursor's row is not: the
// program began somewhere on the screen.
type shown struct {
	columns, rows int     // of the screen
	blocks        []block // which may be on the screen still, the newest last
	known         int     // so many of them stand above the line, and nothing between them

	above int  // how many of their rows are on the screen for certain
	exact bool // no more are
}

// grow notes that n rows more stand above a line of that height.
func (s *shown) grow(n, height int) {
	room := max(0, s.rows-height)
	s.exact = s.exact || s.above+n >= room // the screen is full
	s.above = max(0, min(s.above+n, room))
}

// forget notes that other programs have written, so that nothing above the line is
// where it was.
func (s *shown) forget() { s.known, s.above, s.exact = 0, 0, false }

// add keeps a block, and what fits on two screens or a large one: a terminal that
// gets higher may show rows again that had left.
func (s *shown) add(b block) {
	s.blocks = append(s.blocks, b)
	first, _ := s.reach(max(2*s.rows, minKept), 0)
	s.blocks = slices.Delete(s.blocks, 0, first)
	s.known = min(s.known+1, len(s.blocks))
}

// reach returns the first block of which a part is in the last n rows, but none
// before the given one, and how many rows there are from there on.
func (s *shown) reach(n, oldest int) (first, rows int) {
	first = len(s.blocks)
	for first > oldest && rows < n {
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

// replace draws a block anew where it stands. Where that cannot be done it is not drawn again
// as it was.
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
	again := false
	for i := len(s.shown.blocks) - 1; i >= 0; i-- { // it may have been shown again
		b := &s.shown.blocks[i]
		if !is(*b) {
			continue
		}
		b.draw, b.stale = draw, true
		if old := s.heightFrom(i); old <= s.shown.above && !b.beheaded {
			s.repaint(i, old)
			again = true
		}
	}
	return again
}

// heightFrom is how many rows the blocks from first on take.
func (s *screen) heightFrom(first int) (rows int) {
	for _, b := range s.shown.blocks[first:] {
		rows += b.height
	}
	return rows
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
	sh := &s.shown
	n := sh.above
	if !sh.exact { // rows may be there that are not known of
		n = max(0, sh.rows-s.drawn.height())
	}
	for i := range sh.blocks {
		if sh.blocks[i].stale {
			sh.blocks[i].lay(sh.columns)
		}
	}
	first, rows := sh.reach(n, 0)
	switch {
	case !sh.exact:
		_, rows = sh.text(first)
	case rows > n:
		rows -= sh.blocks[first].behead(rows - n)
	}
	var all []string
	for _, b := range s.shown.blocks[first:] {
		all = append(all, b.rows...)
	}
	s.shown.known = len(s.shown.blocks) - first
	s.shown.above, s.shown.exact = 0, true // from the top of the screen on
	s.shown.grow(rows, s.drawn.height())
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
	s.shown.blocks = nil
	s.shown.forget()
	s.shown.exact = true
	s.write(scroll + "\x1b[H" + s.draw())
}

func joined(rows []string) string {
	if len(rows) == 0 {
		return ""
	}
	return strings.Join(rows, "\n") + "\n"
}
