package transport

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// control is for a net.Dialer or net.ListenConfig: it lets several sockets have
// one port. A Dialer uses it for the server connection, so that peers can be
// dialled from, and accepted on, the port that it has. Windows has one option
// that does what SO_REUSEADDR and SO_REUSEPORT do elsewhere.
func control(_, _ string, c syscall.RawConn) error {
	var err error
	if e := c.Control(func(fd uintptr) {
		err = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_REUSEADDR, 1)
	}); e != nil {
		return e
	}
	return err
}
