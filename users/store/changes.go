package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"parley/users/state"
)

const (
	putChange        statement = `INSERT OR REPLACE INTO changes (number, message) VALUES (?, ?)`
	deleteOldChanges statement = `DELETE FROM changes WHERE number <= ?`

	putOldText statement = `INSERT OR REPLACE INTO old_texts (message, number, since, text)
		SELECT id, ?2, CASE edited WHEN 0 THEN time ELSE edited END, text FROM messages WHERE id = ?1`
	deleteOldTexts statement = `DELETE FROM old_texts WHERE message = ?`
	editMessage    statement = `UPDATE messages SET changed = ?2, edited = ?3, text = ?4 WHERE id = ?1`
	editDirect     statement = `UPDATE directs SET changed = ?2, edited = ?3, text = ?4 WHERE id = ?1`
	removeMessage  statement = `UPDATE messages SET changed = ?2, edited = 0, text = '', removed_by = ?3, removed_why = ?4 WHERE id = ?1`
	removeDirect   statement = `UPDATE directs SET changed = ?2, edited = 0, text = '', removed_by = ?3, removed_why = ?4 WHERE id = ?1`
	markMessage    statement = `UPDATE messages SET changed = ?2 WHERE id = ?1`
	markDirect     statement = `UPDATE directs SET changed = ?2 WHERE id = ?1`

	// Of a message that is not there any more there are none.
	putReaction statement = `INSERT OR REPLACE INTO reactions (message, number, word, person, name)
		SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM messages WHERE id = ?1) OR EXISTS (SELECT 1 FROM directs WHERE id = ?1)`
	deleteReaction  statement = `DELETE FROM reactions WHERE message = ? AND number = ? AND word = ?`
	deleteReactions statement = `DELETE FROM reactions WHERE message = ?`

	// marksColumns are what a message or direct message m answers, and what has become of it. The last one is a
	// list, which is made only where there can be something.
	marksColumns = `re, changed, edited, removed_by, removed_why, CASE WHEN changed > id AND removed_by IS NULL THEN
		(SELECT json_group_array(json_array(number, word, person, name)) FROM (SELECT * FROM reactions WHERE message = m.id ORDER BY number)) END`

	recentText = `SELECT number, message FROM changes ORDER BY number`

	// notGone says of a message m that it may be read.
	notGone         = `id > ` + goneTo + `m.room), 0) AND ` + stillThere
	findMessageText = messageColumns + ` WHERE id = ? AND ` + notGone
	findDirectText  = directColumns + ` WHERE id = ? AND ` + directThere
	versionsText    = `SELECT number, since, text FROM old_texts
		WHERE message = (SELECT id FROM messages m WHERE id = ? AND ` + notGone + `) ORDER BY number`

	changedMessagesText = messageColumns + ` WHERE id IN (SELECT value FROM json_each(?)) AND ` + notGone + ` ORDER BY changed`
	changedDirectsText  = directColumns + ` WHERE to_person = ?1 AND changed > ?2 AND changed <= ?3 AND changed > id AND id <= ?2 AND ` + directThere + `
		UNION ALL ` + directColumns + ` WHERE from_person = ?1 AND changed > ?2 AND changed <= ?3 AND changed > id AND id <= ?2 AND to_person <> ?1 AND ` + directThere + `
		ORDER BY changed LIMIT ?4`

	recentlyChanged = ` WHERE id <= ?1 AND id IN (SELECT message FROM changes WHERE number > ?1)
		AND changed IN (SELECT number FROM changes WHERE number > ?1)`
	recentMessagesText = messageColumns + recentlyChanged + ` AND ` + notGone + ` ORDER BY id`
	recentDirectsText  = directColumns + recentlyChanged + ` AND ` + directThere + ` ORDER BY id`

	// changedIDsText has, for each of some rooms (?1, pairs of a name and a number), a list of
	// the first ?4 of its changes behind ?2 and up to ?3 of messages up to ?2, behind its own
	// number: of each the number and the message.
	changedIDsText = `WITH asked (place, room, after) AS MATERIALIZED (
			SELECT key, value ->> 0, max(value ->> 1, ` + goneTo + `value ->> 0), 0)) FROM json_each(?1))
		SELECT (SELECT json_group_array(json_array(changed, id)) FROM (
			SELECT changed, id FROM messages m WHERE m.room = a.room AND changed > ?2 AND changed <= ?3 AND changed > id AND id <= ?2 AND id > a.after ORDER BY changed LIMIT ?4))
		FROM asked a ORDER BY place`
)

