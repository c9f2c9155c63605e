//go:build unix

package eventloop

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// raiseFileLimit lifts the number of files that the process may have open as
// high as it can and returns it.
func raiseFileLimit() (int, error) {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return 0, fmt.Errorf("reading the limit of open files: %w", err)
	}
	raised := r
	raised.Cur = r.Max
	if r.Cur < r.Max && unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil {
		r = raised
	}
	return int(min(uint64(r.Cur), 1<<24)), nil
}

// closeWrite ends the writing half of a socket.
func closeWrite(fd int) error { return unix.Shutdown(fd, unix.SHUT_WR) }
