package store

import (
	"context"
	"database/sql"
	"errors"

	"parley/users/state"
)

const (
	outgoingText    = `SELECT shown, room, token, made, url, secret, number, stopped, sent FROM hooks WHERE url <> '' ORDER BY name`
	hookText        = `SELECT room FROM hooks WHERE number = ? AND url <> '' AND NOT stopped`
	prunedToText    = `SELECT up_to FROM gone WHERE pruned AND room = ?`
	nextMessageText = messageColumns + ` WHERE room = ?1 AND id > max(?2, ` + goneTo + `?1), 0)) AND ` + stillThere + ` ORDER BY id LIMIT 1`
	nextChangeText  = messageColumns + ` WHERE room = ?1 AND changed > ?2 AND changed > id AND id <= ?2 AND id > ?3 AND ` + notGone + ` ORDER BY changed LIMIT 1`
)

// Outgoing returns the outgoing hooks as the newest commit left them, in the order of their
// folded names.
func (s *Store) Outgoing(ctx context.Context) (all []state.Hook, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		all, err = collect(ctx, tx, scanHook, outgoingText)
		return err
	})
	return all, err
}

// A News is the first thing that is new for an outgoing hook. The zero value says that there is
// nothing.
type News struct {
	Ended   bool           // nothing is to be sent any more: the hook is not there, or is stopped
	Message *state.Message // as it is now
	Change  uint64         // the number of its last change, if that is what is new; 0: the message is
	Missing uint64         // without a message: up to this number nothing is kept any more of what was new
}

// Number is up to which number all is known to who knows the news.
func (n *News) Number() uint64 {
	switch {
	case n.Message == nil:
		return n.Missing
	case n.Change != 0:
		return n.Change
	}
	return n.Message.Number
}

// News returns what is new behind a number in the room of an outgoing hook, of its number: what
// was said since it was made, and the last change of that.
func (s *Store) News(ctx context.Context, hook, after uint64) (n News, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var room string
		err := tx.QueryRowContext(ctx, hookText, signed(hook)).Scan(&room)
		if n.Ended = errors.Is(err, sql.ErrNoRows); n.Ended {
			return nil
		}
		if err == nil {
			err = tx.QueryRowContext(ctx, prunedToText, room).Scan(&n.Missing)
		}
		if n.Missing > after || err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		n.Missing = 0
		said, err := collect(ctx, tx, sizeless(scanMessage), nextMessageText, room, signed(after))
		if err != nil {
			return err
		}
		changed, err := collect(ctx, tx, sizeless(scanMessage), nextChangeText, room, signed(after), signed(hook))
		if err != nil {
			return err
		}
		n.Message = first(said)
		if c := first(changed); c != nil && (n.Message == nil || c.Marks.Changed < n.Message.Number) {
			n.Message, n.Change = c, c.Marks.Changed
		}
		return nil
	})
	return n, err
}
