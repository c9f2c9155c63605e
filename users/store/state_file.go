package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// stateName is the file of a data folder with the newest snapshot of a node that shares a log
// (log.Snapshot). It is no part of a backup: without it, or with one that does not fit the
// database, the node reads more of the log.
const stateName = "parley.state"

// KeepState puts bytes in place of the snapshot of a data folder, which only its owner may read:
// it has all of them or all of the older one, whenever this ends.
func KeepState(dir string, b []byte) error {
	temp, err := WriteState(dir, b)
	if err != nil {
		return err
	}
	return put(temp, filepath.Join(dir, stateName))
}

// WriteState writes a snapshot beside that of a data folder. Who has the path takes it away;
// what a process has left that was killed goes when the folder is opened next.
func WriteState(dir string, b []byte) (path string, err error) {
	temp, err := tempOwn(dir, stateName+".*") // which only its owner may read
	if err != nil {
		return "", err
	}
	_, err = temp.Write(b)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return "", errors.Join(err, os.Remove(temp.Name()))
	}
	return temp.Name(), nil
}

// LoadState returns the snapshot of a data folder; nil: there is none.
func LoadState(dir string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(dir, stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}
