//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// noFollow has a link not be opened.
const noFollow = unix.O_NOFOLLOW

// own gives a file that this process has made just now to the owner of the data folder, if it is
// root's: what root does in a folder must leave nothing that the owner's server cannot use. One
// that was there may be a link to a file of somebody else, and is never given away. Where the file
// system has no owners, or does not let root, the file stays as it is.
func own(dir string, f *os.File) {
	if os.Geteuid() != 0 {
		return
	}
	if owner, err := ownerOf(dir); err == nil {
		_ = f.Chown(int(owner.Uid), int(owner.Gid))
	}
}

// ownerOf returns whose a file is.
func ownerOf(path string) (*syscall.Stat_t, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil, fmt.Errorf("whose %s is cannot be told", path)
	}
	return stat, nil
}

// mayUse returns ErrRights if this user may not use a file like that (unix.R_OK, unix.W_OK).
func mayUse(path string, how uint32) error {
	if !errors.Is(unix.Faccessat(unix.AT_FDCWD, path, how, unix.AT_EACCESS), unix.EACCES) {
		return nil
	}
	of, err := ownerOf(path)
	if err != nil {
		return nil // the folder is in the way
	}
	return fmt.Errorf("%w: %s belongs to %s (its mode is %#o), and this is %s: run this as the owner, or have root give it to this user (chown)",
		ErrRights, path, userName(int(of.Uid)), of.Mode&0o777, userName(os.Geteuid()))
}

// mayRead returns ErrRights if this user may not read a file.
func mayRead(path string) error { return mayUse(path, unix.R_OK) }

// mayUseAll returns ErrRights if there is a file in a data folder that this user may not use as a
// server does, or it is the folder.
func mayUseAll(dir string) error {
	if err := mayUse(dir, unix.R_OK|unix.W_OK|unix.X_OK); err != nil {
		return err
	}
	for _, path := range kept(dir) {
		if err := mayUse(path, unix.R_OK|unix.W_OK); err != nil {
			return err
		}
	}
	return nil
}

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return fmt.Sprintf("%s (uid %d)", u.Username, uid)
	}
	return fmt.Sprintf("uid %d", uid)
}

// closeToOthers has only the owner read and write the files of a data folder that are this user's,
// and returns what others could do with them until now. It is called while nobody has the database
// open in this process: closing a file here would end the locks that SQLite holds.
func closeToOthers(dir string) (found []error) {
	for _, path := range kept(dir) {
		f, err := os.OpenFile(path, os.O_RDONLY|noFollow|unix.O_NONBLOCK, 0)
		if err != nil {
			continue
		}
		info, err := f.Stat()
		if stat, ok := info.Sys().(*syscall.Stat_t); err == nil && ok && int(stat.Uid) == os.Geteuid() && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			if err := f.Chmod(0o600); err == nil {
				found = append(found, fmt.Errorf("others could use %s (its mode was %#o); now only its owner can: what it has may be known to them", path, info.Mode().Perm()))
			}
		}
		_ = f.Close()
	}
	return found
}

// openToOthers returns what others can do with a data folder and its files.
func openToOthers(dir string) (found []error) {
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o022 != 0 {
		found = append(found, fmt.Errorf("others can write in the data folder %s (its mode is %#o), and so put other files in the place of its own: close it with chmod 700", dir, info.Mode().Perm()))
	}
	for _, path := range kept(dir) {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
			found = append(found, fmt.Errorf("others can use %s (its mode is %#o): close it with chmod 600", path, info.Mode().Perm()))
		}
	}
	return found
}
