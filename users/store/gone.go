package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"parley/users/state"
)

// What is gone, and what says so to those who read. It is deleted in small steps: see
// sweep.go.
const (
	// A room in which nobody has said anything leaves nothing.
	putEndedRoom statement = `INSERT INTO gone (room, up_to, pruned, swept) SELECT ?1, ?2, 0, 0
		WHERE EXISTS (SELECT 1 FROM messages WHERE room = ?1) OR EXISTS (SELECT 1 FROM gone WHERE room = ?1)
		ON CONFLICT (room) DO UPDATE SET up_to = max(up_to, excluded.up_to), pruned = 0`
	putPruned statement = `INSERT INTO gone (room, up_to, pruned, swept) VALUES (?, ?, 1, 0)
		ON CONFLICT (room) DO UPDATE SET up_to = max(up_to, excluded.up_to), pruned = 1`
	dropPruned statement = `UPDATE gone SET pruned = 0, swept = min(swept, up_to - 1) WHERE room = ?`

	// What somebody has not seen is found again when they have.
	sweepSeen statement = `UPDATE gone SET swept = 0 WHERE room = ''
		AND up_to > coalesce((SELECT number FROM cursors WHERE person = ?), 0)`

	putForgotten statement = `INSERT OR REPLACE INTO forgotten (account, after, guest, since, up_to, swept) VALUES (?, ?, ?, ?, ?, 0)`

	// Where a name stands in the audit log of who is forgotten, as it was spelled, a pseudonym does.
	renameActsBy statement = `UPDATE acts SET by_name = ?1, by_person = '' WHERE by_name = ?2 AND by_person IN ('', ?3, ?4) AND id <= ?5`
	renameActsOf statement = `UPDATE acts SET name = ?1, person = '' WHERE name = ?2 AND person IN ('', ?3, ?4) AND id <= ?5`

	// Likewise where the account ?2, which others may have had up to the number ?4, or the guest
	// ?3 that it was before, has put a reaction, or removed what somebody else had said.
	renameReactions statement = `UPDATE reactions SET name = ?1, person = ''
		WHERE person IN (?2, ?3) AND number <= ?5 AND person <> '' AND (person = ?2) = (number > ?4)`
	renameRemovals statement = `WITH a (account, guest, after, since) AS (SELECT ?2, ?3, ?4, ?6)
		UPDATE messages AS m SET removed_by = ?1 FROM a
		WHERE m.removed_by = ?7 COLLATE NOCASE AND m.changed <= ?5 AND (?3 <> '' OR m.changed > ?4) AND NOT (` + saidByAuthor + `)`

	// saidByAuthor is true of what an author a has said.
	saidByAuthor = `CASE m.person WHEN '' THEN lower(m.sender) = a.account AND m.time >= a.since
		WHEN a.account THEN +m.id > a.after ELSE m.person = a.guest AND +m.id <= a.after END`

	// goneTo is up to which number nothing is read of the room of that name.
	goneTo = `coalesce((SELECT up_to FROM gone WHERE room = `

	// stillThere is true of messages of persons who are not forgotten, and directThere of
	// direct messages. The signs keep SQLite from looking for them by these numbers.
	stillThere  = `NOT EXISTS (SELECT 1 FROM forgotten a WHERE +m.id <= a.up_to AND ` + saidByAuthor + `)`
	directThere = `NOT (+id <= coalesce((SELECT up_to FROM gone WHERE room = ''), 0)
		AND +id <= coalesce((SELECT number FROM cursors WHERE person = to_person), 0))`

	prunedText = `SELECT room, up_to FROM gone WHERE pruned ORDER BY room`
)

// putPrunedRows comes behind the rooms: of one that has ended nothing is pruned any more.
func (t *transaction) putPrunedRows(rows *state.Rows) error {
	for _, p := range rows.Pruned {
		var err error
		if p.Gone {
			err = t.exec(dropPruned, p.Room)
		} else {
			err = t.exec(putPruned, p.Room, int64(p.UpTo))
		}
		if err != nil {
			return fmt.Errorf("what is pruned of the room %q: %w", p.Room, err)
		}
		t.sweepLater()
	}
	return nil
}

func loadPruned(ctx context.Context, tx *sql.Tx) ([]state.Pruned, error) {
	return collect(ctx, tx, func(row scanner) (p state.Pruned, err error) {
		err = row.Scan(&p.Room, &p.UpTo)
		return p, err
	}, prunedText)
}

// erase puts a pseudonym in place of an account that is forgotten, and has nobody read any
// more what it has said in rooms, if it has asked for that.
func (t *transaction) erase(f state.Forgotten) error {
	e := f.Erased
	if e == nil {
		return nil
	}
	for _, text := range []statement{renameActsBy, renameActsOf} {
		if err := t.exec(text, e.As, e.Name, e.Person, e.Guest, int64(f.UpTo)); err != nil {
			return err
		}
	}
	t.moved = true
	after, upTo, since := int64(e.After), int64(f.UpTo), nanoseconds(e.Since)
	err := errors.Join(t.exec(renameReactions, e.As, e.Person, e.Guest, after, upTo),
		t.exec(renameRemovals, e.As, e.Person, e.Guest, after, upTo, since, e.Name))
	if err != nil || !e.Texts {
		return err
	}
	t.sweepLater()
	return t.exec(putForgotten, e.Person, after, e.Guest, since, upTo)
}
