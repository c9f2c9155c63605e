//go:build unix

package main

import (
	"errors"
	"syscall"
)

// smallBuffer has a connection that is not made yet take in as little as the system allows.
func smallBuffer(raw syscall.RawConn) error {
	var failed error
	err := raw.Control(func(fd uintptr) { failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1) })
	return errors.Join(err, failed)
}
