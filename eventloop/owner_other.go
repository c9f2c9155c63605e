//go:build !linux

package eventloop

import (
	"errors"
	"net"
	"os"
)

// BindForOwner makes a Unix socket at a path for this user only. For a moment others may
// use it whom the rights of the folder and the umask let do so.
func BindForOwner(path string) (*net.UnixListener, error) {
	l, err := bindForAll(path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}
