package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const markName = "parley.mark"

// MarkFile returns the path of the mark in a data folder, without which a server goes on with what
// is in the database.
func MarkFile(dir string) string { return filepath.Join(dir, markName) }

// A mark is a file beside the database, with which a database is recognised that was put back from
// a backup, or has lost something: it says which file the database was, and how far it had come
// with the newest commit. Where it begins waits for the disk, and what is noted then does not:
// after a loss of power it may be older than the database, which says nothing. It is never newer,
// unless the disk was not waited for (SyncNone). A nil mark, of a store in memory, notes nothing.
type mark struct {
	file     *os.File
	identity string
	at       point
}

// A point is how far a database has come. A change that has no number, such as that of an account,
// has a time.
type point struct {
	last uint64 // the number that was given last
	time int64  // the log's, of the last command, in nanoseconds since 1970
}

func (p point) before(q point) bool {
	return p.last < q.last || p.last == q.last && p.time < q.time
}

// String returns a point as part of a sentence.
func (p point) String() string {
	if p.time == 0 {
		return fmt.Sprintf("number %d", p.last)
	}
	return fmt.Sprintf("number %d of %s", p.last, moment(p.time).Format(time.RFC3339Nano))
}

// openMark opens the mark of a folder. moved reports whether the database, which has come so far,
// is not the one that the mark was made for, or an older state of it.
func openMark(dir string, now point) (m *mark, moved bool, err error) {
	identity, err := fileIdentity(Database(dir))
	if err != nil {
		return nil, false, err
	}
	noted, is := readMark(dir)
	file, err := openOwn(dir, markName)
	if err != nil {
		return nil, false, err
	}
	return &mark{file: file, identity: identity}, !is || now.before(noted), nil
}

// readMark returns what was noted of the database in a folder. is reports whether there is a mark,
// and it was made for the file that is there. One of an older version has no time.
func readMark(dir string) (noted point, is bool) {
	identity, err := fileIdentity(Database(dir))
	text, readErr := os.ReadFile(MarkFile(dir))
	if err != nil || readErr != nil {
		return noted, false
	}
	var of string
	n, _ := fmt.Sscanf(string(text), "%d %s %d", &noted.last, &of, &noted.time)
	return noted, n >= 2 && of == identity
}

// lookLost returns ErrLost for a database that has less than was noted of it: a damaged write-ahead
// log is not read beyond the damage, a file system may leave an empty file when the power is lost,
// and somebody may have taken the log away or put an older copy into the file. A server that went
// on would overwrite what is left of it, and give numbers twice. Who wants that deletes the mark.
//
// A backup has lost nothing (see Backup), nor has one of which what was committed could be lost
// with the power (SyncNone): begin tells that.
func lookLost(ctx context.Context, path string) error {
	noted, is := readMark(filepath.Dir(path)) // before the database, to which a server may add
	if !is || noted == (point{}) {
		return nil
	}
	if size(path) == 0 && size(path+"-wal") <= 0 {
		return fmt.Errorf("%w: it is empty, and had all that was kept up to %s", ErrLost, noted)
	}
	has, mayBeOlder, err := lookHow(ctx, path)
	if err != nil || mayBeOlder { // an error is that of whoever opens it
		return nil
	}
	return lost(has, noted)
}

// lost returns ErrLost unless a database has all that was noted of it.
func lost(has, noted point) error {
	if !has.before(noted) {
		return nil
	}
	return fmt.Errorf("%w: it ends with %s, and %s was kept in it", ErrLost, has, noted)
}

// lookHow returns how far a database has come, and whether it may honestly be older than its mark.
// It changes nothing, so that what is wrong with a log can still be seen.
func lookHow(ctx context.Context, path string) (has point, mayBeOlder bool, err error) {
	db, err := openToRead(ctx, path)
	if err != nil {
		return has, false, err
	}
	defer db.Close()
	err = inTransaction(ctx, db, func(tx *sql.Tx) error {
		version, err := schemaVersion(ctx, tx)
		if err != nil || version < firstMarked {
			mayBeOlder = version > 0
			return err
		}
		if has, err = loadPoint(ctx, tx); err != nil {
			return err
		}
		name, err := readFact(ctx, tx, logFact)
		if err != nil {
			return err
		}
		risk, err := readFact(ctx, tx, riskFact)
		mayBeOlder = name == "" || risk != ""
		return err
	})
	return has, mayBeOlder, err
}

// loadPoint returns how far a database has come.
func loadPoint(ctx context.Context, tx *sql.Tx) (point, error) {
	last, at, err := loadLast(ctx, tx)
	return point{last, nanoseconds(at)}, err
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
func (m *mark) begin(at point) error {
	if m == nil {
		return nil
	}
	m.at = at
	return errors.Join(m.write(), m.file.Sync())
}

// note writes how far the newest commit has come. A failure is left to the next one:
// nothing depends on a mark that is too old but finding out about a backup or a loss.
func (m *mark) note(at point) {
	if m == nil || at == m.at {
		return
	}
	m.at = at
	m.write()
}

// write writes lines of one length, so that nothing of an older one is left.
func (m *mark) write() error {
	_, err := m.file.WriteAt(fmt.Appendf(nil, "%020d %-100s\n", m.at.last, fmt.Sprint(m.identity, " ", m.at.time)), 0)
	return err
}
