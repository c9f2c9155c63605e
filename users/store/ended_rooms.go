package store

import (
	"database/sql"
	"errors"
	"fmt"

	"parley/users/state"
)

// sweptAtOnce is how many messages of rooms that have ended are deleted with one commit:
// whoever waits for it waits some milliseconds longer.
const sweptAtOnce = 500

const (
	putEndedRoom statement = `INSERT INTO ended_rooms (room, up_to) VALUES (?, ?)
		ON CONFLICT (room) DO UPDATE SET up_to = max(up_to, excluded.up_to)`
	firstEndedRoom statement = `SELECT room, up_to FROM ended_rooms LIMIT 1`
	deleteEnded    statement = `DELETE FROM messages WHERE id IN (
		SELECT id FROM messages WHERE room = ? AND changed <= ? ORDER BY changed LIMIT ?)`
	deleteEndedRoom statement = `DELETE FROM ended_rooms WHERE room = ?`
)

// sweep deletes some of the messages of rooms that have ended. The others go with later
// commits, of this process or the next one; no read returns them meanwhile.
func (t *transaction) sweep(*state.Rows) error {
	if !t.store.sweeping.Load() {
		return nil
	}
	for left := t.store.sweptAtOnce; left > 0; left-- { // a room without messages is work, too
		var room string
		var upTo int64
		switch err := t.bind(firstEndedRoom).QueryRow().Scan(&room, &upTo); {
		case errors.Is(err, sql.ErrNoRows):
			t.store.sweeping.Store(false)
			return nil
		case err != nil:
			return fmt.Errorf("rooms that have ended: %w", err)
		}
		n, err := t.sweepRoom(room, upTo, left)
		if err != nil {
			return fmt.Errorf("messages of the room %s, which has ended: %w", room, err)
		}
		left -= n
	}
	return nil
}

// sweepRoom deletes so many messages of a room, and returns how many there were.
func (t *transaction) sweepRoom(room string, upTo, most int64) (n int64, err error) {
	result, err := t.bind(deleteEnded).Exec(room, upTo, most)
	if err != nil {
		return 0, err
	}
	if n, err = result.RowsAffected(); err != nil || n == most {
		return n, err
	}
	return n, t.exec(deleteEndedRoom, room)
}
