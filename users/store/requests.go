package store

import (
	"context"
	"time"

	"parley/users/rooms"
)

// pruneSlack is how many old requests a batch looks at beyond twice those that
// it adds: a pile that became too old is worked off bit by bit.
const pruneSlack = 64

// A Request is what a user asked for and what became of it. The newest are
// remembered, rooms.MaxRequests of them and none for longer than
// rooms.RequestMemory, so that a retry of one is recognised.
type Request struct {
	Sender string // is compared without regard to case
	ID     string // the client's own; empty: the request is not remembered
	Digest uint64 // of what it asked for: rooms.Digest; 0: is not known
	Number uint64 // what the request became
	Time   time.Time
}

// key returns what a retry of the request has in common with it.
func (r Request) key() rooms.Request { return rooms.Request{Sender: fold(r.Sender), ID: r.ID} }

// remembered is the table of requests by key, and what each became. An index in
// the file would do as well, but each new key changes another page of it: that
// halved the messages per second.
type remembered map[rooms.Request]uint64

func (m remembered) remove(keys []rooms.Request) {
	for _, key := range keys {
		delete(m, key)
	}
}

func (s *Store) loadRemembered() error {
	tx, err := s.write.BeginTx(s.life, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	requests, err := collect(context.Background(), tx, scanRequest, requestColumns)
	if err != nil {
		return err
	}
	s.remembered = make(remembered, len(requests))
	for _, r := range requests {
		s.remembered[r.key()] = r.Number
	}
	return nil
}

func scanRequest(row scanner) (r Request, err error) {
	var at, digest int64 // a column has no room for a number of 64 bits without sign
	err = row.Scan(&r.Sender, &r.ID, &digest, &r.Number, &at)
	r.Digest, r.Time = uint64(digest), moment(at)
	return r, err
}

// duplicate returns a DuplicateError if a request was carried out before.
func (t *transaction) duplicate(r Request) error {
	if first, ok := t.store.remembered[r.key()]; ok {
		return &DuplicateError{Number: first}
	}
	return nil
}

// remember adds a request that is no duplicate.
func (t *transaction) remember(r Request) error {
	if r.ID == "" {
		return nil
	}
	key, at := r.key(), nanoseconds(r.Time)
	if _, err := t.exec(insertRequest, key.Sender, key.ID, int64(r.Digest), int64(r.Number), at); err != nil {
		return err
	}
	t.store.remembered[key] = r.Number
	t.added = append(t.added, key)
	t.newest = at
	return nil
}

// prune removes requests that need not be remembered any more. What is old is
// told by the time of the newest: there is no clock here.
func (t *transaction) prune() error {
	if len(t.added) == 0 {
		return nil
	}
	rows, err := t.statement(pruneRequests).Query(
		t.newest-rooms.RequestMemory.Nanoseconds(), t.store.rememberLimit, 2*len(t.added)+pruneSlack)
	t.forgotten, err = scanAll(rows, err, func(row scanner) (key rooms.Request, err error) {
		err = row.Scan(&key.Sender, &key.ID)
		return key, err
	})
	return err
}
