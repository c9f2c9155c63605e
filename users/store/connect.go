package store

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
)

const (
	// readers is how many connections read at once. More would not read faster
	// on the few cores of a chat server, and each has a page cache of 2 MB.
	readers = 4

	// lockWait is for how long another program's lock is waited for, such as that of an
	// owner who looks into the file.
	lockWait = 5 * time.Second

	// walKept is to how many bytes the write-ahead log is cut after a burst.
	walKept = 16 << 20
)

func (s *Store) connect(path string) (err error) {
	if s.write, err = openDB(path, 1, "_txlock=immediate"); err != nil {
		return err
	}
	if path == Memory {
		s.read = s.write // another connection would have another memory
		return nil
	}
	s.read, err = openDB(path, readers, "_query_only=1")
	return err
}

// openDB returns a pool of so many connections. It does not connect yet.
func openDB(path string, conns int, option string) (*sql.DB, error) {
	if path != Memory {
		path = filepath.ToSlash(path)
		if !strings.HasPrefix(path, "/") {
			path = "/" + path // a drive
		}
		path = (&url.URL{Scheme: "file", Path: path}).String()
	}
	connector, err := sqlite.NewConnector(path + "?" + strings.Join([]string{
		"_busy_timeout=" + strconv.FormatInt(lockWait.Milliseconds(), 10),
		"_journal_mode=WAL",
		"_synchronous=FULL",
		fmt.Sprintf("_pragma=journal_size_limit(%d)", walKept),
		"_dqs=0",
		option,
	}, "&"))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}
