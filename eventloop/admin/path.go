package admin

import (
	"path/filepath"
)

// socketName is the socket's in the data folder.
const socketName = "parley.sock"

// maxPath is how long the path of a socket may be, in bytes, on the system that takes
// least.
const maxPath = 103

// reach calls do with a path of the socket in a folder, of which the path is absolute,
// that is short enough for the system. It is good for that call only.
func reach(folder string, do func(path string) error) error {
	path := filepath.Join(folder, socketName)
	if len(path) <= maxPath {
		return do(path)
	}
	return reachFar(folder, do)
}
