package store

import (
	"context"
	"database/sql"

	"parley/users/state"
)

// A statement is the text of one that writes.
type statement string

// writes are all that a commit may need: they are prepared once.
var writes = []statement{
	putMessage, putDirect, putRequest, putAccount, deleteAccount, putBlock, deleteBlock, putLoginBlock, deleteLoginBlock, putCursor,
	renameSender, renameReceiver, renameRequests, renameCursor,
	deleteDirectsTo, deleteDirectsFrom, deleteDirectsFromGuest, deleteRequestsOf, deleteCursor,
	deleteOldRequests, putFacts,
}

// Commit keeps rows in one transaction and returns when they are safe. After an error
// nothing of them is kept. If [Disk] says so, it makes sense to try again; any other error
// names the row that it is about.
func (s *Store) Commit(rows *state.Rows) error {
	if rows.Empty() {
		return nil
	}
	if err := s.startCommit(); err != nil {
		return err
	}
	defer s.underWay.Done()
	if err := s.files.check(); err != nil {
		return err
	}
	if err := s.commit(rows); err != nil {
		return classify(err)
	}
	s.mark.note(rows.Last)
	return nil
}

// startCommit keeps the store open until the commit is no longer under way.
func (s *Store) startCommit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.underWay.Add(1)
	return nil
}

func (s *Store) commit(rows *state.Rows) error {
	tx, err := s.write.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	t := &transaction{store: s, tx: tx, bound: make(map[statement]*sql.Stmt)}
	if err := t.put(rows); err != nil {
		tx.Rollback() // SQLite may have done so by itself: an error says nothing
		return err
	}
	return tx.Commit()
}

// A transaction is one commit on its way. It has the only connection that writes.
type transaction struct {
	store *Store
	tx    *sql.Tx
	bound map[statement]*sql.Stmt // the prepared statements, within tx
}

// put puts rows in the order that they need: what a person had is renamed or forgotten
// behind what came of it in the same rows.
func (t *transaction) put(rows *state.Rows) error {
	for _, table := range []func(*state.Rows) error{
		t.putMessages, t.putDirects, t.putRequests, t.putAccounts, t.putBlocks, t.putLoginBlocks, t.putCursors,
		t.putPersons, t.forgetRequests, t.putFacts,
	} {
		if err := table(rows); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) exec(text statement, args ...any) error {
	bound := t.bound[text]
	if bound == nil {
		bound = t.tx.Stmt(t.store.writes[text])
		t.bound[text] = bound
	}
	_, err := bound.Exec(args...)
	return err
}
