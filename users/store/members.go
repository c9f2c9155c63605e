package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users/state"
)

const (
	putMember    statement = `INSERT OR REPLACE INTO members (room, person, since, role) VALUES (?, ?, ?, ?)`
	deleteMember statement = `DELETE FROM members WHERE room = ? AND person = ?`

	membersText = `SELECT room, person, since, role FROM members ORDER BY room, person`
)

func (t *transaction) putMembers(rows *state.Rows) error {
	for _, m := range rows.Members {
		var err error
		if m.Gone {
			err = t.exec(deleteMember, m.Room, m.Person)
		} else {
			err = t.exec(putMember, m.Room, m.Person, int64(m.Since), string(m.Role))
		}
		if err != nil {
			return fmt.Errorf("%s in the room %s: %w", m.Person, m.Room, err)
		}
	}
	return nil
}

func loadMembers(ctx context.Context, tx *sql.Tx) ([]state.Member, error) {
	return collect(ctx, tx, func(row scanner) (m state.Member, err error) {
		err = row.Scan(&m.Room, &m.Person, &m.Since, &m.Role)
		return m, err
	}, membersText)
}
