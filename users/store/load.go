package store

import (
	"context"
	"database/sql"

	"parley/users/state"
)

// Load returns what was committed, all of it of the same moment.
func (s *Store) Load(ctx context.Context) (kept state.Kept, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		kept, err = load(ctx, tx)
		return err
	})
	if err != nil {
		return state.Kept{}, err
	}
	return kept, nil
}

// load is Load in a transaction.
func load(ctx context.Context, tx *sql.Tx) (kept state.Kept, err error) {
	if kept.Last, kept.Time, err = loadLast(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Mark, err = loadMark(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Accounts, err = loadAccounts(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Blocks, err = loadBlocks(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Lockouts, err = loadLockouts(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Cursors, err = loadCursors(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Requests, err = loadRequests(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Unseen, err = loadUnseen(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Changes, err = loadChanges(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Guests, err = loadGuests(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Rooms, err = loadRooms(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Members, err = loadMembers(ctx, tx); err != nil {
		return kept, err
	}
	if kept.RoomInvitations, err = loadRoomInvitations(ctx, tx); err != nil {
		return kept, err
	}
	if kept.ReadCursors, err = loadReadCursors(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Hooks, err = loadHooks(ctx, tx); err != nil {
		return kept, err
	}
	if kept.Pruned, err = loadPruned(ctx, tx); err != nil {
		return kept, err
	}
	return kept, loadOrder(ctx, tx, &kept)
}

// loadOrder adds what those have decided who keep order.
func loadOrder(ctx context.Context, tx *sql.Tx, kept *state.Kept) (err error) {
	if kept.Sanctions, err = loadSanctions(ctx, tx); err != nil {
		return err
	}
	if kept.Reports, err = loadReports(ctx, tx); err != nil {
		return err
	}
	kept.Settings, err = loadSettings(ctx, tx)
	return err
}
