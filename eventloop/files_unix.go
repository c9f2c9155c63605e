//go:build unix

package eventloop

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"

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

// writeNow writes as much of b as goes out without waiting.
func writeNow(s *gnetSocket, b []byte) (int, error) {
	for {
		switch n, err := unix.Write(int(s.fd), b); err {
		case nil:
			return n, nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, nil
		default:
			return 0, os.NewSyscallError("write", err)
		}
	}
}

// closeWrite ends the writing half of a socket.
func closeWrite(fd int) error { return unix.Shutdown(fd, unix.SHUT_WR) }

func closeFile(fd int) { _ = unix.Close(fd) }

// sharePort lets other sockets of this user, which ask for it too, listen where l
// does. It returns false where that cannot be.
func sharePort(l *net.TCPListener) bool {
	raw, err := l.SyscallConn()
	if err != nil {
		return false
	}
	shared := false
	err = raw.Control(func(fd uintptr) {
		shared = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) == nil
	})
	return err == nil && shared
}

// maxSocketPath is how long the path of a Unix socket may be, in bytes.
const maxSocketPath = len(unix.RawSockaddrUnix{}.Path) - 1

// lockTimeout is how long a server may wait for another one that starts in the same
// folder, lockInterval how often it looks.
const (
	lockTimeout  = 2 * time.Second
	lockInterval = 5 * time.Millisecond
)

// lockFolder keeps other servers from looking at or making sockets in a folder
// until unlock is called. The lock is the folder's own: no file is left behind.
func lockFolder(path string) (unlock func(), err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	for waited := time.Duration(0); ; waited += lockInterval {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) || waited >= lockTimeout {
			f.Close()
			return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
		}
		time.Sleep(lockInterval)
	}
}

// isStale reports whether what a dial of a socket file said means that its server
// is gone. Nothing else does: one whose queue is full answers EAGAIN.
func isStale(err error) bool { return errors.Is(err, unix.ECONNREFUSED) }
