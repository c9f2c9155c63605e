package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users/state"
)

const (
	putRoom statement = `INSERT OR REPLACE INTO rooms (name, number, owner, owner_name, private, key_hash, topic, topic_name, slow, keep_days, keep_messages)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	deleteRoom statement = `DELETE FROM rooms WHERE name = ?`

	// The index on messages leads to the newest of each room.
	roomsText = `SELECT name, number, owner, owner_name, private, key_hash, topic, topic_name, slow, keep_days, keep_messages, coalesce((
			SELECT id FROM messages m
			WHERE m.room = r.name AND id > max(r.number, ` + goneTo + `r.name), 0)) AND ` + stillThere + `
			ORDER BY id DESC LIMIT 1), 0)
		FROM rooms r ORDER BY name`
)

// putRooms comes behind the messages: those of a room that has ended go.
func (t *transaction) putRooms(rows *state.Rows) error {
	for i := range rows.Rooms {
		r := &rows.Rooms[i]
		var err error
		if r.Gone {
			err = t.endRoom(r.Name, r.UpTo)
		} else {
			err = t.exec(putRoom, r.Name, int64(r.Number), r.Owner, r.By, r.Private, r.Key, r.Topic, r.TopicBy, r.Slow, r.KeepDays, r.KeepMessages)
		}
		if err != nil {
			return fmt.Errorf("room %s: %w", r.Name, err)
		}
	}
	return nil
}

// endRoom removes a room, and leaves its messages, if there are any, to be deleted.
func (t *transaction) endRoom(name string, upTo uint64) error {
	if err := t.exec(deleteRoom, name); err != nil {
		return err
	}
	result, err := t.bind(putEndedRoom).Exec(name, int64(upTo))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		t.sweepLater()
	}
	return nil
}

func loadRooms(ctx context.Context, tx *sql.Tx) ([]state.Room, error) {
	return collect(ctx, tx, func(row scanner) (r state.Room, err error) {
		err = row.Scan(&r.Name, &r.Number, &r.Owner, &r.By, &r.Private, &r.Key, &r.Topic, &r.TopicBy, &r.Slow, &r.KeepDays, &r.KeepMessages, &r.Newest)
		return r, err
	}, roomsText)
}
