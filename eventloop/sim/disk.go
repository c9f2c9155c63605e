package sim

import (
	"cmp"
	"context"
	"errors"
	"time"

	"parley/eventloop/server"
	"parley/users/log"
	"parley/users/search"
	"parley/users/state"
	"parley/users/tail"
)

// A Disk keeps rows in memory, as a store does in a file: a log.Keeper and a
// server.Reader. What is written is safe after Delay, which is known after Told more;
// while Broken is set nothing can be.
type Disk struct {
	Net    *Net
	Delay  time.Duration
	Told   time.Duration
	Broken bool
	Table  *state.Table      // what is safe
	Kept   func(*state.Rows) // is called with what has become safe; or nil
	State  []byte            // the newest snapshot of a node that shares a log

	Journals bool   // what is kept is in the Journal, too
	Journal  []byte // the file of the database, which can be copied

	Commits int // that have succeeded
}

// NewDisk returns an empty Disk.
func NewDisk(delay time.Duration) *Disk { return &Disk{Delay: delay, Table: state.NewTable()} }

// Messages returns what was said in the lobby and is safe, oldest first.
func (d *Disk) Messages() []state.Message { return d.MessagesIn(state.Lobby) }

// MessagesIn returns what was said in a room and is safe, oldest first. The room is spelled
// as it was created.
func (d *Disk) MessagesIn(room string) []state.Message {
	all, _ := d.Table.Newest(context.Background(), room, 1<<30)
	return all
}

var errBroken = errors.New("the disk is full")

// Keep implements log.Keeper.
func (d *Disk) Keep(rows *state.Rows, done func(error)) {
	net := d.Net
	net.Later(d.Delay, func() {
		if d.Broken {
			done(errBroken)
			return
		}
		d.Commits++
		d.Table.Put(rows)
		if d.Journals {
			d.note(rows)
		}
		if d.Kept != nil {
			d.Kept(rows)
		}
		if d.Told == 0 {
			done(nil)
			return
		}
		net.Later(d.Told, func() { done(nil) })
	})
}

// KeepState keeps a snapshot, as Keep does rows.
func (d *Disk) KeepState(s *log.Snapshot, done func(error)) {
	net := d.Net
	b, err := s.Encode()
	net.Later(d.Delay, func() {
		if d.Broken || err != nil {
			done(cmp.Or(err, errBroken))
			return
		}
		d.State = b
		done(nil)
	})
}

// Read implements server.Reader.
func (d *Disk) Read(q tail.Query, done func(tail.Page, error)) {
	d.Net.Later(d.Delay, func() { done(tail.Read(context.Background(), d.Table, q)) })
}

// Newest implements server.Reader.
func (d *Disk) Newest(room string, after, upTo uint64, n int, done func([]state.Message, error)) {
	d.Net.Later(d.Delay, func() { done(server.Newest(context.Background(), d.Table, room, after, upTo, n)) })
}

// Unread implements server.Reader.
func (d *Disk) Unread(p *tail.Part, done func([]tail.Unread, error)) {
	d.Net.Later(d.Delay, func() { done(tail.Count(context.Background(), d.Table, p)) })
}

// History implements server.Reader.
func (d *Disk) History(parts []*tail.HistoryPart, done func([]tail.HistoryPage, error)) {
	d.Net.Later(d.Delay, func() { done(server.ReadHistory(context.Background(), d.Table, parts)) })
}

// FindCuts implements server.Reader.
func (d *Disk) FindCuts(cuts []state.Cut, done func([]state.Cut, error)) {
	d.Net.Later(d.Delay, func() { done(server.FindCuts(context.Background(), d.Table, cuts)) })
}

// Export implements server.Reader.
func (d *Disk) Export(who state.Author, after, upTo uint64, bytes int, done func(state.Export, uint64, error)) {
	d.Net.Later(d.Delay, func() { done(d.Table.Export(context.Background(), who, after, upTo, bytes)) })
}

// Search implements server.Reader.
func (d *Disk) Search(q search.Query, _ []tail.Entry, done func(search.Page, error)) {
	d.Net.Later(d.Delay, func() { done(search.AmongAll(context.Background(), d.Table, q)) })
}

// Find implements server.Reader.
func (d *Disk) Find(number uint64, done func(*tail.Entry, error)) {
	d.Net.Later(d.Delay, func() { done(server.Find(context.Background(), d.Table, number)) })
}

// Versions implements server.Reader.
func (d *Disk) Versions(number uint64, done func([]state.Version, error)) {
	d.Net.Later(d.Delay, func() { done(d.Table.Versions(context.Background(), number)) })
}

// Acts implements server.Reader.
func (d *Disk) Acts(f state.ActFilter, n int, done func([]state.Act, error)) {
	d.Net.Later(d.Delay, func() { done(d.Table.Acts(context.Background(), f, n)) })
}

// A Hasher is a server.Hasher whose hashes can be read, and that takes Delay for
// each.
type Hasher struct {
	Net   *Net
	Delay time.Duration
	Busy  bool   // it takes nothing more
	From  string // who asked last
}

// Verify implements server.Hasher.
func (h *Hasher) Verify(from, hash, password string, done func(ok, rehash bool)) bool {
	h.From = from
	if !h.Busy {
		h.Net.Later(h.Delay, func() { done(hash != "" && hash == "hash of "+password, false) })
	}
	return !h.Busy
}

// Hash implements server.Hasher.
func (h *Hasher) Hash(from, password string, done func(hash string)) bool {
	h.From = from
	if !h.Busy {
		h.Net.Later(h.Delay, func() { done("hash of " + password) })
	}
	return !h.Busy
}
