package eventloop

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// A socketFile is the file of a Unix socket, and no other that somebody puts in its place.
type socketFile struct {
	fd   int
	path string // of it as long as it is not closed
}

func openSocketFile(path string) (socketFile, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return socketFile{}, err
	}
	var info unix.Stat_t
	if err = unix.Fstat(fd, &info); err == nil && info.Mode&unix.S_IFMT != unix.S_IFSOCK {
		err = errors.New("somebody has put another file in the place of the socket")
	}
	if err != nil {
		unix.Close(fd)
		return socketFile{}, err
	}
	return socketFile{fd, fmt.Sprintf("/proc/self/fd/%d", fd)}, nil
}

func (f socketFile) chown(uid, gid int) error {
	return unix.Fchownat(f.fd, "", uid, gid, unix.AT_EMPTY_PATH)
}

func (f socketFile) close() { unix.Close(f.fd) }
