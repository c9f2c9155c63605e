//go:build unix

package load

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// pump reads with the workers' buffers and one system call per read: net.Conn's
// own Read makes a second one to learn that there is nothing more.
func (c *client) pump(conn net.Conn) error {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return c.pumpPortably(conn)
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return err
	}
	for {
		var ended error
		err := raw.Read(func(fd uintptr) bool {
			c.rest()
			w := <-c.r.workers
			ended = c.drain(w, int(fd))
			c.r.workers <- w
			return ended != nil
		})
		if ended != nil {
			return ended
		}
		if err != nil && !c.nudged(err) {
			return err
		}
	}
}

// drain reads until nothing is left. A read that does not fill the buffer has
// taken all (epoll(7), question 9), but for an end of the stream that came with
// it: that is looked for when the server has said something unusual, which it
// does before it hangs up, and when the reader is nudged.
func (c *client) drain(w *worker, fd int) error {
	for {
		at := copy(w.buf, c.tail)
		if at == len(w.buf) {
			return errors.New("a response is longer than any of this protocol")
		}
		n, err := unix.Read(fd, w.buf[at:])
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return nil
		case err != nil:
			return os.NewSyscallError("read", err)
		case n == 0:
			return io.EOF
		}
		w.reads++
		c.unusual = false
		c.tail = append(c.tail[:0], c.consume(w, w.buf[:at+n])...)
		if at+n < len(w.buf) && !c.unusual && !c.leaving.Load() {
			return nil
		}
	}
}

// nudge has the reader look for an end of the stream.
func (c *client) nudge() { _ = c.conn.SetReadDeadline(time.Unix(1, 0)) }

// nudged reports whether err is of a nudge, after which reading goes on.
func (c *client) nudged(err error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) || c.leaving.Load() {
		return false
	}
	return c.conn.SetReadDeadline(time.Time{}) == nil
}

// FileLimit lifts the number of files that this process may have open as high as
// it can and returns it.
func FileLimit() int {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) != nil {
		return 1 << 24
	}
	raised := r
	raised.Cur = r.Max
	if r.Cur < r.Max && unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil {
		r = raised
	}
	return int(min(uint64(r.Cur), 1<<24))
}

// SelfCPU returns the CPU time that this process has used.
func SelfCPU() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
