package store

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// fileIdentity returns what a copy of a file has not: its number and when it was born,
// because numbers are soon given again.
func fileIdentity(path string) (string, error) {
	var stat unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_INO|unix.STATX_BTIME, &stat); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d/%d.%d", stat.Ino, stat.Btime.Sec, stat.Btime.Nsec), nil
}
