package identity

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"parley/p2p/ownfile"
)

// lock waits until no other program, nor another part of this one, holds the
// folder's lock.
func lock(folder string) (unlock func(), err error) {
	return ownfile.Lock(filepath.Join(folder, lockName))
}

// readBook reads the files of pins and of servers. One that is missing is empty.
func readBook(folder string) (book, error) {
	path := filepath.Join(folder, pinsFile)
	b := newBook()
	text, err := ownfile.Read(path, "the keys of peers", maxBook)
	if err == nil {
		b, err = parseBook(string(text))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return book{}, named(path, err)
	}
	path = filepath.Join(folder, serversFile)
	text, err = ownfile.Read(path, "the addresses of servers", maxBook)
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
