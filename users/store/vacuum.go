package store

import (
	"context"
	"database/sql"
	"fmt"
)

const incremental = 2 // of PRAGMA auto_vacuum: empty pages are given back when that is asked for

// rewrittenPages is how many pages a file may have that are in use, if it is made anew as it
// is opened, so that it can give empty ones back: 32 MB, which take half a second.
var rewrittenPages = 8192

// letShrink makes a database one that can give empty pages back to the file system, unless
// that takes long: of one that was made before there was retention all that is in use is
// written anew. One that stays as it is uses its empty pages again, and never shrinks.
func (s *Store) letShrink() error {
	var mode, pages, empty int
	for pragma, value := range map[string]*int{"auto_vacuum": &mode, "page_count": &pages, "freelist_count": &empty} {
		if err := s.write.QueryRowContext(s.life, "PRAGMA "+pragma).Scan(value); err != nil {
			return err
		}
	}
	if mode == incremental {
		s.shrinks = true
		return nil
	}
	if pages-empty > rewrittenPages {
		return nil
	}
	if _, err := s.write.ExecContext(s.life, "PRAGMA auto_vacuum = 2"); err != nil {
		return err
	}
	_, err := s.write.ExecContext(s.life, "VACUUM")
	if s.shrinks = err == nil; Disk(classify(err)) { // there is no room for it: it stays as it is
		return nil
	}
	return err
}

// Shrinks reports whether the file becomes smaller when something is deleted. One that was
// large before there was retention does not.
func (s *Store) Shrinks() bool { return s.shrinks }

// vacuum gives some empty pages back to the file system, and reports whether there are few
// left.
func (t *transaction) vacuum() (done bool, err error) {
	if !t.store.shrinks {
		return true, nil
	}
	var pages, empty int
	for pragma, value := range map[string]*int{"page_count": &pages, "freelist_count": &empty} {
		if err := t.tx.QueryRow("PRAGMA " + pragma).Scan(value); err != nil {
			return false, err
		}
	}
	if empty <= pages/emptyPages+vacuumedAtOnce {
		return true, nil
	}
	t.moved = true
	return false, t.stepThrough(fmt.Sprintf("PRAGMA incremental_vacuum(%d)", vacuumedAtOnce))
}

// stepThrough runs a statement that does something for each of its rows.
func (t *transaction) stepThrough(text string) error {
	rows, err := t.tx.QueryContext(context.Background(), text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var nothing sql.RawBytes
		_ = rows.Scan(&nothing)
	}
	return rows.Err()
}
