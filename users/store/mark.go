package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const markName = "parley.mark"

// A mark is a file beside the database, with which a database that was put back from a
// backup is recognised: it says which file the database was, and the newest number that
// was committed to it. Where it begins waits for the disk, and what is noted then does not:
// after a loss of power it may be older than the database, which says nothing. A nil mark,
// of a store in memory, notes nothing.
type mark struct {
	file     *os.File
	identity string
	last     uint64
}

// openMark opens the mark of a folder. moved reports whether the database, whose last
// number is given, is not the one that the mark was made for, or an older state of it.
func openMark(dir string, last uint64) (m *mark, moved bool, err error) {
	identity, err := fileIdentity(filepath.Join(dir, fileName))
	if err != nil {
		return nil, false, err
	}
	file, err := os.OpenFile(filepath.Join(dir, markName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	var text [128]byte
	n, _ := file.ReadAt(text[:], 0) // what cannot be read is no mark of ours
	var before mark
	_, err = fmt.Sscanf(string(text[:n]), "%d %s", &before.last, &before.identity)
	m = &mark{file: file, identity: identity}
	return m, err != nil || before.identity != identity || before.last > last, nil
}

// lookEmptied returns ErrCorrupt for a database that is empty and was not: the file is the one
// of the mark, and nothing is in a log beside it. A file system may leave that behind when the
// power is lost, and a server that begins anew would make it worse. Who wants that deletes the
// file.
func lookEmptied(path string) error {
	if size(path) != 0 || size(path+"-wal") > 0 {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(path), markName))
	if err != nil {
		return nil // it has not begun
	}
	var before mark
	identity, err := fileIdentity(path)
	if _, bad := fmt.Sscanf(string(text), "%d %s", &before.last, &before.identity); bad == nil && err == nil && before.identity == identity && before.last > 0 {
		return fmt.Errorf("%w: it is empty, and had all that was kept up to number %d", ErrCorrupt, before.last)
	}
	return nil
}

// size returns that of a file, -1 if there is none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}

func (m *mark) close() error {
	if m == nil {
		return nil
	}
	return m.file.Close()
}

// begin makes the file the mark of this database, also after a loss of power: an empty one would
// be that of another database.
func (m *mark) begin(last uint64) error {
	if m == nil {
		return nil
	}
	m.last = last
	return errors.Join(m.write(), m.file.Sync())
}

// note writes the newest number that was committed. A failure is left to the next one:
// nothing depends on a mark that is too old but finding out about a backup.
func (m *mark) note(last uint64) {
	if m == nil || last == m.last {
		return
	}
	m.last = last
	m.write()
}

// write writes lines of one length, so that nothing of an older one is left.
func (m *mark) write() error {
	_, err := m.file.WriteAt(fmt.Appendf(nil, "%020d %-100s\n", m.last, m.identity), 0)
	return err
}
