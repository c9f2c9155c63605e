package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver of openToRead
)

// ErrNothing is returned where there is no database to look into.
var ErrNothing = errors.New("there is no database")

// Database returns the path of the database in a data folder.
func Database(dir string) string { return filepath.Join(dir, fileName) }

// A Summary is what a database has.
type Summary struct {
	Schema int       // its version
	Newest int       // the version of the schema that this program has
	Last   uint64    // the number that was given last; 0 with a schema older than firstMarked
	Time   time.Time // of the last command, likewise
	Bytes  int64     // of the file
}

// openToRead opens a database that others may have open, too, and changes nothing in it: one
// connection, which holds nobody up who writes. What somebody has committed to the
// write-ahead log beside the file is seen.
func openToRead(ctx context.Context, path string) (*sql.DB, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %s", ErrNothing, path)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s is no file", ErrNothing, path)
	}
	if err := mayRead(path); err != nil {
		return nil, err
	}
	db, err := tryToRead(ctx, path, "mode=ro")
	if err == nil || errors.Is(classify(err), ErrCorrupt) {
		return db, nil // what is damaged is said by whoever reads
	}
	if _, noLog := os.Stat(path + "-wal"); errors.Is(noLog, fs.ErrNotExist) { // and none can be made: nobody writes here
		if db, err := tryToRead(ctx, path, "mode=ro&immutable=1"); err == nil {
			return db, nil
		}
	}
	return nil, classify(err)
}

// tryToRead returns a database in any case, to be closed only if there is no other error than
// of damage.
func tryToRead(ctx context.Context, path, how string) (*sql.DB, error) {
	path, err := filepath.Abs(path) // in a URL it is that in any case
	if err != nil {
		return nil, err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive
	}
	wait := strconv.FormatInt(lockWait.Milliseconds(), 10)
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String()+"?_dqs=0&_busy_timeout="+wait+"&"+how)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	var tables int
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
	if err != nil && !errors.Is(classify(err), ErrCorrupt) {
		_ = db.Close()
		return nil, err
	}
	return db, err
}

// lookForeign returns ErrForeign for a database of another program, before it is opened to be
// written: SQLite changes a file when it opens it as a server does.
func lookForeign(ctx context.Context, path string) error {
	if size(path) <= 0 || hasOurID(path) {
		return nil
	}
	db, err := tryToRead(ctx, path, "mode=ro")
	if db == nil || err != nil && !errors.Is(classify(err), ErrCorrupt) {
		return nil // whoever opens it says why
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil
	}
	defer tx.Rollback()
	if _, err := schemaVersion(ctx, tx); errors.Is(err, ErrForeign) {
		return err
	}
	return nil
}

// hasOurID reports whether the header of a database says that it is ours. What is in a
// write-ahead log beside it is not looked at.
func hasOurID(path string) bool {
	const at = 68 // https://www.sqlite.org/fileformat2.html#application_id
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var id [4]byte
	_, err = f.ReadAt(id[:], at)
	return err == nil && binary.BigEndian.Uint32(id[:]) == applicationID
}

// summarize looks at what every version of this program has written. It returns ErrForeign
// or ErrVersion for what this one cannot read.
func summarize(ctx context.Context, tx *sql.Tx, path string) (s Summary, err error) {
	steps, err := migrations()
	if err != nil {
		return s, err
	}
	s.Newest = len(steps)
	if info, err := os.Stat(path); err == nil {
		s.Bytes = info.Size()
	}
	if s.Schema, err = schemaVersion(ctx, tx); err != nil {
		return s, err
	}
	switch {
	case s.Schema == 0:
		return s, fmt.Errorf("%w in %s: the file is empty", ErrNothing, path)
	case s.Schema > s.Newest:
		return s, fmt.Errorf("%w (its schema is %d, this one knows %d)", ErrVersion, s.Schema, s.Newest)
	case s.Schema >= firstMarked:
		s.Last, s.Time, err = loadLast(ctx, tx)
	}
	return s, err
}
