package server

import (
	"time"

	"parley/users"
)

// A State is what a server needs to know to go on where another has ended. The
// zero value is that of a new one.
type State struct {
	Now         time.Time
	Accounts    []users.Account
	Blocks      []users.Block
	LoginBlocks []users.LoginBlock
	LastDirect  uint64 // number of the newest direct message that was kept
	Waiting     users.Mailboxes
}

// A Change is what an account and the blocking of its logins are now that
// somebody has changed them beside the server.
type Change struct {
	Key     string         // a folded name, or the address of a login block
	Account *users.Account // nil: there is none
	Blocked bool           // logins are
}

// A Keeper keeps what must survive the server. Its methods return at once; done
// is called on the Core's own goroutine when the change is safe or, with an
// error, could not be kept. What has no done is kept sooner or later.
type Keeper interface {
	AddAccount(a users.Account, done func(error))
	SetHash(name, was, hash string, done func(error))
	TouchLastSeen(name string, at time.Time)
	PutBlock(b users.Block, done func(error))
	DeleteBlock(b users.Block, done func(error))
	KeepLoginBlocks(changed []users.LoginBlock)
	// PutDirect keeps a direct message for a receiver who is not there. If the
	// sender's request was carried out before, done is called with nil and
	// nothing was done.
	PutDirect(d users.Direct, request string, done func(error))
	// Directs gives what waits for a receiver, oldest first.
	Directs(receiver string, done func([]users.Direct, error))
	// DeleteDirects removes what waits for a receiver up to a number.
	DeleteDirects(receiver string, upTo uint64)
}

// A Hasher hashes passwords, which takes long, somewhere else. It serves those who
// ask by turns; from names who asks, such as an address. Its methods return false if
// there is too much to do, in all or for that one. done is called on the Core's own
// goroutine.
type Hasher interface {
	// Verify reports whether password has the hash, and whether the hash should
	// be made anew. An empty hash costs the same time and is nobody's.
	Verify(from, hash, password string, done func(ok, rehash bool)) bool
	Hash(from, password string, done func(hash string)) bool
}
