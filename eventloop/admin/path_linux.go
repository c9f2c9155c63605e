package admin

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// reachFar opens the folder, and so has a short name for it.
func reachFar(folder string, do func(path string) error) error {
	fd, err := unix.Open(folder, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("data folder %s: %w", folder, err)
	}
	defer unix.Close(fd)
	return do(filepath.Join("/proc/self/fd", fmt.Sprint(fd), socketName))
}
