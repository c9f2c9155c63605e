package admin

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// reachFar opens the folder, and so has a short name for it.
func reachFar(folder string, do func(path string) error) error {
	fd, err := unix.Open(folder, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("data folder %s: %w", folder, err)
	}
	defer unix.Close(fd)
	return do(filepath.Join("/proc/self/fd", fmt.Sprint(fd), socketName))
}

// bind makes the socket, which from the first moment on only its owner may use.
func bind(path string) (*net.UnixListener, error) {
	config := net.ListenConfig{Control: func(_, _ string, socket syscall.RawConn) (err error) {
		if controlErr := socket.Control(func(fd uintptr) { err = unix.Fchmod(int(fd), 0o600) }); controlErr != nil {
			return controlErr
		}
		return err
	}}
	l, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	return l.(*net.UnixListener), nil
}
