package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"

	"parley/users/state"
)

const (
	putAct statement = `INSERT INTO acts (id, time, act, by_name, by_person, name, person, address, room, message, why, what, until)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

	actColumns = `SELECT id, time, act, by_name, by_person, name, person, address, room, message, why, what, until FROM acts`

	// The newest acts with numbers behind ?1 and before ?2, ?3 at most: all, in a room, by or
	// about a name, and both.
	actsText       = actColumns + ` WHERE id > ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3`
	actsInRoomText = actColumns + ` WHERE room = ?4 AND id > ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3`
	actsOfNameText = actColumns + ` WHERE id IN (
			SELECT id FROM (SELECT id FROM acts WHERE name = ?4 AND id > ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3)
			UNION
			SELECT id FROM (SELECT id FROM acts WHERE by_name = ?4 AND id > ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3))
		ORDER BY id DESC LIMIT ?3`
	actsOfNameInRoomText = actColumns + ` WHERE room = ?4 AND (name = ?5 OR by_name = ?5) AND id > ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3`

	dropAddress statement = `UPDATE acts SET address = '' WHERE address = ?1 AND address <> '' AND id <= ?2`

	reportsText = actColumns + ` WHERE act = 'report' ORDER BY id DESC LIMIT ?`
)

func (t *transaction) putActs(rows *state.Rows) error {
	for i := range rows.Acts {
		a := &rows.Acts[i]
		err := t.exec(putAct, int64(a.Number), nanoseconds(a.Time), a.Act, a.By, a.Person, a.Name, a.Target, a.Addr, a.Room,
			signed(a.Message), a.Why, a.Set, nanoseconds(a.Until))
		if err != nil {
			return fmt.Errorf("act %d: %w", a.Number, err)
		}
	}
	for i := range rows.Sanctions {
		v := &rows.Sanctions[i]
		if !v.Gone || !v.Addr {
			continue
		}
		if err := t.exec(dropAddress, v.Target, int64(v.UpTo)); err != nil {
			return fmt.Errorf("acts about %s: %w", v.Target, err)
		}
	}
	return nil
}

// Acts returns the newest acts of the audit log that are wanted, n or PageLimit at most,
// oldest first.
func (s *Store) Acts(ctx context.Context, f state.ActFilter, n int) ([]state.Act, error) {
	before := f.Before
	if before == 0 {
		before = math.MaxInt64
	}
	query, args := s.acts, []any{signed(f.After), signed(before), max(0, min(n, PageLimit))}
	switch {
	case f.Room != "" && f.Name != "":
		query, args = s.actsOfNameInRoom, append(args, f.Room, f.Name)
	case f.Room != "":
		query, args = s.actsInRoom, append(args, f.Room)
	case f.Name != "":
		query, args = s.actsOfName, append(args, f.Name)
	}
	acts, err := readPage(ctx, s, query, func(row scanner) (state.Act, int, error) {
		a, err := scanAct(row)
		return a, 0, err
	}, 0, args...)
	slices.Reverse(acts)
	return acts, err
}

func scanAct(row scanner) (a state.Act, err error) {
	var at, until int64
	err = row.Scan(&a.Number, &at, &a.Act, &a.By, &a.Person, &a.Name, &a.Target, &a.Addr, &a.Room, &a.Message, &a.Why, &a.Set, &until)
	a.Time, a.Until = moment(at), moment(until)
	return a, err
}

func loadReports(ctx context.Context, tx *sql.Tx) ([]state.Act, error) {
	reports, err := collect(ctx, tx, scanAct, reportsText, state.MaxReports)
	slices.Reverse(reports)
	return reports, err
}
