package eventloop

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
)

// SocketRights say who may use a Unix socket. The zero value says nothing: then the umask does,
// and who has started the process owns it.
type SocketRights struct {
	Mode  fs.FileMode // of its file, such as 0o660; 0: DefaultSocketMode if there is an Owner
	Owner *SocketOwner
}

// A SocketOwner is to whom the file of a Unix socket is given.
type SocketOwner struct {
	UID, GID int    // -1: stays as it is
	Name     string // as somebody has written it
}

// DefaultSocketMode is that of a socket that is given to somebody: for them and their group.
const DefaultSocketMode fs.FileMode = 0o660

// bind makes a Unix socket at a path. Nobody but its owner may use it before it has its rights
// (on Linux; elsewhere there is a moment for whom the folder and the umask let in).
func (r SocketRights) bind(path string) (*net.UnixListener, error) {
	switch {
	case r == (SocketRights{}):
		return bindForAll(path)
	case runtime.GOOS == "windows":
		return nil, errors.New("a Unix socket has neither a mode nor an owner on Windows: leave the settings for them out")
	case strings.HasPrefix(path, "@"):
		return nil, errors.New("a name that begins with @ is no file, and has neither a mode nor an owner: listen at a path")
	}
	l, err := BindForOwner(path)
	if err != nil {
		return nil, err
	}
	if err := r.give(path); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// give sets the rights of a socket's file, the mode last: before, its new owner alone may use it.
func (r SocketRights) give(path string) error {
	mode := r.Mode
	if mode == 0 {
		mode = DefaultSocketMode
	}
	file, err := openSocketFile(path)
	if err != nil {
		return err
	}
	defer file.close()
	if r.Owner != nil {
		err := file.chown(r.Owner.UID, r.Owner.GID)
		if errors.Is(err, syscall.EPERM) {
			return fmt.Errorf("this user may not give the socket to %s: start as root, or choose a group that this user is in, as :GROUP (%w)", r.Owner.Name, err)
		}
		if err != nil {
			return fmt.Errorf("the socket cannot be given to %s: %w", r.Owner.Name, err)
		}
	}
	if err := os.Chmod(file.path, mode); err != nil {
		return fmt.Errorf("the socket cannot have the mode %#o: %w", mode, err)
	}
	return nil
}
