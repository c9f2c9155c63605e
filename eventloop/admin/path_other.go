//go:build !linux

package admin

import (
	"fmt"
	"path/filepath"
)

// reachFar can do nothing here.
func reachFar(folder string, _ func(path string) error) error {
	path := filepath.Join(folder, socketName)
	return fmt.Errorf("the path %s has %d bytes, and that of a socket can have %d here: use a data folder with a shorter path, or a symbolic link to it", path, len(path), maxPath)
}
