// Package ownfile reads and writes small files that are for their owner only, which
// several programs may use at once: they are replaced as a whole, under a lock.
package ownfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"
)

// MakeFolder makes a folder for its owner only. One that exists may be read by
// others but not written.
func MakeFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making the folder of keys: %w", err)
	}
	info, err := os.Stat(folder)
	if err != nil {
		return fmt.Errorf("looking at the folder of keys: %w", err)
	}
	if m := info.Mode().Perm(); m&0o022 != 0 && runtime.GOOS != "windows" {
		return fmt.Errorf("others can write in the folder of keys %s (its mode is %#o): close it with chmod 700", folder, m)
	}
	return nil
}

// Lock waits until no other program, nor another part of this one, holds the lock of
// that path. It is to be held only while a small file is written.
func Lock(path string) (unlock func(), err error) {
	f := flock.New(path)
	if err := f.Lock(); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return func() { _ = f.Close() }, nil
}

// Read reads a file that is for its owner only. what says what it is, and limit how
// many bytes it may have.
func Read(path, what string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	if !info.Mode().IsRegular() { // a named pipe would block for ever
		return nil, fmt.Errorf("%s should be %s and is no file: move it away", path, what)
	}
	if m := info.Mode().Perm(); m&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, &OpenError{path, what, m}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("%s should be %s and is too large: move it away", path, what)
	}
	return text, nil
}

// An OpenError says that others can read a file, or write it.
type OpenError struct {
	Path, What string
	Mode       fs.FileMode
}

func (e *OpenError) Error() string {
	return fmt.Sprintf("others can read or change %s, %s (its mode is %#o): close it with chmod 600 if nobody has", e.Path, e.What, e.Mode)
}

// Replace puts a file in the place of another, or leaves it as it is. Whoever
// reads sees all of the one or all of the other.
func Replace(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.new") // its mode is 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}
