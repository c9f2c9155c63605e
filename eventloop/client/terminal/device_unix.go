//go:build unix

package terminal

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/chzyer/readline"
	"golang.org/x/sys/unix"
)

// maxStop is how long a stop may take to happen. The kernel ignores it where
// nobody could continue the program, such as in a container.
const maxStop = 100 * time.Millisecond

// makeRaw uses the raw mode of readline since that leaves a newline on output
// what it is, also for what others print, such as a panic.
func makeRaw(in, _ *os.File) (restore func() error, err error) {
	fd := int(in.Fd())
	state, err := readline.MakeRaw(fd)
	if err != nil {
		return nil, err
	}
	return func() error { return readline.Restore(fd, state) }, nil
}

// setEcho has the kernel show what is typed, or not.
func setEcho(in *os.File, on bool) {
	change(in, func(t *unix.Termios) {
		t.Lflag &^= unix.ECHO
		if on {
			t.Lflag |= unix.ECHO
		}
	})
}

// setInterrupts has Ctrl-C end a line, or be a signal again.
func setInterrupts(in *os.File, on bool) {
	change(in, func(t *unix.Termios) {
		t.Cc[unix.VINTR], t.Cc[unix.VEOL] = interruptKey, disabledKey
		if on {
			t.Cc[unix.VINTR], t.Cc[unix.VEOL] = disabledKey, interruptKey
		}
	})
}

// setQuiet keeps the kernel from making signals of keys such as Ctrl-C.
func setQuiet(in *os.File) {
	change(in, func(t *unix.Termios) { t.Lflag &^= unix.ISIG })
}

// change changes the settings of a terminal; see termios(3).
func change(in *os.File, settings func(t *unix.Termios)) {
	fd := int(in.Fd())
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return
	}
	settings(t)
	_ = unix.IoctlSetTermios(fd, setTermios, t)
}

// watch reports the signals that tell of a terminal. Each has a place of its own to wait
// in: they often come together, and that the program goes on is told first.
func watch(resized, continued func()) (stop func()) {
	sizes, continues := make(chan os.Signal, 1), make(chan os.Signal, 1)
	done, ended := make(chan struct{}), make(chan struct{})
	signal.Notify(sizes, syscall.SIGWINCH)
	signal.Notify(continues, syscall.SIGCONT)
	go func() {
		defer close(ended)
		for {
			select {
			case <-sizes:
				select {
				case <-continues:
					continued()
				default:
				}
				resized()
			case <-continues:
				continued()
				resized()
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(sizes)
		signal.Stop(continues)
		close(done)
		<-ended
	}
}

// stop does what the kernel does for Ctrl-Z outside of raw mode.
func stop() {
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	if syscall.Kill(0, syscall.SIGTSTP) != nil {
		return
	}
	select {
	case <-continued:
	case <-time.After(maxStop):
	}
}
