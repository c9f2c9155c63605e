package state

import (
	"time"

	"parley/users"
)

// A Kept is what a store has, to go on from.
type Kept struct {
	Last        uint64
	Time        time.Time
	Accounts    []users.Account
	Blocks      []users.Block
	LoginBlocks []users.LoginBlock
	Cursors     []Cursor
	Requests    []Request // oldest first
	Unseen      []Unseen  // ascending
	Guests      []string  // persons of whom there are direct messages
}

// An Unseen is a direct message behind the cursor of the person whom it is for.
type Unseen struct {
	Number       uint64
	From, Person string
}
