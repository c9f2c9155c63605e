package client

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// Size of the terminal: so wide that hardly a line is broken.
const (
	columns = 200
	rows    = 50
)

// maxDrawn is how many bytes of a client's output are read. A client that draws more in a
// run of some seconds has lost its way.
const maxDrawn = 8 << 20

// A screen is what a client has drawn: the bytes, and what a terminal makes of them. The
// client's output and who looks at it come from different goroutines.
type screen struct {
	mu      sync.Mutex
	bytes   []byte
	vt      *vt.Emulator
	changed chan struct{} // closed when something was drawn or nothing will be any more, and replaced
	last    time.Time     // when something was drawn
}

// newScreen returns an empty screen. What a terminal answers, such as where its cursor is,
// goes to answers until the screen is closed.
func newScreen(answers io.Writer) *screen {
	s := &screen{vt: vt.NewEmulator(columns, rows), changed: make(chan struct{}), last: time.Now()}
	go func() { _, _ = io.Copy(answers, s.vt) }()
	return s
}

// close ends the answers.
func (s *screen) close() {
	if pipe, is := s.vt.InputPipe().(io.Closer); is {
		_ = pipe.Close()
	}
}

// Write draws.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.bytes)+len(b) > maxDrawn {
		return 0, io.ErrShortWrite
	}
	s.bytes = append(s.bytes, b...)
	s.last = time.Now()
	_, _ = s.vt.Write(b)
	s.wake()
	return len(b), nil
}

// wake wakes up who waits. The lock is held.
func (s *screen) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// mark is a place in what was drawn.
func (s *screen) mark() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.bytes)
}

// drawn is what was drawn since a place, without escape sequences.
func (s *screen) drawn(since int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ansi.Strip(string(s.bytes[since:]))
}

// lines are what can be scrolled back to, and the screen.
func (s *screen) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, l := range s.vt.Scrollback().Lines() {
		list = append(list, strings.TrimRight(l.String(), " "))
	}
	return append(list, strings.Split(s.vt.String(), "\n")...)
}

// oneLine takes out where a terminal has broken lines.
var oneLine = strings.NewReplacer("\r", "", "\n", "")

// has reports whether a text was drawn since a place, or stands on the screen.
func (s *screen) has(text string, since int) bool {
	drawn := s.drawn(since)
	return strings.Contains(drawn, text) || strings.Contains(oneLine.Replace(drawn), text) || strings.Contains(strings.Join(s.lines(), "\n"), text)
}

// shows waits until a text is there.
func (s *screen) shows(ctx context.Context, text string, since int) bool {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if s.has(text, since) {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// rests waits until nothing was drawn for a time.
func (s *screen) rests(ctx context.Context, quiet time.Duration) {
	for {
		s.mu.Lock()
		left := time.Until(s.last.Add(quiet))
		s.mu.Unlock()
		if left <= 0 || pause(ctx, left) != nil {
			return
		}
	}
}

// end is what a person reads last, for who wonders why a client has ended.
func (s *screen) end() string {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(s.drawn(0), "\r", "")), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], " / ")
}

// pause waits, and returns an error if the context ends before.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