// changesAtOnce is of how many messages of one room a page of changes has the numbers, and
// of how many direct messages it is, at most.
const changesAtOnce = 64

// putChanges comes behind the messages: one may be changed in the rows in which it is. What
// is not there any more is not changed.
func (t *transaction) putChanges(rows *state.Rows) error {
	for i := range rows.Changes {
		c := &rows.Changes[i]
		if err := t.change(c); err != nil {
			return fmt.Errorf("change %d of message %d: %w", c.Number, c.Of.Number, err)
		}
	}
	if rows.OldChanges == 0 {
		return nil
	}
	if err := t.exec(deleteOldChanges, signed(rows.OldChanges)); err != nil {
		return fmt.Errorf("changes up to %d: %w", rows.OldChanges, err)
	}
	return nil
}

func (t *transaction) change(c *state.Change) error {
	id, number, direct := int64(c.Of.Number), int64(c.Number), c.Of.Room == ""
	t.moved = true
	err := t.exec(putChange, number, id)
	switch {
	case err != nil:
		return err
	case c.Removed != nil:
		t.removed = true
		return errors.Join(t.unindexSecurely(true), t.exec(deleteOldTexts, id), t.exec(deleteReactions, id),
			t.exec(either(direct, removeDirect, removeMessage), id, number, c.Removed.By, c.Removed.Why))
	case c.Word == "":
		if !direct {
			err = t.exec(putOldText, id, number)
		}
		return errors.Join(err, t.unindexSecurely(true), t.exec(either(direct, editDirect, editMessage), id, number, nanoseconds(c.Time), c.Text))
	case c.Gone:
		err = t.exec(deleteReaction, id, int64(c.By.Number), c.Word)
	default:
		err = t.exec(putReaction, id, int64(c.By.Number), c.Word, c.By.Person, c.By.Name)
	}
	return errors.Join(err, t.exec(either(direct, markDirect, markMessage), id, number))
}

func either(direct bool, ofDirect, ofMessage statement) statement {
	if direct {
		return ofDirect
	}
	return ofMessage
}

var errNoList = errors.New("they are no list")

// A marksRow is what marksColumns are read into, but for the first.
type marksRow struct {
	changed               uint64
	edited                int64
	removedBy, removedWhy sql.NullString
	reactions             []byte
}

func (r *marksRow) columns() []any {
	return []any{&r.changed, &r.edited, &r.removedBy, &r.removedWhy, &r.reactions}
}

// of returns what has become of a message, nil if nothing has.
func (r *marksRow) of(message uint64) (*state.Marks, error) {
	if r.changed <= message {
		return nil, nil
	}
	m := &state.Marks{Changed: r.changed, Edited: moment(r.edited)}
	if r.removedBy.Valid {
		m.Removed = &state.Removal{By: r.removedBy.String, Why: r.removedWhy.String}
		return m, nil
	}
	var list []reactionRow
	if err := json.Unmarshal(r.reactions, &list); err != nil || list == nil {
		return nil, fmt.Errorf("%w: the reactions to message %d: %w", ErrCorrupt, message, cmp.Or(err, errNoList))
	}
	for _, row := range list {
		i := slices.IndexFunc(m.Reactions, func(other state.Reaction) bool { return other.Word == row.word })
		if i < 0 {
			i, m.Reactions = len(m.Reactions), append(m.Reactions, state.Reaction{Word: row.word})
		}
		m.Reactions[i].By = append(m.Reactions[i].By, row.by)
	}
	return m, nil
}

// A reactionRow is one of the list that marksColumns have.
type reactionRow struct {
	word string
	by   state.Reactor
}

func (r *reactionRow) UnmarshalJSON(text []byte) error {
	columns := []any{&r.by.Number, &r.word, &r.by.Person, &r.by.Name}
	wanted := len(columns)
	err := json.Unmarshal(text, &columns)
	if err == nil && (len(columns) != wanted || slices.Contains(columns, nil)) { // null makes nil of a pointer
		err = fmt.Errorf("%s is no reaction", text)
	}
	return err
}

// Find returns a message, or a direct message: one of both, or none.
func (s *Store) Find(ctx context.Context, number uint64) (*state.Message, *state.Direct, error) {
	messages, err := readPage(ctx, s, s.findMessage, scanMessage, 0, signed(number))
	if err != nil || len(messages) > 0 {
		return first(messages), nil, err
	}
	directs, err := readPage(ctx, s, s.findDirect, scanDirect, 0, signed(number))
	return nil, first(directs), err
}

