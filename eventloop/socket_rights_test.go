//go:build linux

package eventloop_test

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"parley/eventloop"
)

// A socket has its rights when somebody can connect, whatever the umask is.
func TestSocketRights(t *testing.T) {
	const some, group = 12345, 23456
	owner := func(uid, gid int) *eventloop.SocketOwner {
		return &eventloop.SocketOwner{UID: uid, GID: gid, Name: "somebody"}
	}
	for name, tt := range map[string]struct {
		rights   eventloop.SocketRights
		mode     fs.FileMode
		uid, gid int
	}{
		"nothing is said":   {eventloop.SocketRights{}, 0o600, os.Getuid(), os.Getgid()},
		"a mode":            {eventloop.SocketRights{Mode: 0o666}, 0o666, os.Getuid(), os.Getgid()},
		"a narrow mode":     {eventloop.SocketRights{Mode: 0o200}, 0o200, os.Getuid(), os.Getgid()},
		"an owner":          {eventloop.SocketRights{Owner: owner(some, -1)}, 0o660, some, os.Getgid()},
		"a group":           {eventloop.SocketRights{Owner: owner(-1, group)}, 0o660, os.Getuid(), group},
		"both, with a mode": {eventloop.SocketRights{Mode: 0o620, Owner: owner(some, group)}, 0o620, some, group},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.rights.Owner != nil && os.Getuid() != 0 {
				t.Skip("only root may give files away")
			}
			path := filepath.Join(t.TempDir(), "s")
			l, err := eventloop.ListenForOwner("unix:"+path, tt.rights)
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			stat := info.Sys().(*syscall.Stat_t)
			if info.Mode().Perm() != tt.mode || int(stat.Uid) != tt.uid || int(stat.Gid) != tt.gid {
				t.Errorf("it has the mode %v and is of %d:%d", info.Mode(), stat.Uid, stat.Gid)
			}
			if c, err := net.Dial("unix", path); err != nil {
				t.Error(err)
			} else {
				c.Close()
			}
			l.Close()
			if _, err := os.Lstat(path); err == nil {
				t.Error("it is still there")
			}
		})
	}
}

// Who may not give a socket away is told what to do, and nothing stays.
func TestSocketsThatCannotBeGiven(t *testing.T) {
	folder := t.TempDir()
	if os.Getuid() == 0 { // this thread is nobody for a while
		if err := os.Chmod(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Dir(folder), 0o755); err != nil {
			t.Fatal(err)
		}
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer unix.Setfsuid(0)
		if err := unix.Setfsuid(65534); err != nil {
			t.Skip(err)
		}
	}
	path := filepath.Join(folder, "s")
	rights := eventloop.SocketRights{Owner: &eventloop.SocketOwner{UID: 0, GID: -1, Name: "root"}}
	_, err := eventloop.ListenForOwner("unix:"+path, rights)
	if err == nil || !strings.Contains(err.Error(), "this user may not give the socket to root: start as root") {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is still there")
	}
	for _, rights := range []eventloop.SocketRights{{}, {Mode: 0o660}} {
		l, err := eventloop.ListenForOwner("unix:@parley-test-"+filepath.Base(folder), rights)
		if err == nil {
			l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "every user of this machine may connect") {
			t.Errorf("of a name that is no file the error is %v", err)
		}
	}
}
