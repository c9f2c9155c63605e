package state

import (
	"context"
	"slices"

	"parley/users"
)

// tableOrder are the rows of a Table that have to do with keeping order.
type tableOrder struct {
	acts      []Act                  // ascending
	sanctions map[[3]string]Sanction // by room, kind and target
	settings  Settings
}

func (t *Table) putOrder(rows *Rows) {
	for _, a := range rows.Acts {
		t.acts = upsert(t.acts, a, actNumber)
	}
	for _, v := range rows.Sanctions {
		put(t.sanctions, [3]string{users.Fold(v.Room), string(v.Kind), v.Target}, v.Sanction, v.Gone)
		for i := range t.acts {
			if a := &t.acts[i]; v.Gone && v.Sanction.Addr && a.Addr == v.Target && a.Number <= v.UpTo {
				a.Addr = ""
			}
		}
	}
	if rows.Settings != nil {
		t.settings = *rows.Settings
	}
}

func actNumber(a Act) uint64 { return a.Number }

// keptOrder adds what there is of it.
func (t *Table) keptOrder(k *Kept) {
	k.Settings = t.settings
	k.Sanctions = values(t.sanctions, func(a, b [3]string) int { return slices.Compare(a[:], b[:]) })
	k.Reports = newest(t.acts, MaxReports, func(a Act) bool { return a.Act == ActReport })
}

// An ActFilter says which acts of the audit log are wanted.
type ActFilter struct {
	Room   string // in which they were, Room.Name; "": anywhere
	Name   string // by or about somebody of that name, however it is spelled; "": all
	After  uint64 // only those with numbers behind it,
	Before uint64 // and before it; 0: all
}

func (f *ActFilter) wants(a Act) bool {
	name := users.Fold(f.Name)
	return (f.Room == "" || a.Room == f.Room) && (name == "" || users.Fold(a.By) == name || users.Fold(a.Name) == name) &&
		a.Number > f.After && (f.Before == 0 || a.Number < f.Before)
}

// Acts returns the newest acts of the audit log that are wanted, n at most, oldest first.
func (t *Table) Acts(_ context.Context, f ActFilter, n int) ([]Act, error) {
	return newest(t.acts, n, f.wants), nil
}
