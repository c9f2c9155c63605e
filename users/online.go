package users

import (
	"cmp"
	"time"
)

// A Session is one login, on one node. Numbers are the node's own and never used again.
type Session struct {
	Node   uint32 `cbor:"1,keyasint,omitempty"`
	Number uint64 `cbor:"2,keyasint"`
}

// Compare puts sessions in order: those of one node are behind each other, by their numbers.
func (s Session) Compare(other Session) int {
	return cmp.Or(cmp.Compare(s.Node, other.Node), cmp.Compare(s.Number, other.Number))
}

// An Online is somebody who is logged in. Of several sessions, Session, Plain and Token
// are those of the first: Presence.Sessions has all.
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
	Addr         string  // that the user came from; of several sessions the first one
	Sessions     []Login // nil if Gone
	Since, Until time.Time
	Gone         bool
	Lost         bool // and it was not announced yet
	Away         bool
	Text         string
}

// A Login is one session of somebody who is logged in.
type Login struct {
	Session Session
	ID      int // among those of the name: the lowest number from 1 on that none of the others had when it began
	Plain   bool
	Token   string    // the id of the one that the session was given
	Addr    string    // that it came from
	Since   time.Time // when it began, or the one began in whose place it is
}
