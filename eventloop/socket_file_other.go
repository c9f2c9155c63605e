//go:build !linux

package eventloop

import "os"

// A socketFile is what is at the path of a Unix socket. Who may put another file there may
// listen in its place anyway.
type socketFile struct{ path string }

func openSocketFile(path string) (socketFile, error) { return socketFile{path}, nil }

func (f socketFile) chown(uid, gid int) error { return os.Lchown(f.path, uid, gid) }

func (f socketFile) close() {}
