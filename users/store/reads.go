package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"

	"parley/users"
	"parley/users/rooms"
)

const (
	// PageLimit is how many messages one page has at most.
	PageLimit = 1000

	// ReadLimit is how many reads may be under way or wait for a connection.
	ReadLimit = 64
)

// A State is what a server needs to know to go on where another has ended.
type State struct {
	Log         string // the name of the log, given once
	Last        uint64 // the highest number of a message
	LastDirect  uint64 // the highest number of a direct message ever stored
	Accounts    []users.Account
	Blocks      []users.Block
	LoginBlocks []users.LoginBlock
	Waiting     users.Mailboxes
	Requests    []Request // those remembered, oldest first, with folded senders
}

// Load returns what was committed, all of it of the same moment.
func (s *Store) Load(ctx context.Context) (State, error) {
	var state State
	err := s.view(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		if state.Log, err = logName(ctx, tx); err != nil {
			return err
		}
		row := tx.QueryRowContext(ctx, `SELECT
			(SELECT coalesce(max(id), 0) FROM messages),
			(SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'directs')`)
		if err := row.Scan(&state.Last, &state.LastDirect); err != nil {
			return err
		}
		if state.Accounts, err = collect(ctx, tx, scanAccount, accountColumns+` ORDER BY name`); err != nil {
			return err
		}
		state.Blocks, err = collect(ctx, tx, scanBlock, `SELECT a.shown, b.shown
			FROM blocks b JOIN accounts a ON a.name = b.blocker ORDER BY b.blocker, b.blocked`)
		if err != nil {
			return err
		}
		if state.LoginBlocks, err = collect(ctx, tx, scanLoginBlock, loginBlockColumns+` ORDER BY key`); err != nil {
			return err
		}
		if err := waiting(ctx, tx, &state.Waiting); err != nil {
			return err
		}
		state.Requests, err = collect(ctx, tx, scanRequest, requestColumns)
		return err
	})
	if err != nil {
		return State{}, err
	}
	return state, nil
}

func waiting(ctx context.Context, tx *sql.Tx, counts *users.Mailboxes) error {
	rows, err := tx.QueryContext(ctx, `SELECT receiver, sender, count(*) FROM directs GROUP BY receiver, sender`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var receiver, sender string
		var count int
		if err := rows.Scan(&receiver, &sender, &count); err != nil {
			return err
		}
		counts.Add(receiver, sender, count)
	}
	return rows.Err()
}

// Directs returns the direct messages that wait for a receiver, or for anybody
// if receiver is empty, in the order of their numbers.
func (s *Store) Directs(ctx context.Context, receiver string) (directs []users.Direct, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if receiver == "" {
			directs, err = collect(ctx, tx, scanDirect, directColumns+` ORDER BY id`)
		} else {
			directs, err = collect(ctx, tx, scanDirect, directColumns+` WHERE receiver = ? ORDER BY id`, fold(receiver))
		}
		return err
	})
	return directs, err
}

// Newest returns the newest messages, n or PageLimit at most, oldest first.
func (s *Store) Newest(ctx context.Context, n int) ([]rooms.Message, error) {
	return s.Before(ctx, math.MaxInt64, n)
}

// Before returns the newest messages with numbers below id, n or PageLimit at
// most, oldest first.
func (s *Store) Before(ctx context.Context, id uint64, n int) ([]rooms.Message, error) {
	ctx, end, err := s.startRead(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	rows, err := s.page.QueryContext(ctx, int64(min(id, math.MaxInt64)), max(0, min(n, PageLimit)))
	messages, err := scanAll(rows, err, scanMessage)
	slices.Reverse(messages)
	return messages, s.explain(err)
}

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
	s.reading.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.life, cancel)
	return ctx, func() {
		stop()
		cancel()
		s.mu.Lock()
		s.reads--
		s.mu.Unlock()
		s.reading.Done()
	}, nil
}

// explain says ErrClosed of a read that was ended by closing the store.
func (s *Store) explain(err error) error {
	if errors.Is(err, context.Canceled) && s.life.Err() != nil {
		return ErrClosed
	}
	return classify(err)
}

type scanner interface{ Scan(...any) error }

// collect returns the rows of a query, each as scan reads it.
func collect[T any](ctx context.Context, tx *sql.Tx, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	return scanAll(rows, err, scan)
}

func scanAll[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) (all []T, _ error) {
	if err != nil {
		return nil, err
	}
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

func scanMessage(row scanner) (m rooms.Message, err error) {
	var at int64
	err = row.Scan(&m.ID, &at, &m.Sender, &m.Text)
	m.Time = moment(at)
	return m, err
}

func scanDirect(row scanner) (d users.Direct, err error) {
	var at int64
	err = row.Scan(&d.ID, &at, &d.From, &d.To, &d.Text)
	d.Time = moment(at)
	return d, err
}

func scanAccount(row scanner) (a users.Account, err error) {
	var registered, seen int64
	err = row.Scan(&a.Name, &a.Hash, &registered, &seen)
	a.Registered, a.LastSeen = moment(registered), moment(seen)
	return a, err
}

func scanBlock(row scanner) (b users.Block, err error) {
	err = row.Scan(&b.Blocker, &b.Blocked)
	return b, err
}

func scanLoginBlock(row scanner) (b users.LoginBlock, err error) {
	var until, first, last int64
	err = row.Scan(&b.Key, &b.Failures, &b.Level, &until, &first, &last)
	b.Until, b.First, b.Last = moment(until), moment(first), moment(last)
	return b, err
}
