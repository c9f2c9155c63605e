//go:build unix

package transport

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// control is for a net.Dialer or net.ListenConfig: it lets several sockets of
// one user have one port. A Dialer uses it for the server connection, so that
// peers can be dialled from, and accepted on, the port that it has.
func control(_, _ string, c syscall.RawConn) error {
	var err error
	if e := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		if err == nil {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		}
	}); e != nil {
		return e
	}
	return err
}
