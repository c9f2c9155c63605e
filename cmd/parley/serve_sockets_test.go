package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// What cannot be is said at once, with the setting and what it may be.
func TestSocketSettings(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("sockets have no rights there")
	}
	for args, says := range map[string]string{
		"--socket-mode 0660":                                                   "--listen unix:PATH",
		"--listen unix:/tmp/s --socket-mode 0888":                              "octal",
		"--listen unix:/tmp/s --socket-mode 07777":                             "octal",
		"--listen unix:/tmp/s --socket-mode rw":                                "octal",
		"--listen unix:/tmp/s --socket-owner no-such-user-here":                `there is no user "no-such-user-here"`,
		"--listen unix:/tmp/s --socket-owner :no-such-group-here":              `there is no group "no-such-group-here"`,
		"--listen unix:/tmp/s --socket-owner :":                                "USER:GROUP",
		"--listen unix:/tmp/s --admin 127.0.0.1:0 --admin-socket-mode 0660":    "--admin unix:PATH",
		"--listen unix:/tmp/s --hooks 127.0.0.1:0 --hooks-socket-owner :0":     "--hooks unix:PATH",
		"--listen unix:/tmp/s --admin unix:/tmp/none/a --admin-socket-mode 60": "there is no folder /tmp/none",
	} {
		out, err := parley(t, append([]string{"serve", "--data", ":memory:"}, strings.Fields(args)...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), says) {
			t.Errorf("%s: %v, %s", args, err, out)
		}
	}
}

// The sockets of a server have the rights that are asked for when it says that it listens.
func TestServeWithSocketRights(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("sockets have no rights there")
	}
	dir := shortFolder(t)
	chat, proxy, admin, hooks := filepath.Join(dir, "chat"), filepath.Join(dir, "proxy"), filepath.Join(dir, "admin"), filepath.Join(dir, "hooks")
	serveFrom(t, filepath.Join(dir, "data"), "--listen", "unix:"+chat, "--socket-mode", "0666", "--socket-owner", strconv.Itoa(os.Getuid()),
		"--proxy-listen", "unix:"+proxy, "--admin", "unix:"+admin, "--admin-socket-mode", "0640",
		"--hooks", "unix:"+hooks, "--hooks-socket-mode", "0662", "--hooks-socket-owner", ":"+strconv.Itoa(os.Getgid()))
	for path, want := range map[string]fs.FileMode{chat: 0o666, proxy: 0o666, admin: 0o640, hooks: 0o662} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}
