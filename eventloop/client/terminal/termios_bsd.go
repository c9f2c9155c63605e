//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package terminal

import "golang.org/x/sys/unix"

// The requests that read and write the settings of a terminal.
const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
)

// disabledKey stands for a key that does nothing; _POSIX_VDISABLE in unistd.h.
const disabledKey = 0xff
