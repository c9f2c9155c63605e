package store

import (
	"context"
	"database/sql"
	"io"
	"path/filepath"
)

// firstMarked is the schema since which databases have a mark beside them.
const firstMarked = 3

// begin gives the log another name if numbers may be given in it a second time: if the
// last end with SyncNone was not a clean one, or if the database was put back from a
// backup. version is that of the schema that the file had.
func (s *Store) begin(path string, version int, random io.Reader) error {
	tx, err := s.write.BeginTx(s.life, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	at, err := loadPoint(s.life, tx)
	if err != nil {
		return err
	}
	moved := false
	if path != Memory {
		if err := s.noteLost(tx, at); err != nil {
			return err
		}
		if s.mark, moved, err = openMark(filepath.Dir(path), at); err != nil {
			return err
		}
		moved = moved && version >= firstMarked
	}
	if err := s.nameLog(tx, moved, random); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	// What lookLost goes by is to be there also if the write-ahead log is not.
	if _, err := s.write.Exec("PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
		return err
	}
	if s.sync == SyncNone {
		if _, err := s.write.Exec("PRAGMA synchronous = NORMAL"); err != nil {
			return err
		}
	}
	return s.mark.begin(at)
}

// noteLost has Found tell of what the power has taken, because the disk was not waited for.
func (s *Store) noteLost(tx *sql.Tx, at point) error {
	risk, err := readFact(s.life, tx, riskFact)
	if noted, is := readMark(filepath.Dir(s.path)); err == nil && risk != "" && is {
		if lost := lost(at, noted); lost != nil {
			s.found = append(s.found, lost)
		}
	}
	return err
}

// nameLog gives the log its first name, or another one, and notes whether what is
// committed from now on may be lost with the power.
func (s *Store) nameLog(tx *sql.Tx, moved bool, random io.Reader) error {
	risk, err := readFact(s.life, tx, riskFact)
	if err != nil {
		return err
	}
	if s.logName, err = readFact(s.life, tx, logFact); err != nil {
		return err
	}
	if s.logName == "" || moved || risk != "" {
		if s.logName, err = newLogName(random); err != nil {
			return err
		}
		if err := setFact(s.life, tx, logFact, s.logName); err != nil {
			return err
		}
	}
	switch {
	case s.sync == SyncNone:
		return setFact(s.life, tx, riskFact, "power")
	case risk != "":
		return dropFact(s.life, tx, riskFact)
	}
	return nil
}

// end notes that all that was committed is on the disk.
func (s *Store) end(scrub bool) error {
	if s.sync == SyncNone {
		if _, err := s.write.Exec("PRAGMA synchronous = FULL"); err != nil {
			return err
		}
		tx, err := s.write.BeginTx(context.Background(), nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if err := dropFact(context.Background(), tx, riskFact); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	mode := "PASSIVE"
	if scrub { // nobody reads any more
		if err := s.wipeNow(context.Background()); err != nil {
			return err
		}
		mode = "TRUNCATE"
	}
	_, err := s.write.Exec("PRAGMA wal_checkpoint(" + mode + ")")
	return err
}
