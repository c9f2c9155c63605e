package terminal

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

const (
	pasteOn  = "\x1b[?2004h"
	pasteOff = "\x1b[?2004l"

	// The title is put on a stack that xterm and its like keep, and taken from
	// there at the end; other terminals are left with an empty one.
	titlePush = "\x1b[22;0t"
	titlePop  = "\x1b]0;\a\x1b[23;0t"
)

// screen is what is seen: lines that were printed and below them, while one is
// being typed, the line with its prompt.
//
// It is locked since three goroutines draw: the owner prints, readline's own
// goroutine shows what was typed, and the reader begins and ends a line.
type screen struct {
	mu      sync.Mutex
	device  Device
	restore func() error // of the terminal's mode; nil unless it is raw
	closed  bool
	titled  bool // a title was set

	secret bool // what is typed is shown as stars
	stale  bool // the line began before that was said: what was typed until then is dropped
	open   bool // a line is being typed
	prompt prompt
	hint   string // shown instead of the prompt if there is one
	line   []rune
	pos    int // of the cursor in it
	drawn  frame
}

// frame is the line as it is on the screen.
type frame struct {
	prompt  string // with colours
	shown   []rune // the prompt without its colours, and the line
	start   int    // of the line in shown
	cursor  int    // index in shown
	columns int    // of the screen
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

func (s *screen) rich() bool { return s.device.Raw != nil }

func (s *screen) start() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rich() {
		if s.restore, err = s.device.Raw(); err != nil {
			return fmt.Errorf("terminal: raw mode: %w", err)
		}
		s.write(pasteOn)
	}
	return nil
}

// close erases the line and gives the terminal back as it was.
func (s *screen) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.secret && s.device.Echo != nil {
		s.device.Echo(true)
	}
	if !s.rich() {
		return nil
	}
	last := s.erase() + pasteOff
	if s.titled {
		last += titlePop
	}
	s.write(last)
	s.open = false
	return s.restore()
}

// suspend gives the terminal back while the program is stopped.
func (s *screen) suspend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.device.Stop == nil {
		return
	}
	s.write(s.erase() + pasteOff)
	if s.restore() == nil {
		s.device.Stop()
	}
	if restore, err := s.device.Raw(); err == nil {
		s.restore = restore
	}
	s.write(pasteOn + s.draw())
}

// setSecret hides what is typed from now on, or shows it again.
func (s *screen) setSecret(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret = on
	if s.device.Echo != nil {
		s.device.Echo(!on)
	}
	if s.open {
		s.stale = true
		s.line, s.pos, s.hint = nil, 0, ""
		s.refresh()
	}
}

func (s *screen) isSecret() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.secret
}

// dropped reports, once, whether what was typed so far is to be dropped.
func (s *screen) dropped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	stale := s.stale
	s.stale = false
	return stale
}

// begin shows an empty line.
func (s *screen) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale = false
	if s.closed {
		return
	}
	s.open, s.line, s.pos, s.hint = true, nil, 0, ""
	s.write(s.draw())
}

// end erases the line. It reports whether the line was a secret, and whether
// what was typed of it is to be dropped.
func (s *screen) end() (secret, stale bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(s.erase())
	s.open, s.line = false, nil
	s.drawn = frame{}
	return s.secret, s.stale
}

// update shows the line after a key. The line belongs to the screen from now on.
func (s *screen) update(line []rune, pos int, hint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line, s.pos, s.hint = line, pos, hint
	s.refresh()
}

func (s *screen) setPrompt(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prompt = newPrompt(text)
	s.refresh()
}

// print shows lines above the one that is being typed.
func (s *screen) print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text == "" {
		return
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	s.write(s.erase() + text + s.draw())
}

func (s *screen) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open && s.rich() {
		s.write("\x1b[H\x1b[2J" + s.draw())
	}
}

func (s *screen) setTitle(title string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.rich() || s.closed {
		return
	}
	push := ""
	if !s.titled {
		s.titled, push = true, titlePush
	}
	s.write(push + "\x1b]0;" + cleanTitle(title) + "\a")
}

func (s *screen) bell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.device.Bell {
		s.write("\a")
	}
}

// write is one write for each change, so that nothing flickers. An error is not
// told: a screen that is gone cannot show it, and the keyboard ends with it.
func (s *screen) write(text string) {
	if text != "" {
		_, _ = s.device.Out.Write([]byte(text))
	}
}

// refresh brings the screen up to date. What was only typed on at the end is
// written without drawing all anew: that is nearly every key.
func (s *screen) refresh() {
	if !s.open || !s.rich() {
		return
	}
	old, now := s.drawn, s.frame()
	grown := len(now.shown) - len(old.shown)
	same := now.prompt == old.prompt && now.columns == old.columns &&
		grown >= 0 && slices.Equal(old.shown, now.shown[:len(old.shown)])
	switch {
	case same && grown == 0 && now.cursor == old.cursor:
	case same && old.cursor == len(old.shown) && now.cursor == len(now.shown) &&
		!slices.ContainsFunc(now.shown[len(old.shown):], func(r rune) bool { return cells(r) == 0 }):
		s.write(string(now.shown[len(old.shown):]) + now.settle())
		s.drawn = now
	default:
		s.write(s.erase() + s.draw())
	}
}

// frame returns how the line is to be drawn. It never takes the whole height of
// the screen: what has scrolled away cannot be erased.
func (s *screen) frame() frame {
	columns, rows := s.size()
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
	if !s.open || !s.rich() {
		return ""
	}
	s.drawn = s.frame()
	return s.drawn.prompt + string(s.drawn.shown[s.drawn.start:]) + s.drawn.settle()
}

// erase returns what erases the line and leaves the cursor where it began. The
// width is that of now: after a change the terminal has wrapped it anew.
func (s *screen) erase() string {
	if !s.open || !s.rich() {
		return ""
	}
	columns, _ := s.size()
	row, _ := place(s.drawn.shown, s.drawn.cursor, columns)
	return "\r" + move(row, 'A') + "\x1b[J"
}

// size returns the size of the screen, a usual one where it is not told.
func (s *screen) size() (columns, rows int) {
	columns, rows = s.device.Size()
	if columns <= 0 || rows <= 0 {
		return 80, 24
	}
	return columns, rows
}
