package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"

	"parley/users/command"
	"parley/users/state"
)

const (
	putDirect statement = `INSERT OR REPLACE INTO directs (id, time, from_person, from_name, to_person, to_name, text, re)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	renameSender      statement = `UPDATE directs SET from_person = ?2 WHERE from_person = ?1 AND id <= ?3`
	renameReceiver    statement = `UPDATE directs SET to_person = ?2 WHERE to_person = ?1 AND id <= ?3`
	deleteDirectsTo   statement = `DELETE FROM directs WHERE to_person = ? AND id <= ?`
	deleteDirectsFrom statement = `DELETE FROM directs WHERE from_person = ? AND id <= ?`
	// Of a guest's, those stay that an account has not seen.
	deleteDirectsFromGuest statement = `DELETE FROM directs WHERE from_person = ?1 AND id <= ?2
		AND (substr(to_person, 1, 1) = '` + command.GuestPrefix + `'
			OR id <= coalesce((SELECT number FROM cursors WHERE person = to_person), 0))`

	directColumns = `SELECT id, time, from_person, from_name, to_person, to_name, text, ` + marksColumns + ` FROM directs m`
	directsText   = directColumns + ` WHERE to_person = ?1 AND id > ?2 AND ` + directThere + `
		UNION ALL ` + directColumns + ` WHERE from_person = ?1 AND id > ?2 AND to_person <> ?1 AND ` + directThere + `
		ORDER BY id LIMIT ?3`
	directsToText = directColumns + ` WHERE to_person = ? AND id > ? AND id < ? AND ` + directThere + ` ORDER BY id DESC LIMIT ?`
	pairText      = directColumns + ` WHERE to_person = ?1 AND from_person = ?2 AND id > ?3 AND id < ?4 AND ` + directThere + `
		UNION ALL ` + directColumns + ` WHERE to_person = ?2 AND from_person = ?1 AND to_person <> ?1 AND id > ?3 AND id < ?4 AND ` + directThere + `
		ORDER BY id`
	newestOfPairText = pairText + ` DESC LIMIT ?5`
	oldestOfPairText = pairText + ` LIMIT ?5`

	// Persons are few and their direct messages many: from one person the index leads
	// to the next.
	receiversText = `WITH RECURSIVE receivers (person) AS (
		SELECT min(to_person) FROM directs
		UNION ALL SELECT (SELECT min(to_person) FROM directs WHERE to_person > person) FROM receivers WHERE person IS NOT NULL)`
	sendersText = `senders (person) AS (
		SELECT min(from_person) FROM directs
		UNION ALL SELECT (SELECT min(from_person) FROM directs WHERE from_person > person) FROM senders WHERE person IS NOT NULL)`

	unseenText = receiversText + `
		SELECT d.id, d.from_person, d.to_person FROM receivers r LEFT JOIN cursors c USING (person)
		CROSS JOIN directs d ON d.to_person = r.person AND d.id > coalesce(c.number, 0) ORDER BY d.id`
	guestsText = receiversText + `, ` + sendersText + `
		SELECT person FROM receivers WHERE substr(person, 1, 1) = '` + command.GuestPrefix + `'
		UNION SELECT person FROM senders WHERE substr(person, 1, 1) = '` + command.GuestPrefix + `'
		UNION SELECT person FROM members WHERE substr(person, 1, 1) = '` + command.GuestPrefix + `'
		UNION SELECT person FROM room_invitations WHERE substr(person, 1, 1) = '` + command.GuestPrefix + `' ORDER BY person`
)

func (t *transaction) putDirects(rows *state.Rows) error {
	for i := range rows.Directs {
		d := &rows.Directs[i]
		if err := t.exec(putDirect, int64(d.Number), nanoseconds(d.Time), d.From, d.Sender, d.Person, d.To, d.Text, int64(d.Re)); err != nil {
			return fmt.Errorf("direct message %d: %w", d.Number, err)
		}
	}
	return nil
}

// DirectsAfter returns the oldest direct messages to or from a person with higher
// numbers, ascending, until their texts have so many bytes: one at least, PageLimit at
// most.
func (s *Store) DirectsAfter(ctx context.Context, person string, after uint64, bytes int) ([]state.Direct, error) {
	return readPage(ctx, s, s.directs, scanDirect, bytes, person, signed(after), PageLimit)
}

// DirectsTo returns the newest direct messages to a person with numbers behind one and
// before another, n or PageLimit at most, oldest first.
func (s *Store) DirectsTo(ctx context.Context, person string, after, before uint64, n int) ([]state.Direct, error) {
	directs, err := readPage(ctx, s, s.directsTo, scanDirect, math.MaxInt, person, signed(after), signed(before), max(0, min(n, PageLimit)))
	slices.Reverse(directs)
	return directs, err
}

// DirectsWith returns the newest direct messages between two persons, whoever has sent
// them, with numbers behind one and before another, n or PageLimit at most, oldest first.
func (s *Store) DirectsWith(ctx context.Context, person, with string, after, before uint64, n int) ([]state.Direct, error) {
	directs, err := readPage(ctx, s, s.newestOfPair, scanDirect, math.MaxInt, person, with, signed(after), signed(before), max(0, min(n, PageLimit)))
	slices.Reverse(directs)
	return directs, err
}

// DirectsWithAfter is DirectsWith for the oldest.
func (s *Store) DirectsWithAfter(ctx context.Context, person, with string, after, before uint64, n int) ([]state.Direct, error) {
	return readPage(ctx, s, s.oldestOfPair, scanDirect, math.MaxInt, person, with, signed(after), signed(before), max(0, min(n, PageLimit)))
}

func scanDirect(row scanner) (d state.Direct, bytes int, err error) {
	var at int64
	var marks marksRow
	err = row.Scan(append([]any{&d.Number, &at, &d.From, &d.Sender, &d.Person, &d.To, &d.Text, &d.Re}, marks.columns()...)...)
	if d.Time = moment(at); err == nil {
		d.Marks, err = marks.of(d.Number)
	}
	return d, len(d.Text) + d.Marks.Size(), err
}

func loadUnseen(ctx context.Context, tx *sql.Tx) ([]state.Unseen, error) {
	return collect(ctx, tx, func(row scanner) (u state.Unseen, err error) {
		err = row.Scan(&u.Number, &u.From, &u.Person)
		return u, err
	}, unseenText)
}

// loadGuests returns the guests of or to whom there are direct messages, and who are in
// rooms or invited to one.
func loadGuests(ctx context.Context, tx *sql.Tx) ([]string, error) {
	return collect(ctx, tx, func(row scanner) (person string, err error) {
		err = row.Scan(&person)
		return person, err
	}, guestsText)
}