func first[T any](list []T) *T {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

// Versions returns what a message in a room said before it was edited, oldest first.
func (s *Store) Versions(ctx context.Context, number uint64) ([]state.Version, error) {
	return readPage(ctx, s, s.versions, func(row scanner) (v state.Version, bytes int, err error) {
		var since int64
		err = row.Scan(&v.Number, &since, &v.Text)
		v.Time = moment(since)
		return v, 0, err
	}, 0, signed(number))
}

// ChangesAfter returns messages with a number up to one whose last change is behind it and
// up to another number, in the order of those changes, until their texts have so many bytes:
// one at least. They are those of several rooms, of each only what is behind its own number,
// and direct messages to and from a person. Up to the change reached they are all there are.
func (s *Store) ChangesAfter(ctx context.Context, person string, rooms []state.RoomFrom, after, upTo uint64, bytes int) (_ []state.Message, _ []state.Direct, reached uint64, _ error) {
	directs, cut, err := readPart(ctx, s, s.changedDirects, scanDirect, bytes, person, signed(after), signed(upTo), changesAtOnce)
	if n := len(directs); cut || n == changesAtOnce { // there may be more behind the last one
		upTo = directs[n-1].Marks.Changed
	}
	if err != nil || len(rooms) == 0 {
		return nil, directs, upTo, err
	}
	ids, reached, err := s.changedIDs(ctx, rooms, after, upTo)
	if err != nil || len(ids) == 0 {
		return nil, directs, reached, err
	}
	asked, err := json.Marshal(ids)
	if err != nil {
		return nil, nil, 0, err
	}
	messages, cut, err := readPart(ctx, s, s.changedMessages, scanMessage, bytes, string(asked))
	if cut {
		reached = min(reached, messages[len(messages)-1].Marks.Changed)
	}
	// What was changed once more meanwhile comes with that change.
	messages = slices.DeleteFunc(messages, func(m state.Message) bool { return m.Marks.Changed > reached })
	return messages, directs, reached, err
}

// changedIDs returns which messages of several rooms ChangesAfter would return, as far as
// their number is reached.
func (s *Store) changedIDs(ctx context.Context, rooms []state.RoomFrom, after, upTo uint64) (ids []uint64, reached uint64, _ error) {
	asked := make([][2]any, len(rooms))
	for i, r := range rooms {
		asked[i] = [2]any{r.Room, signed(r.After)}
	}
	text, err := json.Marshal(asked)
	if err != nil {
		return nil, 0, err
	}
	lists, err := readPage(ctx, s, s.changedNumbers, scanPairs, 0, string(text), signed(after), signed(upTo), changesAtOnce)
	var all [][2]uint64
	for _, list := range lists {
		if all = append(all, list...); len(list) == changesAtOnce {
			upTo = min(upTo, list[len(list)-1][0])
		}
	}
	slices.SortFunc(all, func(a, b [2]uint64) int { return cmp.Compare(a[0], b[0]) })
	if len(all) > mergeMost {
		upTo, all = min(upTo, all[mergeMost-1][0]), all[:mergeMost]
	}
	for _, pair := range all {
		ids = append(ids, pair[1])
	}
	return ids, upTo, err
}

// scanPairs reads a list, which counts for nothing on a page.
func scanPairs(row scanner) (pairs [][2]uint64, bytes int, err error) {
	var text []byte
	if err = row.Scan(&text); err == nil {
		err = json.Unmarshal(text, &pairs)
	}
	return pairs, 0, err
}

// RecentChanges returns all messages and direct messages with a number up to one whose last
// change is behind it, ascending by their own numbers, but for changes up to the number from:
// those are not remembered.
func (s *Store) RecentChanges(ctx context.Context, after uint64) (messages []state.Message, directs []state.Direct, from uint64, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		all, err := loadChanges(ctx, tx)
		if err != nil {
			return err
		}
		from = state.ForgottenChanges(all)
		if messages, err = collect(ctx, tx, sizeless(scanMessage), recentMessagesText, signed(after)); err != nil {
			return err
		}
		directs, err = collect(ctx, tx, sizeless(scanDirect), recentDirectsText, signed(after))
		return err
	})
	return messages, directs, from, err
}

// sizeless returns a scan that does not count bytes.
func sizeless[T any](scan func(scanner) (T, int, error)) func(scanner) (T, error) {
	return func(row scanner) (T, error) {
		v, _, err := scan(row)
		return v, err
	}
}

func loadChanges(ctx context.Context, tx *sql.Tx) ([]state.Changed, error) {
	return collect(ctx, tx, func(row scanner) (c state.Changed, err error) {
		err = row.Scan(&c.Number, &c.Message)
		return c, err
	}, recentText)
}
