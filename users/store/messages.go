package store

import (
	"fmt"

	"parley/users/state"
)

const putMessage statement = `INSERT OR REPLACE INTO messages (id, room, time, sender, text, person, re)
	VALUES (?, ?, ?, ?, ?, ?, ?)`

func (t *transaction) putMessages(rows *state.Rows) error {
	for i := range rows.Messages {
		m := &rows.Messages[i]
		if err := t.exec(putMessage, int64(m.Number), m.Room, nanoseconds(m.Time), m.Sender, m.Text, m.Person, int64(m.Re)); err != nil {
			return fmt.Errorf("message %d: %w", m.Number, err)
		}
	}
	return nil
}
