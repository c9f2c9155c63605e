package state

import (
	"time"

	"parley/users"
)

// A Kept is what a store has, to go on from.
type Kept struct {
	Last     uint64
	Time     time.Time
	Accounts []users.Account
	Blocks   []users.Block
	Lockouts []users.Lockout
	Cursors  []Cursor
	Requests []Request // oldest first
	Unseen   []Unseen  // ascending
	Changes  []Changed // the newest, ascending
	Guests   []string  // persons of whom there are direct messages, or who are in rooms or invited to one

	Rooms           []Room           // in the order of the folded names
	Members         []Member         // in the order of the rooms, then of the persons
	RoomInvitations []RoomInvitation // likewise
	ReadCursors     []ReadCursor     // in the order of the persons, then of rooms and others

	Pruned []Pruned // in the order of the rooms

	Sanctions []Sanction // in the order of rooms, kinds and targets
	Reports   []Act      // the newest MaxReports of the audit log, oldest first
	Settings  Settings
}

// An Unseen is a direct message behind the cursor of the person whom it is for.
type Unseen struct {
	Number       uint64
	From, Person string
}
