package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	sqlite3 "modernc.org/sqlite/lib"
)

// What somebody can do whose disk has failed.
const (
	seeDisk     = "look into the system's log (dmesg, or journalctl -k) for what the disk says of itself, and have a backup at hand"
	seeLocks    = "the file system may not have the locks and the shared memory that a database needs, as some of the network do not: use a folder on a disk of this machine"
	seeMemory   = "give the machine, or this program's limit, more memory"
	seeFiles    = "put back what was taken from the folder, or restart the server"
	seeRights   = "this user must be able to write there: give it the folder and all of its files, or use another folder"
	seeTemp     = "set TMPDIR to a folder in which this user may write"
	seePath     = "use a folder whose path is shorter, and has no symbolic links in it"
	seeSystem   = "check the file system (fsck) before anything else, and have a backup at hand"
	seeProgram  = "look whether another program uses the files of the folder, and end it"
	makeRoom    = "make room on its disk, or for this user if there is a quota, or use a folder on another one"
	remountDisk = "its disk can only be read: mount it so that it can be written, or use a folder on another one; if the system has made it so by itself, its log (dmesg, or journalctl -k) says why"
)

// A meaning is what one of SQLite's numbers says, and what somebody can do then; see
// https://www.sqlite.org/rescode.html.
type meaning struct{ means, advice string }

var meanings = map[int]meaning{
	sqlite3.SQLITE_FULL:     {"there is no room for what was to be written", makeRoom},
	sqlite3.SQLITE_PERM:     {"the files may not be used like that", seeRights},
	sqlite3.SQLITE_READONLY: {"the files may only be read", seeRights},
	sqlite3.SQLITE_CANTOPEN: {"a file of the database could not be opened", "look whether this user may use the folder and all of its files, and whether the limit of open files (ulimit -n) is reached"},
	sqlite3.SQLITE_IOERR:    {"the system did not do what it was asked for", seeDisk},

	sqlite3.SQLITE_IOERR_READ:              {"the system could not read", seeDisk},
	sqlite3.SQLITE_IOERR_SHORT_READ:        {"a file ends where there should be more of it", seeDisk},
	sqlite3.SQLITE_IOERR_WRITE:             {"the system could not write", seeDisk},
	sqlite3.SQLITE_IOERR_FSYNC:             {"the system could not bring to the disk what was written", seeDisk},
	sqlite3.SQLITE_IOERR_DIR_FSYNC:         {"the system could not bring to the disk what is in the folder", seeDisk},
	sqlite3.SQLITE_IOERR_TRUNCATE:          {"a file could not be cut to another length", seeDisk},
	sqlite3.SQLITE_IOERR_FSTAT:             {"the system could not tell about a file", seeDisk},
	sqlite3.SQLITE_IOERR_DELETE:            {"a file could not be deleted", seeRights},
	sqlite3.SQLITE_IOERR_CLOSE:             {"a file could not be closed", seeDisk},
	sqlite3.SQLITE_IOERR_DIR_CLOSE:         {"the folder could not be closed", seeDisk},
	sqlite3.SQLITE_IOERR_SEEK:              {"the system found no such place in a file", seeDisk},
	sqlite3.SQLITE_IOERR_MMAP:              {"a file could not be read as memory", seeDisk},
	sqlite3.SQLITE_IOERR_IN_PAGE:           {"the disk failed while a file was read as memory", seeDisk},
	sqlite3.SQLITE_IOERR_BEGIN_ATOMIC:      {"the file system could not begin to write all or nothing", seeDisk},
	sqlite3.SQLITE_IOERR_COMMIT_ATOMIC:     {"the file system could not write all or nothing", seeDisk},
	sqlite3.SQLITE_IOERR_ROLLBACK_ATOMIC:   {"the file system could not take back what it had begun", seeDisk},
	sqlite3.SQLITE_IOERR_DATA:              {"what was read is not what had been written", seeDisk},
	sqlite3.SQLITE_IOERR_CORRUPTFS:         {"the file system is damaged", seeSystem},
	sqlite3.SQLITE_IOERR_LOCK:              {"a file could not be locked", seeLocks},
	sqlite3.SQLITE_IOERR_RDLOCK:            {"a file could not be locked for reading", seeLocks},
	sqlite3.SQLITE_IOERR_UNLOCK:            {"the lock of a file could not be taken off", seeLocks},
	sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK: {"the system could not tell whether a file is locked", seeLocks},
	sqlite3.SQLITE_IOERR_BLOCKED:           {"a file was locked for too long", seeProgram},
	sqlite3.SQLITE_IOERR_SHMOPEN:           {"the shared memory of the database could not be opened", seeLocks},
	sqlite3.SQLITE_IOERR_SHMSIZE:           {"the shared memory of the database could not be made as large as it must be", makeRoom},
	sqlite3.SQLITE_IOERR_SHMLOCK:           {"the shared memory of the database could not be locked", seeLocks},
	sqlite3.SQLITE_IOERR_SHMMAP:            {"the shared memory of the database could not be used", seeLocks},
	sqlite3.SQLITE_IOERR_NOMEM:             {"there is too little memory", seeMemory},
	sqlite3.SQLITE_IOERR_ACCESS:            {"the system could not tell whether a file may be used", seeRights},
	sqlite3.SQLITE_IOERR_AUTH:              {"the system does not let this program use a file", seeRights},
	sqlite3.SQLITE_IOERR_DELETE_NOENT:      {"a file was gone that was to be deleted", seeFiles},
	sqlite3.SQLITE_IOERR_VNODE:             {"a file was taken away while it was in use", seeFiles},
	sqlite3.SQLITE_IOERR_GETTEMPPATH:       {"there is no folder for what is kept for a moment only", seeTemp},
	sqlite3.SQLITE_IOERR_CONVPATH:          {"the path of the folder cannot be used", seePath},
	sqlite3.SQLITE_IOERR_BADKEY:            {"the files are encrypted with another key", seeProgram},
	sqlite3.SQLITE_IOERR_CODEC:             {"the files are encrypted by another program", seeProgram},

	sqlite3.SQLITE_READONLY_RECOVERY:  {"the last changes have to be taken over first, and the files may only be read", seeRights},
	sqlite3.SQLITE_READONLY_CANTLOCK:  {"the shared memory of the database may only be read", seeRights},
	sqlite3.SQLITE_READONLY_ROLLBACK:  {"a change that was left half done has to be taken back first, and the files may only be read", seeRights},
	sqlite3.SQLITE_READONLY_CANTINIT:  {"the shared memory of the database is not ready, and may only be read", seeRights},
	sqlite3.SQLITE_READONLY_DBMOVED:   {"the file is not where it was", seeFiles},
	sqlite3.SQLITE_READONLY_DIRECTORY: {"no file may be made in the folder", seeRights},

	sqlite3.SQLITE_CANTOPEN_NOTEMPDIR: {"there is no folder for what is kept for a moment only", seeTemp},
	sqlite3.SQLITE_CANTOPEN_ISDIR:     {"a folder has the name of a file of the database", "move that folder away, or use another one for the data"},
	sqlite3.SQLITE_CANTOPEN_FULLPATH:  {"the path of the folder cannot be used", seePath},
	sqlite3.SQLITE_CANTOPEN_CONVPATH:  {"the path of the folder cannot be used", seePath},
	sqlite3.SQLITE_CANTOPEN_DIRTYWAL:  {"the last changes are not in the file, and cannot be taken over", seeProgram},
	sqlite3.SQLITE_CANTOPEN_SYMLINK:   {"a file of the database is a symbolic link", seePath},
}

