package store

import (
	"context"
	"database/sql"

	"parley/users/state"
)

const (
	// exportMost is at how many messages of all is looked for one page, some at a time: there
	// is no index of who has said them.
	exportMost = 100_000

	exportEndText = `SELECT max(id) FROM (SELECT id FROM messages WHERE id > ? AND id <= ? ORDER BY id LIMIT ?)`
	exportText    = `WITH a (account, after, guest, since) AS (SELECT ?1, ?2, ?3, ?4) ` + messageColumns + `, a
		WHERE id > ?5 AND id <= ?6 AND ` + saidByAuthor + ` AND ` + notGone + ` ORDER BY id`

	// Reactions of the account ?1, which others may have had up to the number ?2, or of the guest
	// ?3 that it was before, with numbers behind ?4 and up to ?5, so many at most.
	exportReactionsText = `SELECT number, message, word FROM reactions WHERE person = ?1 AND number > max(?2, ?4) AND number <= ?5 AND ` + reactedThere + `
		UNION ALL SELECT number, message, word FROM reactions WHERE person = ?3 AND person <> '' AND number > ?4 AND number <= min(?2, ?5) AND ` + reactedThere + `
		ORDER BY number, message LIMIT ?6`
	reactedThere = `(EXISTS (SELECT 1 FROM messages m WHERE id = message AND ` + notGone + `)
		OR EXISTS (SELECT 1 FROM directs WHERE id = message AND ` + directThere + `))`

	// reactionsAtOnce is how many of them are on a page at most.
	reactionsAtOnce = 1000
)

// Export returns what an account has said in rooms, said and heard in direct messages, and
// reacted to, with numbers behind one and up to another, ascending, of about so many bytes of texts. Up
// to the number reached it is all there is.
func (s *Store) Export(ctx context.Context, who state.Author, after, upTo uint64, bytes int) (e state.Export, reached uint64, err error) {
	from, left := after, bytes
	for looked := int64(0); from < upTo && left > 0 && looked < exportMost; looked += s.walkedAtOnce {
		var some []state.Message
		if some, from, err = s.exportChunk(ctx, who, from, upTo); err != nil {
			return e, 0, err
		}
		for i := range some {
			left -= len(some[i].Text)
		}
		e.Messages = append(e.Messages, some...)
	}
	if e.Directs, err = s.DirectsAfter(ctx, who.Person, after, max(bytes, 1)); err != nil {
		return e, 0, err
	}
	if n := len(e.Directs); n > 0 { // there may be more behind the last one
		from = min(from, max(e.Directs[n-1].Number, after+1))
	}
	if e.Reactions, err = s.reactions(ctx, who, after, from); err != nil {
		return e, 0, err
	}
	if n := len(e.Reactions); n == reactionsAtOnce {
		from = e.Reactions[n-1].Number
	}
	e.Cut(from)
	return e, from, nil
}

func (s *Store) reactions(ctx context.Context, who state.Author, after, upTo uint64) (found []state.Reacted, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *sql.Tx) error {
		found, err = collect(ctx, tx, func(row scanner) (r state.Reacted, err error) {
			err = row.Scan(&r.Number, &r.Message, &r.Word)
			return r, err
		}, exportReactionsText, who.Person, signed(who.After), who.Guest, signed(after), signed(upTo), reactionsAtOnce)
		return err
	})
	return found, err
}

// exportChunk looks at some messages, and returns those of an account and up to which number
// these are all there are.
func (s *Store) exportChunk(ctx context.Context, who state.Author, after, upTo uint64) (found []state.Message, reached uint64, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var end sql.NullInt64
		if err := tx.QueryRowContext(ctx, exportEndText, signed(after), signed(upTo), s.walkedAtOnce).Scan(&end); err != nil {
			return err
		}
		if !end.Valid {
			reached = upTo
			return nil
		}
		reached = uint64(end.Int64)
		rows, err := tx.QueryContext(ctx, exportText, who.Person, signed(who.After), who.Guest, nanoseconds(who.Since), signed(after), end.Int64)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			m, _, err := scanMessage(rows)
			if err != nil {
				return err
			}
			found = append(found, m)
		}
		return rows.Err()
	})
	return found, reached, err
}
