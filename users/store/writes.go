package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parley/users"
	"parley/users/rooms"
)

func fold(name string) string { return users.Fold(name) }

// nanoseconds returns how a time is stored. It is good for the years 1678 to 2262.
func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}

// All writes below are queued and return at once: nil, or ErrBusy when too many
// wait, or ErrClosed. After nil, done (unless it is nil) is called once, on the
// writer's goroutine, in the order of the calls, when the write is on the disk
// or has failed. It must not block, and must not close the store; it may write.

// AppendMessage stores a message under its number. If the sender's request was
// carried out before, it is not stored and done gets a DuplicateError.
func (s *Store) AppendMessage(m rooms.Message, request string, done func(error)) error {
	return s.submitMessage(done, func(t *transaction) error {
		return t.insertOnce(Request{m.Sender, request, rooms.Digest("", m.Text), m.ID, m.Time},
			insertMessage, int64(m.ID), nanoseconds(m.Time), m.Sender, m.Text)
	})
}

// PutDirect stores a direct message for a receiver who is not online. If the
// sender's request was carried out before, it is not stored and done gets a
// DuplicateError; it gets users.ErrUnknownUser if nobody is registered as the receiver.
func (s *Store) PutDirect(d users.Direct, request string, done func(error)) error {
	return s.submitMessage(done, func(t *transaction) error {
		to := fold(d.To)
		if err := t.exists(to); err != nil {
			return err
		}
		return t.insertOnce(Request{d.From, request, rooms.Digest(d.To, d.Text), d.ID, d.Time},
			insertDirect, int64(d.ID), nanoseconds(d.Time), d.From, to, d.To, d.Text)
	})
}

// insertOnce inserts a row under the number of a request, and remembers the
// request, unless it was carried out before.
func (t *transaction) insertOnce(r Request, insert statement, row ...any) error {
	if err := t.duplicate(r); err != nil {
		return err
	}
	_, err := t.exec(insert, row...)
	if constraint(err) {
		return fmt.Errorf("%w: %d", ErrNumberTaken, r.Number)
	}
	if err != nil {
		return err
	}
	return t.remember(r)
}

// exists returns users.ErrUnknownUser unless there is an account.
func (t *transaction) exists(name string) error {
	var one int
	err := t.statement(selectExists).QueryRow(name).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return users.ErrUnknownUser
	}
	return err
}

// Remember stores that a request was carried out which left nothing else here,
// such as a direct message to somebody online. A second time, done gets a
// DuplicateError.
func (s *Store) Remember(r Request, done func(error)) error {
	return s.submitMessage(done, func(t *transaction) error {
		if err := t.duplicate(r); err != nil {
			return err
		}
		return t.remember(r)
	})
}

// DeleteDirects removes a receiver's direct messages up to a number: they were
// delivered.
func (s *Store) DeleteDirects(receiver string, upTo uint64, done func(error)) error {
	return s.submit(done, func(t *transaction) error {
		_, err := t.exec(deleteDirects, fold(receiver), int64(upTo))
		return err
	})
}

// AddAccount stores a new account. done gets users.ErrRegistered if somebody has the
// name, in whatever spelling.
func (s *Store) AddAccount(a users.Account, done func(error)) error {
	return s.submit(done, func(t *transaction) error {
		name := fold(a.Name)
		_, err := t.exec(insertAccount, name, a.Name, a.Hash, nanoseconds(a.Registered), nanoseconds(a.LastSeen))
		if constraint(err) {
			return users.ErrRegistered
		}
		if err != nil {
			return err
		}
		return t.changed(name)
	})
}

// SetHash gives an account another password hash in place of was; empty, in
// place of whatever there is. done gets ErrStale if there is another one by now,
// as when the owner has set a new password: it must not be undone by who checked
// the one before.
func (s *Store) SetHash(name, was, hash string, done func(error)) error {
	return s.submit(done, func(t *transaction) error {
		name := fold(name)
		rows, err := t.exec(updateHash, name, was, hash)
		if err != nil {
			return err
		}
		if rows == 0 {
			if err := t.exists(name); err != nil {
				return err
			}
			return ErrStale
		}
		return t.changed(name)
	})
}

// TouchLastSeen stores when a user was online last. It never goes back.
func (s *Store) TouchLastSeen(name string, at time.Time, done func(error)) error {
	return s.submit(done, func(t *transaction) error {
		rows, err := t.exec(updateLastSeen, fold(name), nanoseconds(at))
		if err == nil && rows == 0 {
			err = users.ErrUnknownUser
		}
		return err
	})
}

// DeleteAccount removes an account with the blocks by it and of it, the direct
// messages that wait for it and its login block. What it said stays.
func (s *Store) DeleteAccount(name string, done func(error)) error {
	return s.submit(done, func(t *transaction) error {
		name := fold(name)
		rows, err := t.exec(deleteAccount, name) // the foreign keys take directs and blocks by it
		if err != nil {
			return err
		}
		if rows == 0 {
			return users.ErrUnknownUser
		}
		for _, more := range []statement{deleteBlocksOf, deleteLoginBlock} {
			if _, err := t.exec(more, name); err != nil {
				return err
			}
		}
		return t.changed(name)
	})
}

// PutBlock stores that an account does not want to hear somebody. done gets
// users.ErrUnknownUser if the blocker has no account.
func (s *Store) PutBlock(b users.Block, done func(error)) error {
	return s.submit(done, func(t *transaction) error {
		_, err := t.exec(insertBlock, fold(b.Blocker), fold(b.Blocked), b.Blocked)
		if constraint(err) {
			return users.ErrUnknownUser
		}
		return err
	})
}

// DeleteBlock removes a block, if there is one.
func (s *Store) DeleteBlock(b users.Block, done func(error)) error {
	return s.submit(done, func(t *transaction) error {
		_, err := t.exec(deleteBlock, fold(b.Blocker), fold(b.Blocked))
		return err
	})
}

// KeepLoginBlocks stores login blocks in place of those with their keys, or removes
// those that are forgotten. It is one write, however many there are.
func (s *Store) KeepLoginBlocks(changed []users.LoginBlock, done func(error)) error {
	return s.submit(done, func(t *transaction) error {
		for _, b := range changed {
			if err := t.keepLoginBlock(b); err != nil {
				return err
			}
		}
		return nil
	})
}

// PutLoginBlock stores a login block in place of the one with its key.
func (s *Store) PutLoginBlock(b users.LoginBlock, done func(error)) error {
	return s.KeepLoginBlocks([]users.LoginBlock{b}, done)
}

// DeleteLoginBlock removes the login block with that key, if there is one. The
// server is told in any case: it may have one that could not be stored.
func (s *Store) DeleteLoginBlock(key string, done func(error)) error {
	return s.KeepLoginBlocks([]users.LoginBlock{{Key: key}}, done)
}

func (t *transaction) keepLoginBlock(b users.LoginBlock) (err error) {
	if b.Forgotten() {
		_, err = t.exec(deleteLoginBlock, b.Key)
	} else {
		_, err = t.exec(insertLoginBlock, b.Key, b.Failures, b.Level,
			nanoseconds(b.Until), nanoseconds(b.First), nanoseconds(b.Last))
	}
	if err != nil {
		return err
	}
	return t.changed(b.Key)
}
