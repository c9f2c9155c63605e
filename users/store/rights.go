package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// kept returns the paths that the files of a data folder have which stay there.
func kept(dir string) []string {
	database := Database(dir)
	return []string{database, database + "-wal", database + "-shm", filepath.Join(dir, lockName), MarkFile(dir), filepath.Join(dir, stateName)}
}

// Rights returns what is wrong with who may use a data folder and its files.
func Rights(dir string) (faults []Fault) {
	for _, found := range openToOthers(dir) {
		faults = append(faults, Fault{sentenceOf(found), adviceRights})
	}
	return faults
}

// openOwn opens a file of a data folder for reading and writing. If it is not there, it is made,
// for the owner of the folder only. A link is refused: the owner of the folder may have put it there
// for root, who would write to a file of somebody else.
func openOwn(dir, name string) (*os.File, error) {
	f, err := makeOwn(dir, name)
	if !errors.Is(err, fs.ErrExist) {
		return f, err
	}
	path := filepath.Join(dir, name)
	if f, err = os.OpenFile(path, os.O_RDWR|noFollow, 0); err == nil {
		return f, nil
	}
	if info, statErr := os.Lstat(path); statErr == nil && info.Mode()&fs.ModeSymlink != 0 {
		return nil, fmt.Errorf("%s is a symbolic link, and must be a file of the folder itself: remove the link", path)
	}
	return nil, err
}

// makeOwn makes a file of a data folder, for the owner of the folder only.
func makeOwn(dir, name string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		own(dir, f)
	}
	return f, err
}

// tempOwn makes a file with a name that no other has, as os.CreateTemp does, for the owner of a
// data folder only.
func tempOwn(dir, pattern string) (*os.File, error) {
	f, err := os.CreateTemp(dir, pattern)
	if err == nil {
		own(dir, f)
	}
	return f, err
}
