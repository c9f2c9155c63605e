package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	// sweptAtOnce is how many messages a step deletes: a commit that comes then waits some
	// milliseconds for it.
	sweptAtOnce = 64

	// walkedAtOnce is how many messages a step looks at, where there is no index of those
	// that are to be deleted.
	walkedAtOnce = 1000

	// securelyAtOnce is how many a step deletes of which no word may be left: each takes long.
	securelyAtOnce = 20

	// vacuumedAtOnce is how many pages a step gives back to the file system, and emptyPages
	// one of how many pages of the file may be empty: what is said next needs some.
	vacuumedAtOnce = 32
	emptyPages     = 8

	// Between two steps there is a pause, of so many times as the step has taken.
	pauseTimes = 3
	leastPause = 5 * time.Millisecond
	retrySweep = time.Second // after an error of the disk
)

const (
	firstGone statement = `SELECT room, up_to, pruned, swept FROM gone INDEXED BY gone_and_there WHERE swept < up_to LIMIT 1`
	goneIn    statement = `SELECT id FROM messages WHERE room = ? AND id <= ? ORDER BY id LIMIT ?`
	goneSeen  statement = `SELECT id, id <= coalesce((SELECT number FROM cursors WHERE person = to_person), 0)
		FROM directs WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`
	sweptTo        statement = `UPDATE gone SET swept = ?2 WHERE room = ?1`
	dropGone       statement = `DELETE FROM gone WHERE room = ? AND NOT pruned`
	firstForgotten statement = `SELECT account, up_to, after, guest, swept FROM forgotten LIMIT 1`
	saidBy         statement = `SELECT m.id, ` + saidByAuthor + ` FROM forgotten a, messages m
		WHERE a.account = ?4 AND a.up_to = ?2 AND a.after = ?5 AND a.guest = ?6 AND m.id > ?1 AND m.id <= ?2 ORDER BY m.id LIMIT ?3`
	sweptForgotten statement = `UPDATE forgotten SET swept = ?5 WHERE account = ?1 AND up_to = ?2 AND after = ?3 AND guest = ?4`
	dropForgotten  statement = `DELETE FROM forgotten WHERE account = ? AND up_to = ? AND after = ? AND guest = ?`
	deleteMessages statement = `DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))`
	deleteDirects  statement = `DELETE FROM directs WHERE id IN (SELECT value FROM json_each(?))`
)

// Sweep deletes what is gone, step by step, until ctx ends or the store is closed. It has
// one caller.
func (s *Store) Sweep(ctx context.Context) error {
	for ctx.Err() == nil {
		if !s.sweeping.Load() {
			select {
			case <-s.swept:
			case <-ctx.Done():
			case <-s.life.Done():
				return nil
			}
			continue
		}
		began := time.Now()
		err := s.SweepStep(ctx)
		pause := max(leastPause, pauseTimes*time.Since(began))
		switch {
		case errors.Is(err, ErrClosed) || ctx.Err() != nil:
			return nil
		case Disk(err):
			pause = retrySweep
		case err != nil:
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		case <-s.life.Done():
		}
	}
	return nil
}

// SweepStep deletes some of what is gone, in a transaction of its own, or gives some empty
// pages back to the file system. Sweeping says whether there is more to do.
func (s *Store) SweepStep(ctx context.Context) error {
	if err := s.startCommit(); err != nil {
		return err
	}
	defer s.underWay.Done()
	s.writing.Lock()
	defer s.writing.Unlock()
	done := false
	t, err := s.transact(ctx, func(t *transaction) (err error) {
		if done, err = t.sweep(); err == nil && done {
			done, err = t.vacuum()
		}
		return errors.Join(err, t.endUnindexing(nil))
	})
	if err != nil {
		return s.noteDamage(err)
	}
	if t.moved {
		s.noteWritten()
		s.scrubSoon(scrubDelay, t.removed)
		s.indexSoon() // which merges what is left of the words
	}
	if done {
		s.sweeping.Store(false) // nobody else writes now who could find more
	}
	return nil
}

// Sweeping reports whether there may be something that SweepStep has to do.
func (s *Store) Sweeping() bool { return s.sweeping.Load() }

