//go:build unix

package admin

import (
	"io/fs"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// On Linux there is not even a moment before that: eventloop.BindForOwner gives it the mode.
func TestOnlyTheOwnerMayUseTheSocket(t *testing.T) {
	dir := folder(t)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	before := unix.Umask(0)
	defer unix.Umask(before)
	listen(t, dir, new(fake))
	info, err := os.Lstat(socketOf(dir))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("the socket's mode is %v", info.Mode())
	}
}
