package store

import (
	"fmt"
	"strings"

	"parley/users/command"
	"parley/users/state"
)

// putPersons renames and forgets persons in the order in which that was decided.
func (t *transaction) putPersons(rows *state.Rows) error {
	renamed := 0
	for _, f := range rows.Forgotten {
		for ; renamed < f.Behind; renamed++ {
			if err := t.rename(rows.Renamed[renamed]); err != nil {
				return err
			}
		}
		if err := t.forget(f); err != nil {
			return err
		}
	}
	for _, r := range rows.Renamed[renamed:] {
		if err := t.rename(r); err != nil {
			return err
		}
	}
	return nil
}

// rename gives what is a guest's to the account that the guest has become.
func (t *transaction) rename(r state.Renamed) error {
	t.moved = true
	for _, text := range []statement{renameSender, renameReceiver, renameRequests, renameCursor} {
		if err := t.exec(text, r.From, r.To, int64(r.UpTo)); err != nil {
			return fmt.Errorf("%s renamed to %s: %w", r.From, r.To, err)
		}
	}
	if err := t.exec(deleteCursor, r.From, int64(r.UpTo)); err != nil {
		return fmt.Errorf("cursor of %s, now of %s: %w", r.From, r.To, err)
	}
	return nil
}

// forget removes what is kept of a person.
func (t *transaction) forget(f state.Forgotten) error {
	if !strings.HasPrefix(f.Person, command.GuestPrefix) {
		if err := t.erase(f); err != nil {
			return fmt.Errorf("forgetting %s: %w", f.Person, err)
		}
	}
	texts := []statement{deleteDirectsTo, deleteDirectsFrom, deleteRequestsOf, deleteCursor}
	if strings.HasPrefix(f.Person, command.GuestPrefix) {
		texts = []statement{deleteDirectsTo, deleteDirectsFromGuest, deleteCursor}
	}
	t.moved = true
	for _, text := range texts {
		if err := t.exec(text, f.Person, int64(f.UpTo)); err != nil {
			return fmt.Errorf("forgetting %s: %w", f.Person, err)
		}
	}
	return nil
}
