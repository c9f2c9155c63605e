package eventloop

import (
	"context"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// BindForOwner makes a Unix socket at a path, which from the first moment on only this
// user may use.
func BindForOwner(path string) (*net.UnixListener, error) {
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
