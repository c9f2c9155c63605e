package store

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
)

const (
	// readers is how many connections read at once. More would not read faster
	// on the few cores of a chat server, and each has a page cache of 2 MB.
	readers = 4

	// A search may take a processor for as long as it lasts. So half of them are never taken by
	// searches, and history has connections of its own.

	// lockWait is for how long another program's lock is waited for, such as that of an
	// owner who looks into the file.
	lockWait = 5 * time.Second

	// walKept is to how many bytes the write-ahead log is cut after a burst.
	walKept = 16 << 20
)

func (s *Store) connect(path string) (err error) {
	if s.write, err = openDB(path, 1, lockWait, "_txlock=immediate"); err != nil {
		return err
	}
	if path == Memory {
		s.read, s.search = s.write, s.write // another connection would have another memory
		return nil
	}
	if s.read, err = openDB(path, readers, lockWait, "_query_only=1"); err != nil {
		return err
	}
	if s.search, err = openDB(path, max(1, runtime.NumCPU()/2), lockWait, "mode=rw&_query_only=1"); err != nil {
		return err
	}
	s.check, err = openDB(path, 1, scrubWait, "mode=rw")
	if err == nil {
		s.check.SetMaxIdleConns(0) // it is seldom needed
	}
	return err
}

// openDB returns a pool of so many connections, each of which waits for so long for locks of
// others. It does not connect yet.
func openDB(path string, conns int, wait time.Duration, option string) (*sql.DB, error) {
	if path != Memory {
		path = filepath.ToSlash(path)
		if !strings.HasPrefix(path, "/") {
			path = "/" + path // a drive
		}
		path = (&url.URL{Scheme: "file", Path: path}).String()
	}
	connector, err := sqlite.NewConnector(path + "?" + strings.Join([]string{
		"_busy_timeout=" + strconv.FormatInt(wait.Milliseconds(), 10),
		"_journal_mode=WAL",
		"_synchronous=FULL",
		fmt.Sprintf("_pragma=journal_size_limit(%d)", walKept),
		"_pragma=secure_delete(1)",
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
