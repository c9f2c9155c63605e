//go:build unix

package client

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Times of the end of a client.
const (
	hangupTime = 2 * time.Second        // from when its terminal is closed; it may have to log out
	termTime   = 300 * time.Millisecond // from when it is asked to end
	lastWords  = 300 * time.Millisecond // in which the end of its output is read
	typeTime   = 2 * time.Second        // a client that reads no keys is not waited for
)

// A terminal is a client and the terminal it runs in. The client leads a session and a
// group of processes of its own.
type terminal struct {
	screen *screen
	master *os.File
	cmd    *exec.Cmd
	read   chan struct{} // closed when all was drawn
	over   chan struct{} // closed when the client has ended
}

// start runs a command in a new terminal.
func start(command, environment []string) (*terminal, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = environment
	blocking, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		return nil, fmt.Errorf("the command cannot be run: %w", err)
	}
	master, err := unblocked(blocking)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, err
	}
	t := &terminal{master: master, cmd: cmd, read: make(chan struct{}), over: make(chan struct{})}
	t.screen = newScreen(keys{t})
	go func() {
		_, _ = io.Copy(t.screen, master) // ends with the last process that has the terminal open
		close(t.read)
	}()
	go func() {
		_ = cmd.Wait()
		select { // what it has drawn last is read first, unless others have the terminal open
		case <-t.read:
		case <-time.After(lastWords):
		}
		close(t.over)
	}()
	return t, nil
}

// unblocked returns the same file, which can be closed while somebody reads, and takes a
// deadline for writing. The library of pseudo terminals gives one that cannot.
func unblocked(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(os.NewSyscallError("fcntl", err), unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// keys is the keyboard of a terminal, as a writer.
type keys struct{ t *terminal }

func (k keys) Write(b []byte) (int, error) { return len(b), k.t.press(string(b)) }

// press presses keys.
func (t *terminal) press(keys string) error {
	_ = t.master.SetWriteDeadline(time.Now().Add(typeTime))
	_, err := t.master.WriteString(keys)
	return err
}

// ended reports whether the client is over, and how.
func (t *terminal) ended() (status string, is bool) {
	select {
	case <-t.over:
		return t.cmd.ProcessState.String(), true
	default:
		return "", false
	}
}

// done is closed when the client has ended.
func (t *terminal) done() <-chan struct{} { return t.over }

// hangUp does what closing the window of a terminal does, and reports whether the client
// has ended of that.
func (t *terminal) hangUp() bool {
	t.signal(syscall.SIGHUP)
	t.master.Close()
	return t.ends(hangupTime)
}

// end ends the client with all that it has started in its terminal, and returns when it is
// over. It reports whether it had to be killed.
func (t *terminal) end() (killed bool) {
	ended := t.hangUp()
	t.screen.close()
	if !ended {
		t.signal(syscall.SIGTERM)
		if killed = !t.ends(termTime); killed {
			t.signal(syscall.SIGKILL)
		}
	}
	<-t.over
	<-t.read
	return killed
}

// ends waits for the client's end.
func (t *terminal) ends(d time.Duration) bool {
	select {
	case <-t.over:
		return true
	case <-time.After(d):
		return false
	}
}

// signal sends a signal to the client's group, unless it has ended.
func (t *terminal) signal(s syscall.Signal) {
	if _, over := t.ended(); over {
		return
	}
	if err := syscall.Kill(-t.cmd.Process.Pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		_ = t.cmd.Process.Signal(s)
	}
}
