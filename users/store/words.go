package store

import (
	"database/sql"
	"errors"

	"parley/users/state"
)

// The index of words (the table words) is behind what is committed, and follows in steps of
// their own: a commit does not wait for it longer than for one step. A search first has the
// steps made that are missing.

const (
	// indexedAtOnce is how many messages one step puts into the index: about a millisecond.
	indexedAtOnce = 128

	// mergedAtOnce is how many pages of the index one step merges, likewise.
	mergedAtOnce = 8
)

// What stands in the index of a message and of a direct message. Migration 7 has the same for
// those that change or go.
const (
	messageWords = `id, text, 'r' || lower(hex(room)), lower(sender) FROM messages`
	directWords  = `id, text, 'p' || lower(hex(min(from_person, to_person))) || 'x' || lower(hex(max(from_person, to_person)))
		|| ' q' || lower(hex(from_person)) || ' q' || lower(hex(to_person)), lower(from_name) FROM directs`

	indexRows statement = `INSERT INTO words (rowid, text, place, sender) SELECT ` + messageWords + ` WHERE id BETWEEN ?1 AND ?2
		UNION ALL SELECT ` + directWords + ` WHERE id BETWEEN ?1 AND ?2 ORDER BY id`
	nextRows statement = `SELECT count(*), max(id) FROM (SELECT id FROM (
			SELECT * FROM (SELECT id FROM messages WHERE id > ?1 ORDER BY id LIMIT ?2)
			UNION ALL SELECT * FROM (SELECT id FROM directs WHERE id > ?1 ORDER BY id LIMIT ?2)
		) ORDER BY id LIMIT ?2)`
	rowsBefore statement = `SELECT count(*), min(id) FROM (SELECT id FROM (
			SELECT * FROM (SELECT id FROM messages WHERE id <= ?1 ORDER BY id DESC LIMIT ?2)
			UNION ALL SELECT * FROM (SELECT id FROM directs WHERE id <= ?1 ORDER BY id DESC LIMIT ?2)
		) ORDER BY id DESC LIMIT ?2)`
	readReach    statement = `SELECT behind, up_to, (SELECT value FROM facts WHERE name = 'last') FROM words_range`
	putReach     statement = `UPDATE words_range SET behind = ?, up_to = ?`
	mergeSome    statement = `INSERT INTO words (words, rank) VALUES ('merge', ?)`
	changesMade  statement = `SELECT total_changes()`
	secureDelete statement = `INSERT INTO words (words, rank) VALUES ('secure-delete', ?)`
)

// unindexSecurely says whether nothing may be left of words that are taken out of the index
// with the rows that are changed or deleted from now on. Else they are only marked as gone,
// and go when what they stand in is merged: that is 200 times as fast.
func (t *transaction) unindexSecurely(is bool) error {
	if t.secure == is {
		return nil
	}
	t.secure = is
	return t.exec(secureDelete, is)
}

// endUnindexing is the last thing that is done with the index.
func (t *transaction) endUnindexing(*state.Rows) error { return t.unindexSecurely(false) }

// A wordsReach says of which numbers the words are in the index: behind one, up to another.
// last is the number that was given last.
type wordsReach struct{ behind, upTo, last int64 }

func (t *transaction) reach() (r wordsReach, err error) {
	err = t.bind(readReach).QueryRow().Scan(&r.behind, &r.upTo, &r.last)
	return r, err
}

// indexNew puts the next messages into the index, and reports whether there may be more.
func (t *transaction) indexNew() (more bool, err error) {
	r, err := t.reach()
	if err != nil || r.upTo >= r.last {
		return false, err
	}
	var n int
	var last sql.NullInt64
	if err := t.bind(nextRows).QueryRow(r.upTo, indexedAtOnce).Scan(&n, &last); err != nil {
		return false, err
	}
	upTo := r.last
	if n == indexedAtOnce {
		upTo = last.Int64
	}
	t.moved = true
	return upTo < r.last, errors.Join(t.exec(indexRows, r.upTo+1, upTo), t.exec(putReach, r.behind, upTo))
}

// indexOld does so with those from before there was an index, the newest of them first.
func (t *transaction) indexOld() (more bool, err error) {
	r, err := t.reach()
	if err != nil || r.behind == 0 {
		return false, err
	}
	var n int
	var first sql.NullInt64
	if err := t.bind(rowsBefore).QueryRow(r.behind, indexedAtOnce).Scan(&n, &first); err != nil {
		return false, err
	}
	behind := int64(0)
	if n == indexedAtOnce {
		behind = first.Int64 - 1
	}
	t.moved = true
	return behind > 0, errors.Join(t.exec(indexRows, behind+1, r.behind), t.exec(putReach, behind, r.upTo))
}

// mergeWords merges some of the index, and reports whether there was anything to merge.
func (t *transaction) mergeWords() (more bool, err error) {
	var before, after int
	err = errors.Join(t.bind(changesMade).QueryRow().Scan(&before), t.exec(mergeSome, mergedAtOnce), t.bind(changesMade).QueryRow().Scan(&after))
	more = after-before > 1 // SQLite counts the statement itself
	t.moved = t.moved || more
	return more, err
}
