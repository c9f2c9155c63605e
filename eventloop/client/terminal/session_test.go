//go:build linux || darwin

package terminal

import (
	"os"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"parley/eventloop/client"
)

// deadline is how long a test waits for what must happen.
const deadline = 10 * time.Second

// session is a Terminal on a pseudo-terminal and what is seen of it. The test is
// the owner.
type session struct {
	*Terminal
	t        testing.TB
	keyboard *os.File // the other side of the pseudo-terminal
	device   *os.File
	cooked   *term.State
	gone     bool // the keyboard has hung up

	mu      sync.Mutex
	screen  *vt
	changed chan struct{}
}

type option func(*session, *Config)

func columns(n int) option {
	return func(s *session, _ *Config) { s.setSize(n, 10) }
}

// at gives the session a terminal of a kind and a size, and a client that knows it.
func at(k kind, columns, rows int) option {
	return func(s *session, c *Config) {
		s.mu.Lock()
		s.screen.kind = k
		s.mu.Unlock()
		s.setSize(columns, rows)
		c.Device.Reflow = k != cuts
	}
}

// environment returns what looks up a variable among some of the form NAME=VALUE.
func environment(variables ...string) func(string) string {
	return func(name string) string {
		for _, v := range variables {
			if key, value, _ := strings.Cut(v, "="); key == name {
				return value
			}
		}
		return ""
	}
}

func dumb(s *session, c *Config) { c.Device = Files(s.device, s.device, environment("TERM=dumb")) }

// open opens a Terminal of 40×10 characters. The terminal must be as it was when
// the test is over, and no goroutine may be left.
func open(t testing.TB, options ...option) *session {
	t.Helper()
	master, device, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	keyboard := unblocked(t, master)
	s := &session{t: t, keyboard: keyboard, device: device, screen: newVT(40, 10), changed: make(chan struct{}, 1)}
	s.setSize(40, 10)
	s.cooked = s.mode()
	watched := make(chan struct{})
	go s.watch(watched)

	c := Config{Device: Files(device, device, environment("TERM=xterm")), Prompt: "> "}
	for _, o := range options {
		o(s, &c)
	}
	if s.Terminal, err = Open(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.close()
		keyboard.Close() // hangs up, which ends the read of the device
		<-watched
		device.Close()
		if len(s.screen.unknown) > 0 {
			t.Errorf("unknown escape sequences %q", s.screen.unknown)
		}
		if _, test := t.(*testing.T); test {
			goleak.VerifyNone(t)
		}
	})
	return s
}

// unblocked returns f in a form whose Close ends a Read.
func unblocked(t testing.TB, f *os.File) *os.File {
	t.Helper()
	defer f.Close()
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), f.Name())
}

func (s *session) watch(done chan<- struct{}) {
	defer close(done)
	b := make([]byte, 4096)
	for {
		n, err := s.keyboard.Read(b)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.screen.feed(b[:n])
		s.mu.Unlock()
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}
}

func (s *session) mode() *term.State {
	s.t.Helper()
	state, err := term.GetState(int(s.device.Fd()))
	if err != nil {
		s.t.Fatal(err)
	}
	return state
}

func (s *session) isCooked() bool { return reflect.DeepEqual(s.mode(), s.cooked) }

// setSize gives the terminal another size, before there is a program that is to be told.
func (s *session) setSize(columns, rows int) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.screen.resize(columns, rows)
	if err := pty.Setsize(s.device, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil {
		s.t.Fatal(err)
	}
}

// resize gives the terminal another size and tells the program.
func (s *session) resize(columns, rows int) {
	s.t.Helper()
	s.setSize(columns, rows)
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) press(keys string) {
	s.t.Helper()
	if _, err := s.keyboard.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// until waits until the screen is as it should be.
func (s *session) until(what string, is func(v *vt) bool) {
	s.t.Helper()
	late := time.After(deadline)
	for {
		s.mu.Lock()
		ok := is(s.screen)
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-s.changed:
		case <-time.After(10 * time.Millisecond): // the mode of the terminal may have changed
		case <-late:
			s.mu.Lock()
			defer s.mu.Unlock()
			s.t.Fatalf("not seen: %s. The screen:\n%s\ncursor in %d, %d", what, s.screen, s.screen.row, s.screen.column)
		}
	}
}

// shows waits until exactly text is seen, with the cursor in the given place.
func (s *session) shows(text string, row, column int) {
	s.t.Helper()
	s.until(text, func(v *vt) bool { return v.String() == text && v.row == row && v.column == column })
}

// gets waits for an Input.
func (s *session) gets(kind client.InputKind, text string) {
	s.t.Helper()
	select {
	case got := <-s.Input():
		if want := (client.Input{Kind: kind, Text: text}); got != want {
			s.t.Fatalf("got %+v, want %+v", got, want)
		}
	case <-time.After(deadline):
		s.mu.Lock()
		defer s.mu.Unlock()
		s.t.Fatalf("no input. The screen:\n%s", s.screen)
	}
}

// line types a line and takes it.
func (s *session) line(keys, want string) {
	s.t.Helper()
	s.Next()
	s.press(keys + "\r")
	s.gets(client.InputLine, want)
}

// close closes the Terminal and checks that it was restored.
func (s *session) close() {
	s.t.Helper()
	start := time.Now()
	if err := s.Close(); err != nil != s.gone {
		s.t.Error(err)
	}
	if took := time.Since(start); took > 2*closeWait {
		s.t.Errorf("Close took %v", took)
	}
	if !s.gone && !s.isCooked() {
		s.t.Error("the terminal was not restored")
	}
	select {
	case <-s.done:
	case <-time.After(deadline):
		s.t.Error("the reader has not ended")
	}
}

func setMode(f *os.File, state *term.State) error { return term.Restore(int(f.Fd()), state) }

// flags are how the kernel edits lines; see termios(3).
func (s *session) flags() uint64 {
	s.t.Helper()
	t, err := unix.IoctlGetTermios(int(s.device.Fd()), getTermios)
	if err != nil {
		s.t.Fatal(err)
	}
	return uint64(t.Lflag)
}
