package ownfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// What is kept is read again, is its owner's only, and leaves nothing else behind.
func TestReplaceAndRead(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "b")
	if err := MakeFolder(folder); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "file")
	for _, text := range []string{"one", "another", ""} {
		if err := Replace(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path, "a file", 7); string(got) != text || err != nil {
			t.Errorf("it is %q (%v), not %q", got, err, text)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the mode is %v (%v)", info.Mode(), err)
	}
	if files, err := os.ReadDir(folder); len(files) != 1 || err != nil {
		t.Errorf("there are %v (%v)", files, err)
	}
}

// What is not to be read says why, and what to do.
func TestReadRefuses(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	if err := os.WriteFile(path, []byte("12345678"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(path, "a file", 7); err == nil || !strings.Contains(err.Error(), path+" should be a file and is too large: move it away") {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := Read(folder, "a file", 7); err == nil || !strings.Contains(err.Error(), "is no file: move it away") {
		t.Errorf("%q, %v", got, err)
	}
	if runtime.GOOS == "windows" {
		return // there are no such modes
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	var open *OpenError
	if got, err := Read(path, "a file", 8); !errors.As(err, &open) || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("%q, %v", got, err)
	}
	if err := os.Chmod(folder, 0o770); err != nil {
		t.Fatal(err)
	}
	if err := MakeFolder(folder); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Error(err)
	}
}

// Who has the lock is alone.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var inside atomic.Int32
	done := make(chan struct{})
	for range 10 {
		go func() {
			defer func() { done <- struct{}{} }()
			unlock, err := Lock(path)
			if err != nil {
				t.Error(err)
				return
			}
			if n := inside.Add(1); n != 1 {
				t.Errorf("%d are inside", n)
			}
			inside.Add(-1)
			unlock()
		}()
	}
	for range 10 {
		<-done
	}
}
