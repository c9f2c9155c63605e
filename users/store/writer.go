package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/users/rooms"
)

const (
	// QueueLimit is how many writes may wait for the writer. It is eight full
	// batches, which take about 0.2 s, and at 4 KiB a message 32 MiB.
	QueueLimit = 8192

	// BatchLimit is how many writes are committed at once. It bounds how long a
	// reader of the file in another process waits, and what one failure spoils.
	BatchLimit = 1024
)

// An op is a write that waits.
type op struct {
	apply func(*transaction) error
	done  func(error) // may be nil
	err   error       // why it was refused
}

// submit queues a write. If it returns an error, done is not called.
func (s *Store) submit(done func(error), apply func(*transaction) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	select {
	case s.queue <- op{apply: apply, done: done}:
		return nil
	default:
		return ErrBusy
	}
}

// submitMessage queues a write that only the server may do, because it numbers
// messages and remembers requests.
func (s *Store) submitMessage(done func(error), apply func(*transaction) error) error {
	if s.beside {
		return errBeside
	}
	return s.submit(done, apply)
}

// run is the writer: it takes what waits, commits it in one transaction, tells
// whoever wants to know, and so on until the queue is closed and empty.
func (s *Store) run() {
	defer close(s.stopped)
	batch := make([]op, 0, BatchLimit)
	for first := range s.queue {
		batch = s.gather(append(batch[:0], first))
		err := classify(s.commit(batch))
		for i := range batch {
			if batch[i].done == nil {
				continue
			}
			if err != nil {
				batch[i].done(err)
			} else {
				batch[i].done(batch[i].err)
			}
		}
		clear(batch) // what it holds is not kept until the next burst
	}
}

// gather adds to batch what waits by now.
func (s *Store) gather(batch []op) []op {
	for len(batch) < BatchLimit {
		select {
		case o, ok := <-s.queue:
			if !ok {
				return batch
			}
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

// commit carries out a batch: all of it but what is refused, or nothing.
func (s *Store) commit(batch []op) error {
	if err := s.files.check(); err != nil {
		return err
	}
	tx, err := s.write.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	t := &transaction{store: s, tx: tx}
	if err := t.carryOut(batch); err != nil {
		tx.Rollback() // SQLite may have done so by itself: an error says nothing
		s.remembered.remove(t.added)
		return err
	}
	s.remembered.remove(t.forgotten)
	s.commits++
	return nil
}

func (t *transaction) carryOut(batch []op) error {
	for i := range batch {
		batch[i].err = batch[i].apply(t)
		if err := batch[i].err; err != nil && !refused(err) {
			return err
		}
	}
	if err := t.prune(); err != nil {
		return err
	}
	return t.tx.Commit()
}

// A transaction is one batch on its way. The writer owns it.
type transaction struct {
	store     *Store
	tx        *sql.Tx
	bound     [statementCount]*sql.Stmt // the prepared statements, within tx
	added     []rooms.Request           // remembered, unless this fails
	newest    int64                     // the time of the last of them
	forgotten []rooms.Request           // remembered still, unless this succeeds
}

func (t *transaction) statement(which statement) *sql.Stmt {
	if t.bound[which] == nil {
		t.bound[which] = t.tx.Stmt(t.store.statements[which])
	}
	return t.bound[which]
}

// exec runs a statement and returns how many rows it changed.
func (t *transaction) exec(which statement, args ...any) (rows int64, err error) {
	result, err := t.statement(which).Exec(args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// changed tells the server, if this is not it, that an account or a login block
// was written.
func (t *transaction) changed(key string) error {
	if !t.store.beside {
		return nil
	}
	_, err := t.exec(insertChange, key)
	return err
}

// Wait queues a write and returns when it is committed or was refused. It is for
// goroutines that may block, such as an owner's command:
//
//	err := store.Wait(func(done func(error)) error { return s.AddAccount(a, done) })
func Wait(write func(done func(error)) error) error {
	outcome := make(chan error, 1)
	if err := write(func(err error) { outcome <- err }); err != nil {
		return err
	}
	if err := <-outcome; err != nil {
		return fmt.Errorf("not stored: %w", err)
	}
	return nil
}