// sweepAgain has it looked for what is gone.
func (s *Store) sweepAgain() {
	s.sweeping.Store(true)
	select {
	case s.swept <- struct{}{}:
	default: // it is
	}
}

func (t *transaction) sweepLater() { t.store.sweepAgain() }

// sweep deletes some of what is gone, and reports whether nothing was left.
func (t *transaction) sweep() (done bool, err error) {
	for left := t.store.sweptAtOnce; left > 0; left-- { // a room without messages is work, too
		var room string
		var upTo, swept int64
		var pruned bool
		switch err := t.bind(firstGone).QueryRow().Scan(&room, &upTo, &pruned, &swept); {
		case errors.Is(err, sql.ErrNoRows):
			return t.sweepForgotten()
		case err != nil:
			return false, fmt.Errorf("what is gone: %w", err)
		}
		n, err := t.sweepRoom(room, upTo, swept, left)
		if err != nil {
			return false, fmt.Errorf("what is gone of the room %q: %w", room, err)
		}
		left -= n
	}
	return false, nil
}

// sweepRoom deletes so many messages of a room, or so many direct messages, and returns at
// how many it has looked.
func (t *transaction) sweepRoom(room string, upTo, swept, most int64) (n int64, err error) {
	var found walked
	if room == "" {
		found, err = t.walk(most, goneSeen, swept, upTo, most)
		swept = found.last
	} else {
		found, err = t.walk(most, goneIn, room, upTo, most)
	}
	if err == nil {
		err = t.delete(room != "", false, found.numbers)
	}
	if err != nil {
		return 0, err
	}
	if found.n < most {
		swept = upTo
	}
	if err := t.exec(sweptTo, room, swept); err != nil || swept < upTo {
		return found.n, err
	}
	return found.n, t.exec(dropGone, room)
}

// sweepForgotten deletes some of what somebody has said who is forgotten.
func (t *transaction) sweepForgotten() (done bool, err error) {
	var person, guest string
	var upTo, after, swept int64
	switch err := t.bind(firstForgotten).QueryRow().Scan(&person, &upTo, &after, &guest, &swept); {
	case errors.Is(err, sql.ErrNoRows):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("who is forgotten: %w", err)
	}
	found, err := t.walk(securelyAtOnce, saidBy, swept, upTo, t.store.walkedAtOnce, person, after, guest)
	if err == nil {
		err = t.delete(true, true, found.numbers)
	}
	switch {
	case err != nil:
	case found.n < t.store.walkedAtOnce && len(found.numbers) < securelyAtOnce:
		t.moved, t.removed = true, true // as texts that were removed nothing is left of these in the log
		err = t.exec(dropForgotten, person, upTo, after, guest)
	default:
		err = t.exec(sweptForgotten, person, upTo, after, guest, found.last)
	}
	if err != nil {
		return false, fmt.Errorf("what a person has said who is forgotten: %w", err)
	}
	return false, nil
}

// walked is what a step has looked at.
type walked struct {
	numbers []int64 // of what is to be deleted
	n       int64   // at so many it has looked
	last    int64   // the number of the last one
}

// walk looks at what a statement finds: numbers, and of each, if it says so, whether it is to
// be deleted, until there are so many that are.
func (t *transaction) walk(most int64, text statement, args ...any) (found walked, err error) {
	rows, err := t.bind(text).Query(args...)
	if err != nil {
		return found, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return found, err
	}
	is, into := true, []any{&found.last}
	if len(columns) > 1 {
		into = append(into, &is)
	}
	for int64(len(found.numbers)) < most && rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return found, err
		}
		if found.n++; is {
			found.numbers = append(found.numbers, found.last)
		}
	}
	return found, rows.Err()
}

// delete deletes messages of rooms, or direct messages, by their numbers. Of their words
// nothing is left at once if that is to be secure, else when the index is merged.
func (t *transaction) delete(ofRooms, secure bool, numbers []int64) error {
	if len(numbers) == 0 {
		return nil
	}
	t.moved = true
	list, err := json.Marshal(numbers)
	if err != nil {
		return err
	}
	remove := deleteDirects
	if ofRooms {
		remove = deleteMessages
	}
	t.store.loose.Store(true)
	return errors.Join(t.unindexSecurely(secure), t.exec(remove, string(list)))
}
