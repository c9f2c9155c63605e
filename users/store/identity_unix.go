//go:build unix && !linux

package store

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// fileIdentity returns what a copy of a file has not, unless its number was given again.
func fileIdentity(path string) (string, error) {
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		return "", err
	}
	return fmt.Sprint(stat.Ino), nil
}
