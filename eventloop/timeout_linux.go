package eventloop

import (
	"time"

	"golang.org/x/sys/unix"
)

// setPeerTimeout has TCP give a connection up when the peer has acknowledged nothing
// for that long. Its keepalive does not: it is for those that are silent, and asks
// nothing while something is on its way.
func setPeerTimeout(fd int, d time.Duration) {
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(d.Milliseconds()))
}
