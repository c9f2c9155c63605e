package store

import (
	"context"
	"database/sql"
	"errors"
)

const (
	// PageLimit is how many messages are read at once at most.
	PageLimit = 1000

	// ReadLimit is how many reads may be under way or wait for a connection.
	ReadLimit = 64
)

// view runs read in a transaction of its own, which sees one moment.
func (s *Store) view(ctx context.Context, read func(context.Context, *sql.Tx) error) error {
	ctx, end, err := s.startRead(ctx)
	if err != nil {
		return err
	}
	defer end()
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.explain(err)
	}
	defer tx.Rollback()
	return s.explain(read(ctx, tx))
}

// startRead returns a context that ends with ctx and with the store. Until end
// is called, the store is not closed.
func (s *Store) startRead(ctx context.Context) (_ context.Context, end func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil, ErrClosed
	}
	if s.reads == ReadLimit {
		return nil, nil, ErrBusy
	}
	s.reads++
	s.underWay.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.life, cancel)
	return ctx, func() {
		stop()
		cancel()
		s.mu.Lock()
		s.reads--
		s.mu.Unlock()
		s.underWay.Done()
	}, nil
}

// explain says ErrClosed of a read that was ended by closing the store.
func (s *Store) explain(err error) error {
	if errors.Is(err, context.Canceled) && s.life.Err() != nil {
		return ErrClosed
	}
	return s.noteDamage(err)
}

// noteDamage classifies an error of the open database, and tells once that it is damaged: it
// may be met again and again, by whoever asks for what is there.
func (s *Store) noteDamage(err error) error {
	err = classify(err)
	if errors.Is(err, ErrCorrupt) && s.tellDamaged != nil {
		s.damaged.Do(func() { s.tellDamaged(err) })
	}
	return err
}

type scanner interface{ Scan(...any) error }

// collect returns the rows of a query, each as scan reads it.
func collect[T any](ctx context.Context, tx *sql.Tx, scan func(scanner) (T, error), query string, args ...any) (all []T, _ error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scan)
}

func scanAll[T any](rows *sql.Rows, scan func(scanner) (T, error)) (all []T, _ error) {
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// readPage returns the first rows of a query, until they have so many bytes, as scan
// counts them: one at least.
func readPage[T any](ctx context.Context, s *Store, query *sql.Stmt, scan func(scanner) (T, int, error), bytes int, args ...any) ([]T, error) {
	page, _, err := readPart(ctx, s, query, scan, bytes, args...)
	return page, err
}

// readPart is readPage that says whether there are more rows.
func readPart[T any](ctx context.Context, s *Store, query *sql.Stmt, scan func(scanner) (T, int, error), bytes int, args ...any) (page []T, cut bool, _ error) {
	ctx, end, err := s.startRead(ctx)
	if err != nil {
		return nil, false, err
	}
	defer end()
	rows, err := query.QueryContext(ctx, args...)
	if err != nil {
		return nil, false, s.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		one, size, err := scan(rows)
		if err != nil {
			return nil, false, s.explain(err)
		}
		if len(page) > 0 && size > bytes {
			return page, true, nil
		}
		page = append(page, one)
		bytes -= size
	}
	return page, false, s.explain(rows.Err())
}
