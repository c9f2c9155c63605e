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
	putMessage, putDirect, putRequest, putAccount, deleteAccount, putBlock, deleteBlock, putLockout, deleteLockout, putCursor,
	renameSender, renameReceiver, renameRequests, renameCursor,
	deleteDirectsTo, deleteDirectsFrom, deleteDirectsFromGuest, deleteRequestsOf, deleteCursor,
	deleteOldRequests, putFacts, putMark,
	putRoom, deleteRoom, putMember, deleteMember, putRoomInvitation, deleteRoomInvitation, putReadCursor, deleteReadCursor,
	putHook, deleteHook,
	putSanction, deleteSanction, putAct, dropAddress, putSettings,
	pageText, wipedPage, putChange, deleteOldChanges, putOldText, deleteOldTexts, editMessage, editDirect, removeMessage, removeDirect, markMessage, markDirect,
	putReaction, deleteReaction, deleteReactions,
	putEndedRoom, putPruned, dropPruned, sweepSeen, putForgotten, renameActsBy, renameActsOf, renameReactions, renameRemovals,
	firstGone, goneIn, goneSeen, sweptTo, dropGone, firstForgotten, saidBy, sweptForgotten, dropForgotten, deleteMessages, deleteDirects,
	indexRows, nextRows, rowsBefore, readReach, putReach, mergeSome, changesMade, secureDelete,
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
		return s.noteDamage(err)
	}
	s.mark.note(point{rows.Last, nanoseconds(rows.Time)})
	s.indexed.committed(rows)
	s.indexSoon()
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
	s.writing.Lock()
	defer s.writing.Unlock()
	t, err := s.transact(context.Background(), func(t *transaction) error { return t.put(rows) })
	switch {
	case err != nil:
		s.sweepAgain() // for all that is known
	case t.moved:
		s.noteWritten()
		s.scrubSoon(scrubDelay, t.removed)
	}
	return err
}

// transact wipes what the last transaction has left, and does something, all or nothing of
// it. It is called under writing.
func (s *Store) transact(ctx context.Context, do func(*transaction) error) (*transaction, error) {
	if err := s.noteUnwiped(); err != nil {
		return nil, err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	t := &transaction{store: s, tx: tx, bound: make(map[statement]*sql.Stmt)}
	if err = t.wipe(); err == nil {
		err = do(t)
	}
	if err != nil {
		tx.Rollback() // SQLite may have done so by itself: an error says nothing
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	s.unwiped.pages = s.unwiped.pages[:0]
	return t, nil
}

// A transaction is one commit on its way. It has the only connection that writes.
type transaction struct {
	store *Store
	tx    *sql.Tx
	bound map[statement]*sql.Stmt // the prepared statements, within tx

	secure  bool // nothing may be left of words that are taken out of their index
	moved   bool // rows with texts may have moved within the file
	removed bool // a text was removed
}

// put puts rows in the order that they need: what was in a room that has ended is gone,
// and what a person had is renamed or forgotten, behind what came of it in the same rows.
func (t *transaction) put(rows *state.Rows) error {
	for _, table := range []func(*state.Rows) error{
		t.putMessages, t.putDirects, t.putChanges, t.putRequests, t.putAccounts, t.putBlocks, t.putLockouts, t.putCursors,
		t.putRooms, t.putMembers, t.putRoomInvitations, t.putReadCursors, t.putHooks,
		t.putSanctions, t.putActs, t.putSettings,
		t.putPrunedRows, t.putPersons, t.forgetRequests, t.endUnindexing, t.putMark, t.putFacts,
	} {
		if err := table(rows); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) exec(text statement, args ...any) error {
	_, err := t.bind(text).Exec(args...)
	return err
}

// bind returns a prepared statement within the transaction.
func (t *transaction) bind(text statement) *sql.Stmt {
	bound := t.bound[text]
	if bound == nil {
		bound = t.tx.Stmt(t.store.writes[text])
		t.bound[text] = bound
	}
	return bound
}
