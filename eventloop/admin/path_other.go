//go:build !linux

package admin

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// reachFar can do nothing here.
func reachFar(folder string, _ func(path string) error) error {
	path := filepath.Join(folder, socketName)
	return fmt.Errorf("the path %s has %d bytes, and that of a socket can have %d here: use a data folder with a shorter path, or a symbolic link to it", path, len(path), maxPath)
}

// bind makes the socket. For a moment others may use it whom the rights of the folder
// and the umask let do so.
func bind(path string) (*net.UnixListener, error) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}
