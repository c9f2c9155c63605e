package state

import "time"

// A Mark says which message of a stream was the last one whose commands are in what is kept.
type Mark struct {
	Stream   string // which one, of all there are
	Position uint64 // of the message
	Message  uint64 // a hash of it
}

// Add puts what other rows have behind these, as if the commands had been applied to them.
func (r *Rows) Add(other *Rows) {
	if r == nil || other.Empty() {
		return
	}
	for _, f := range other.Forgotten {
		f.Behind += len(r.Renamed)
		r.Forgotten = append(r.Forgotten, f)
	}
	add(&r.Renamed, other.Renamed)
	add(&r.Messages, other.Messages)
	add(&r.Directs, other.Directs)
	add(&r.Cursors, other.Cursors)
	add(&r.Requests, other.Requests)
	add(&r.Changes, other.Changes)
	add(&r.Accounts, other.Accounts)
	add(&r.Blocks, other.Blocks)
	add(&r.Lockouts, other.Lockouts)
	add(&r.Rooms, other.Rooms)
	add(&r.Members, other.Members)
	add(&r.RoomInvitations, other.RoomInvitations)
	add(&r.ReadCursors, other.ReadCursors)
	add(&r.Acts, other.Acts)
	add(&r.Sanctions, other.Sanctions)
	add(&r.Hooks, other.Hooks)
	add(&r.Pruned, other.Pruned)
	if other.Settings != nil {
		r.Settings = other.Settings
	}
	if other.Mark != nil {
		r.Mark = other.Mark
	}
	r.Last, r.Time = other.Last, latest(r.Time, other.Time)
	r.OldRequests, r.OldChanges = max(r.OldRequests, other.OldRequests), max(r.OldChanges, other.OldChanges)
	r.Count += other.Count
	r.Size += other.Size
}

func add[T any](to *[]T, more []T) { *to = append(*to, more...) }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
