package identity

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
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
	f, err := os.OpenFile(filepath.Join(folder, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the folder of keys: %w", err)
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("locking the folder of keys: %w", err)
	}
	return func() { f.Close() }, nil
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
