package sim

import (
	"errors"
	"slices"
	"time"

	"parley/users"
	"parley/users/rooms"
)

// A Disk is a server.Keeper in memory. What is written is safe after Delay; while
// Broken is set nothing can be written.
type Disk struct {
	Net    *Net
	Delay  time.Duration
	Broken bool

	Accounts    map[string]users.Account
	Blocks      map[users.Block]bool
	LoginBlocks map[string]users.LoginBlock
	Waiting     []users.Direct
	requests    map[rooms.Request]outcome
}

// outcome is what became of a request.
type outcome struct{ digest, number uint64 }

// NewDisk returns an empty Disk.
func NewDisk(delay time.Duration) *Disk {
	return &Disk{Delay: delay, Accounts: make(map[string]users.Account), Blocks: make(map[users.Block]bool),
		LoginBlocks: make(map[string]users.LoginBlock), requests: make(map[rooms.Request]outcome)}
}

// errBroken is what a disk says that cannot be written.
var errBroken = errors.Join(rooms.ErrNotKept, errors.New("the disk is full"))

// write has change made, and done called, after the delay.
func (d *Disk) write(change func() error, done func(error)) {
	d.Net.Later(d.Delay, func() {
		err := errBroken
		if !d.Broken {
			err = change()
		}
		if done != nil {
			done(err)
		}
	})
}

// AddAccount implements server.Keeper.
func (d *Disk) AddAccount(a users.Account, done func(error)) {
	d.write(func() error {
		if _, ok := d.Accounts[users.Fold(a.Name)]; ok {
			return users.ErrRegistered
		}
		d.Accounts[users.Fold(a.Name)] = a
		return nil
	}, done)
}

// SetHash implements server.Keeper.
func (d *Disk) SetHash(name, was, hash string, done func(error)) {
	d.write(func() error {
		a, ok := d.Accounts[users.Fold(name)]
		if !ok || was != "" && a.Hash != was {
			return users.ErrUnknownUser
		}
		a.Hash = hash
		d.Accounts[users.Fold(name)] = a
		return nil
	}, done)
}

// TouchLastSeen implements server.Keeper.
func (d *Disk) TouchLastSeen(name string, at time.Time) {
	d.write(func() error {
		if a, ok := d.Accounts[users.Fold(name)]; ok {
			a.LastSeen = at
			d.Accounts[users.Fold(name)] = a
		}
		return nil
	}, nil)
}

// PutBlock implements server.Keeper.
func (d *Disk) PutBlock(b users.Block, done func(error)) {
	d.write(func() error { d.Blocks[b] = true; return nil }, done)
}

// DeleteBlock implements server.Keeper.
func (d *Disk) DeleteBlock(b users.Block, done func(error)) {
	d.write(func() error { delete(d.Blocks, b); return nil }, done)
}

// KeepLoginBlocks implements server.Keeper.
func (d *Disk) KeepLoginBlocks(changed []users.LoginBlock) {
	d.write(func() error {
		for _, b := range changed {
			d.LoginBlocks[b.Key] = b
			if b.Forgotten() {
				delete(d.LoginBlocks, b.Key)
			}
		}
		return nil
	}, nil)
}

// PutDirect implements server.Keeper.
func (d *Disk) PutDirect(m users.Direct, request string, done func(error)) {
	d.write(func() error {
		q := rooms.Request{Sender: users.Fold(m.From), ID: request}
		if _, again := d.requests[q]; again {
			return nil
		}
		if request != "" {
			d.requests[q] = outcome{rooms.Digest(m.To, m.Text), m.ID}
		}
		d.Waiting = append(d.Waiting, m)
		return nil
	}, done)
}

// Directs implements server.Keeper.
func (d *Disk) Directs(receiver string, done func([]users.Direct, error)) {
	d.Net.Later(d.Delay, func() {
		var list []users.Direct
		for _, m := range d.Waiting {
			if users.Fold(m.To) == users.Fold(receiver) {
				list = append(list, m)
			}
		}
		done(list, nil)
	})
}

// DeleteDirects implements server.Keeper.
func (d *Disk) DeleteDirects(receiver string, upTo uint64) {
	d.write(func() error {
		d.Waiting = slices.DeleteFunc(d.Waiting, func(m users.Direct) bool {
			return users.Fold(m.To) == users.Fold(receiver) && m.ID <= upTo
		})
		return nil
	}, nil)
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
