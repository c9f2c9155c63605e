package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users/state"
)

const (
	putRoomInvitation    statement = `INSERT OR REPLACE INTO room_invitations (room, person, from_name) VALUES (?, ?, ?)`
	deleteRoomInvitation statement = `DELETE FROM room_invitations WHERE room = ? AND person = ?`

	roomInvitationsText = `SELECT room, person, from_name FROM room_invitations ORDER BY room, person`
)

func (t *transaction) putRoomInvitations(rows *state.Rows) error {
	for _, i := range rows.RoomInvitations {
		var err error
		if i.Gone {
			err = t.exec(deleteRoomInvitation, i.Room, i.Person)
		} else {
			err = t.exec(putRoomInvitation, i.Room, i.Person, i.By)
		}
		if err != nil {
			return fmt.Errorf("invitation of %s to the room %s: %w", i.Person, i.Room, err)
		}
	}
	return nil
}

func loadRoomInvitations(ctx context.Context, tx *sql.Tx) ([]state.RoomInvitation, error) {
	return collect(ctx, tx, func(row scanner) (i state.RoomInvitation, err error) {
		err = row.Scan(&i.Room, &i.Person, &i.By)
		return i, err
	}, roomInvitationsText)
}