// Advise adds to an error of a commit or a read, as it was returned, what the owner of the data
// can do. It tries the disk, which may take as long as a commit.
func (s *Store) Advise(err error) error {
	if !Disk(err) || s.path == Memory {
		return err
	}
	return advise(filepath.Dir(s.path), err)
}

// advise adds to an error of a folder, which classify has seen, what its owner can do. SQLite
// does not tell why the system could not do something, so that is tried once more.
func advise(dir string, err error) error {
	if notOpened := tells(err) == meanings[sqlite3.SQLITE_CANTOPEN].advice; notOpened || errors.Is(err, ErrReadOnly) {
		if why := mayUseAll(dir); why != nil {
			return why
		}
	}
	if errors.Is(err, ErrDisk) && (tells(err) == seeDisk || tells(err) == makeRoom) {
		if why := classify(tryRoom(dir)); why != nil {
			err = fmt.Errorf("%w: %w", why, err)
		}
	}
	advice := tells(err)
	switch {
	case saysAny(err, readOnlyErrors()):
		advice = remountDisk
	case errors.Is(err, ErrFull):
		advice = makeRoom
	case errors.Is(err, ErrReadOnly) && advice == "":
		advice = seeRights
	}
	if advice == "" {
		return err
	}
	return fmt.Errorf("%w; %s", err, advice)
}

// tells returns what to do because of the number in an error; "" if it has none, or one that is
// not about the disk.
func tells(err error) string {
	var e coded
	if !errors.As(err, &e) {
		return ""
	}
	known, ok := meanings[e.Code()]
	if !ok {
		known = meanings[e.Code()&0xff]
	}
	return known.advice
}

// indexRoom is how much must be writable for a folder to be opened: the index of the write-ahead log.
const indexRoom = 32 << 10

// tryRoom returns why so much cannot be written in a folder, nil if it can.
func tryRoom(dir string) error {
	f, err := os.CreateTemp(dir, "room-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, indexRoom))
	_ = f.Close()
	_ = os.Remove(f.Name())
	return err
}
