package users

import "time"

// A Session is one login, on one node. Numbers are the node's own and never used again.
type Session struct {
	Node   uint32 `cbor:"1,keyasint,omitempty"`
	Number uint64 `cbor:"2,keyasint"`
}

// An Online is somebody who is logged in.
type Online struct {
	Session Session
	Name    string // as it is shown
	Person  string // who it is, whatever the name
	Account bool
	Plain   bool
	Token   string // the id of the one that the session was given
}

// A Visit is all that is known of a user who is or was online.
type Visit struct {
	Online
	Addr         string // that the user came from
	Since, Until time.Time
	Gone         bool
	Lost         bool // and it was not announced yet
	Away         bool
	Text         string
}
