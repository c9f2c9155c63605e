package identity

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofrs/flock"
)

// makeFolder makes a folder for its owner only. One that exists may be read by
// others but not written.
func makeFolder(folder string) error {
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

// lock waits until no other program, nor another part of this one, holds the
// folder's lock. It is held only while a small file is written.
func lock(folder string) (unlock func(), err error) {
	f := flock.New(filepath.Join(folder, lockName))
	if err := f.Lock(); err != nil {
		return nil, fmt.Errorf("locking the folder of keys: %w", err)
	}
	return func() { _ = f.Close() }, nil
}

// read reads a file that is for its owner only. what says what it is.
func read(path, what string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	if !info.Mode().IsRegular() { // a named pipe would block for ever
		return nil, fmt.Errorf("%s should be %s and is no file: move it away", path, what)
	}
	if m := info.Mode().Perm(); m&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, &openError{path, what, m}
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

// An openError says that others can read a file, or write it.
type openError struct {
	path, what string
	mode       fs.FileMode
}

func (e *openError) Error() string {
	return fmt.Sprintf("others can read or change %s, %s (its mode is %#o): close it with chmod 600 if nobody has", e.path, e.what, e.mode)
}

// readBook reads the files of pins and of servers. One that is missing is empty.
func readBook(folder string) (book, error) {
	path := filepath.Join(folder, pinsFile)
	b := newBook()
	text, err := read(path, "the keys of peers", maxBook)
	if err == nil {
		b, err = parseBook(string(text))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return book{}, named(path, err)
	}
	path = filepath.Join(folder, serversFile)
	text, err = read(path, "the addresses of servers", maxBook)
	if err == nil {
		err = b.parseServers(string(text))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return book{}, named(path, err)
	}
	return b, nil
}

// named puts the path before an error that has none.
func named(path string, err error) error {
	if strings.Contains(err.Error(), path) {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// replace puts a file in the place of another, or leaves it as it is. Whoever
// reads sees all of the one or all of the other.
func replace(path string, text []byte) (err error) {
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
