//go:build unix

package chatlog

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A named pipe in the place of a file does not stop the writing for ever.
func TestNamedPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lobby.log")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if err := appendTo(path, "x\n"); err == nil || !strings.Contains(err.Error(), "is no file") {
		t.Errorf("the error is %v", err)
	}
	if known := readTail(path); len(known) > 0 {
		t.Errorf("it is read: %v", known)
	}
}

// A disk that gets full leaves no half of a line.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lobby.log")
	if err := appendTo(path, "one\n"); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	limit := before
	limit.Cur = 6
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip(err)
	}
	err := appendTo(path, "two\n")
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); err == nil || string(text) != "one\n" {
		t.Errorf("the error is %v, the file holds %q", err, text)
	}
}
