package terminal

import (
	"fmt"
	"sync"
	"time"

	"parley/eventloop/client"
)

const (
	pasteOn  = "\x1b[?2004h"
	pasteOff = "\x1b[?2004l"

	// The title is put on a stack that xterm and its like keep, and taken from
	// there at the end; other terminals are left with an empty one.
	titlePush = "\x1b[22;0t"
	titlePop  = "\x1b]0;\a\x1b[23;0t"

	// bellPause is how long it is quiet after a ring.
	bellPause = 2 * time.Second
)

// screen is what is seen: blocks that were shown and below them, while one is
// being typed, the line with its prompt.
//
// It is locked since several goroutines draw: the owner shows blocks, readline's
// own goroutine shows what was typed, the reader begins and ends a line, and the
// device tells that its size has changed or that the program goes on.
type screen struct {
	mu      sync.Mutex
	device  Device
	clock   client.Clock
	restore func() error // of the terminal's mode; nil unless it is raw
	closed  bool
	lent    bool // another program has the terminal
	titled  bool // a title was set
	rang    time.Time

	secret bool // what is typed is shown as stars
	stale  bool // the line began before that was said: what was typed until then is dropped
	open   bool // a line is being typed
	prompt prompt
	hint   string // shown instead of the prompt if there is one
	line   []rune
	pos    int // of the cursor in it

	drawn  frame
	shown  shown
	asked  string  // of a terminal that the kernel edits: the prompt that stands in the present row
	waited []block // shown once the terminal is not lent any more
}

func (s *screen) rich() bool { return s.device.Raw != nil }

// draws reports whether the screen is ours to draw on.
func (s *screen) draws() bool { return s.rich() && !s.closed && !s.lent }

func (s *screen) start() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rich() {
		if s.restore, err = s.device.Raw(); err != nil {
			return fmt.Errorf("terminal: raw mode: %w", err)
		}
		s.write(pasteOn)
	}
	s.interrupts(true)
	return nil
}

// close erases the line and gives the terminal back as it was.
func (s *screen) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	last := s.erase() + pasteOff
	s.closed = true
	if !s.rich() {
		s.leaveQuestion()
		if s.secret {
			s.echo(true)
		}
		s.interrupts(false)
		return nil
	}
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
	s.release()
	s.device.Stop()
	s.takeBack()
}

// lend gives the terminal to another program until the function that it returns
// is called. It is not ok when there is none to give.
func (s *screen) lend() (back func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	s.release()
	s.lent = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.closed {
			if s.rich() {
				_ = s.restore() // the other program may have ended without it
			}
			return
		}
		s.lent = false
		s.takeBack()
		s.showAll(s.waited)
		s.waited = nil
	}, true
}

func (s *screen) release() {
	if s.rich() {
		s.write(s.erase() + pasteOff)
		_ = s.restore()
	}
	s.interrupts(false)
}

// takeBack makes the terminal ours again, from the row on in which the cursor
// stands: what is above it others may have written.
func (s *screen) takeBack() {
	if !s.rich() {
		if s.secret {
			s.echo(false)
		}
		s.interrupts(true)
		return
	}
	_, _ = s.device.Raw() // what it restores is the mode that the other program left
	s.shown.forget()
	s.shown.columns, s.shown.rows = s.size()
	s.drawn = frame{}
	s.write(below + pasteOn + s.draw())
}

// continued takes the terminal back when the program was stopped from outside.
func (s *screen) continued() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed && !s.lent {
		s.takeBack()
	}
}

// setSecret hides what is typed from now on, or shows it again.
func (s *screen) setSecret(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret = on
	s.echo(!on)
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

// begin shows a line with a text in it.
func (s *screen) begin(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale = false
	if s.closed {
		return
	}
	s.fit(false)
	s.open, s.line, s.hint = true, []rune(text), ""
	s.pos = len(s.line)
	s.write(s.draw())
	s.ask()
}

// end erases the line, which Enter has ended or not. It reports whether the line was a secret, and whether
// what was typed of it is to be dropped.
func (s *screen) end(by ending) (secret, stale bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fit(false)
	s.write(s.erase())
	s.answered(by)
	s.open, s.line = false, nil
	s.drawn = frame{}
	return s.secret, s.stale
}

// update shows the line after a key. The line is not changed any more.
func (s *screen) update(line []rune, pos int, hint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line, s.pos, s.hint = line, pos, hint
	s.refresh()
}

func (s *screen) setPrompt(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.question()
	s.prompt = newPrompt(text)
	s.refresh()
	if s.question() != old {
		s.leaveQuestion()
		s.ask()
	}
}

func (s *screen) setTitle(title string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.draws() {
		return
	}
	push := ""
	if !s.titled {
		s.titled, push = true, titlePush
	}
	s.write(push + "\x1b]0;" + cleanTitle(title) + "\a")
}

// bell rings, unless it has just been heard.
func (s *screen) bell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	if s.device.Bell && !s.lent && (s.rang.IsZero() || now.Sub(s.rang) >= bellPause) {
		s.rang = now
		s.write("\a")
	}
}

// beep says that a key does nothing here.
func (s *screen) beep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.device.Bell && s.draws() {
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

// size returns the size of the screen, a usual one where it is not told.
func (s *screen) size() (columns, rows int) {
	if s.device.Size != nil {
		columns, rows = s.device.Size()
	}
	if columns <= 0 || rows <= 0 {
		return 80, 24
	}
	return columns, rows
}
