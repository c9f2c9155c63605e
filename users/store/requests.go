package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users/state"
)

// There is no index by person: it would be the only pages that are changed in random
// places, which halved the messages per second. Who is renamed or forgotten costs a
// walk over all of them.
const (
	putRequest statement = `INSERT OR REPLACE INTO requests (serial, person, request, digest, number, time)
		VALUES (?, ?, ?, ?, ?, ?)`
	renameRequests    statement = `UPDATE requests SET person = ?2 WHERE person = ?1 AND number <= ?3`
	deleteRequestsOf  statement = `DELETE FROM requests WHERE person = ? AND number <= ?`
	deleteOldRequests statement = `DELETE FROM requests WHERE serial <= ?`

	requestsText = `SELECT serial, person, request, digest, number, time FROM requests ORDER BY serial`
)

func (t *transaction) putRequests(rows *state.Rows) error {
	for i := range rows.Requests {
		r := &rows.Requests[i] // a column has no room for a number of 64 bits without sign
		err := t.exec(putRequest, int64(r.Serial), r.Person, r.ID, int64(r.Digest), int64(r.Number), nanoseconds(r.Time))
		if err != nil {
			return fmt.Errorf("request %d: %w", r.Serial, err)
		}
	}
	return nil
}

// forgetRequests removes the oldest requests.
func (t *transaction) forgetRequests(rows *state.Rows) error {
	if rows.OldRequests == 0 {
		return nil
	}
	if err := t.exec(deleteOldRequests, int64(rows.OldRequests)); err != nil {
		return fmt.Errorf("requests up to %d: %w", rows.OldRequests, err)
	}
	return nil
}

func loadRequests(ctx context.Context, tx *sql.Tx) ([]state.Request, error) {
	return collect(ctx, tx, func(row scanner) (r state.Request, err error) {
		var at, digest int64
		err = row.Scan(&r.Serial, &r.Person, &r.ID, &digest, &r.Number, &at)
		r.Digest, r.Time = uint64(digest), moment(at)
		return r, err
	}, requestsText)
}
