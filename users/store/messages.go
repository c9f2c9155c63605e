package store

import (
	"fmt"

	"parley/users/state"
)

const putMessage statement = `INSERT OR REPLACE INTO messages (id, room, changed, time, sender, text)
	VALUES (?1, ?2, ?1, ?3, ?4, ?5)`

func (t *transaction) putMessages(rows *state.Rows) error {
	for i := range rows.Messages {
		m := &rows.Messages[i]
		if err := t.exec(putMessage, int64(m.Number), m.Room, nanoseconds(m.Time), m.Sender, m.Text); err != nil {
			return fmt.Errorf("message %d: %w", m.Number, err)
		}
	}
	return nil
}
