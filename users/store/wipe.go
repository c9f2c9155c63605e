package store

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
)

// What is removed from a page is overwritten with zeros (PRAGMA secure_delete). But SQLite
// leaves copies of rows in the free part of pages between which it has moved them, as it does
// when rows grow, shrink or go: of such a row, when it is removed, that copy would stay. So
// after a commit that may have moved rows with texts, the free part of all pages that it has
// written is wiped, with the next commit. Which they are the write-ahead log says, also after
// a crash: it is not used anew before.

// unwiped is what is to be wiped.
type unwiped struct {
	pages  []uint32 // by the next transaction, ascending
	all    bool     // it could not be found out which they are: all that are in the log
	mapped bool     // the file can become shorter: some of its pages say where others belong
}

const (
	pageText  statement = `SELECT data FROM sqlite_dbpage WHERE pgno = ?`
	wipedPage statement = `UPDATE sqlite_dbpage SET data = ?2 WHERE pgno = ?1`
)

// wipe wipes the pages that were noted, in a transaction that may go on with other things.
func (t *transaction) wipe() error {
	for _, page := range t.store.unwiped.pages {
		var data []byte
		switch err := t.bind(pageText).QueryRow(page).Scan(&data); {
		case errors.Is(err, sql.ErrNoRows): // the file has become shorter
			continue
		case err != nil:
			return fmt.Errorf("page %d: %w", page, err)
		}
		if t.store.unwiped.isMap(page, len(data)) || !wipeFree(data, page) {
			continue
		}
		if err := t.exec(wipedPage, page, data); err != nil {
			return fmt.Errorf("page %d: %w", page, err)
		}
	}
	return nil
}

// wipedPages is of how many pages files are wiped at most, 64 GB: in a larger one the number
// at the beginning of another kind of page may look like one of those here.
const wipedPages = 1 << 24

// wipeFree overwrites the free part of a page in the middle of which rows or keys were, and
// reports whether there was anything in it.
func wipeFree(data []byte, page uint32) bool {
	if page > wipedPages || len(data) < 512 {
		return false
	}
	header := data
	if page == 1 {
		header = data[100:]
	}
	size := 0 // of the header
	switch header[0] {
	case 0x0a, 0x0d: // a leaf of an index, or of a table
		size = 8
	case 0x02, 0x05: // what leads to those
		size = 12
	default:
		return false
	}
	first := len(data) - len(header) + size + 2*int(binary.BigEndian.Uint16(header[3:]))
	behind := int(binary.BigEndian.Uint16(header[5:]))
	if first > behind || behind > len(data) {
		return false
	}
	free := data[first:behind]
	if !slices.ContainsFunc(free, func(b byte) bool { return b != 0 }) {
		return false
	}
	clear(free)
	return true
}

// isMap reports whether a page says where others belong.
func (u *unwiped) isMap(page uint32, size int) bool {
	const entry = 5 // bytes
	return u.mapped && page > 1 && (page-2)%uint32(size/entry+1) == 0
}

// beginWiping has wiped what a process has left that was killed.
func (s *Store) beginWiping() error {
	var mode int
	if err := s.write.QueryRow("PRAGMA auto_vacuum").Scan(&mode); err != nil {
		return err
	}
	s.unwiped.mapped, s.unwiped.all = mode != 0, true
	return s.noteUnwiped()
}

// noteWritten notes which pages the last transaction has written.
func (s *Store) noteWritten() {
	if s.files == nil {
		return
	}
	pages, err := s.written(false)
	s.unwiped.pages, s.unwiped.all = append(s.unwiped.pages, pages...), err != nil
}

// noteUnwiped notes all pages in the log, if it could not be found out which are to be wiped.
func (s *Store) noteUnwiped() error {
	if !s.unwiped.all {
		return nil
	}
	pages, err := s.written(true)
	if err != nil {
		return err
	}
	s.unwiped.pages, s.unwiped.all = pages, false
	return nil
}

// written returns the pages that the last transaction has written, or all that are in the
// write-ahead log, ascending.
func (s *Store) written(all bool) ([]uint32, error) {
	var busy, frames, moved int64
	if err := s.write.QueryRow("PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &frames, &moved); err != nil {
		return nil, err
	}
	pages, err := writtenPages(s.path+"-wal", frames, all)
	if err != nil {
		return nil, fmt.Errorf("the write-ahead log: %w", err)
	}
	slices.Sort(pages)
	return slices.Compact(pages), nil
}

// writtenPages returns the pages in a write-ahead log of so many frames that the last commit
// has written, or all. See "WAL-Mode File Format", sqlite.org/walformat.html.
func writtenPages(path string, frames int64, all bool) (pages []uint32, _ error) {
	const logHeader, frameHeader = 32, 24
	if frames <= 0 {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var header [logHeader]byte
	if _, err := file.ReadAt(header[:], 0); err != nil {
		return nil, err
	}
	size := frameHeader + int64(binary.BigEndian.Uint32(header[8:]))
	for n := frames - 1; n >= 0; n-- {
		var frame [frameHeader]byte
		if _, err := file.ReadAt(frame[:], logHeader+n*size); err != nil {
			return nil, err
		}
		if ends := binary.BigEndian.Uint32(frame[4:]) != 0; ends && n < frames-1 && !all { // the commit before it
			break
		}
		pages = append(pages, binary.BigEndian.Uint32(frame[:]))
	}
	return pages, nil
}
