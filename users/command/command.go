// Package command has what the log carries: small values that say what is asked for, by
// whom, and with which results of work that was done before, such as the hash of a
// password. Package state applies them.
//
// A command has no clock and no chance in it: the log says when, and who proposes it
// brings tokens along. What a command means never changes; one that is to mean something
// else is another kind.
package command

import (
	"time"

	"parley/users"
)

// A Command is one of the structs below, as a pointer.
type Command interface{ kind() Kind }

// A Session is one login, on one node.
type Session = users.Session

// By is who asks: the session, and the folded name under which it is logged in. If
// somebody else has the name by now, the command is refused.
type By struct {
	Name    string  `cbor:"1,keyasint"`
	Session Session `cbor:"2,keyasint"`
}

// Enter logs in, and with Hash makes the name an account first.
type Enter struct {
	Session Session `cbor:"1,keyasint"`
	Name    string  `cbor:"2,keyasint"`           // as it is to be shown
	Addr    string  `cbor:"3,keyasint,omitempty"` // users.AddrKey of the client's address, for lockouts and for guests who come back; "" of a Unix socket
	Plain   bool    `cbor:"4,keyasint,omitempty"`

	// Verified is the hash that the password was checked against, and had: the login
	// fails if the account has another one by now. "" of a guest.
	Verified string `cbor:"5,keyasint,omitempty"`
	// Hash is that of the password with which the name is to be registered.
	Hash string `cbor:"6,keyasint,omitempty"`

	// Token is the TokenID of the token that the session is given, and Back of the one
	// that it came with: "" if none. A guest who comes with one is the one who had it.
	Token string `cbor:"7,keyasint"`
	Back  string `cbor:"8,keyasint,omitempty"`

	// Takeover says that an older session of the name ends, if Verified or Back gives
	// the right to that. Back does so without it.
	Takeover bool `cbor:"9,keyasint,omitempty"`
}

// Leave logs out.
type Leave struct {
	By  By           `cbor:"1,keyasint"`
	Why users.Change `cbor:"2,keyasint"`
}

// Register makes a guest who is logged in an account.
type Register struct {
	By   By     `cbor:"1,keyasint"`
	Hash string `cbor:"2,keyasint"`
}

// SetHash gives an account another password, unless it has another than Was by now: ""
// is in place of whatever there is.
type SetHash struct {
	Name string `cbor:"1,keyasint"`
	Was  string `cbor:"2,keyasint,omitempty"`
	Hash string `cbor:"3,keyasint"`
}

// WrongPassword counts one, for a name and an address (users.AddrKey).
type WrongPassword struct {
	Name string `cbor:"1,keyasint"`
	Addr string `cbor:"2,keyasint,omitempty"`
}

// RightPassword ends the row of wrong ones for a name where nobody logs in with it: a
// change of the password.
type RightPassword struct {
	Name string `cbor:"1,keyasint"`
	Addr string `cbor:"2,keyasint,omitempty"`
}

// CreateRoom makes a room, and who asks is in it. At most one of Private and Key is set.
type CreateRoom struct {
	By      By     `cbor:"1,keyasint"`
	Room    string `cbor:"2,keyasint"` // as it is to be shown
	Private bool   `cbor:"3,keyasint,omitempty"`
	Key     string `cbor:"4,keyasint,omitempty"` // the hash of the key that is needed to join; "": none
}

// JoinRoom has who asks be in a room. Verified is the hash that the key was checked
// against, and had: "" if none was given.
type JoinRoom struct {
	By       By     `cbor:"1,keyasint"`
	Room     string `cbor:"2,keyasint"`
	Verified string `cbor:"3,keyasint,omitempty"`
}

// LeaveRoom has who asks be in a room no more.
type LeaveRoom struct {
	By   By     `cbor:"1,keyasint"`
	Room string `cbor:"2,keyasint"`
}

// SetTopic says what a room is about; "" is nothing.
type SetTopic struct {
	By   By     `cbor:"1,keyasint"`
	Room string `cbor:"2,keyasint"`
	Text string `cbor:"3,keyasint,omitempty"`
}

// InviteToRoom lets a person join a room once, whatever it needs.
type InviteToRoom struct {
	By   By     `cbor:"1,keyasint"`
	Name string `cbor:"2,keyasint"`
	Room string `cbor:"3,keyasint"`
}

// Read moves the read cursor of who asks, an account: in a room, or of what is said to and
// by one person. One of both is "".
type Read struct {
	By     By     `cbor:"1,keyasint"`
	Room   string `cbor:"2,keyasint,omitempty"`
	Name   string `cbor:"3,keyasint,omitempty"`
	Number uint64 `cbor:"4,keyasint"`
}

// EndSession ends another session of who asks.
type EndSession struct {
	By By  `cbor:"1,keyasint"`
	ID int `cbor:"2,keyasint"` // users.Login.ID
}

// Message says something in a room.
type Message struct {
	By   By     `cbor:"1,keyasint"`
	ID   string `cbor:"2,keyasint,omitempty"` // the client's own for it; "": none
	Room string `cbor:"3,keyasint"`
	Text string `cbor:"4,keyasint"`
	Re   uint64 `cbor:"5,keyasint,omitempty"` // the number of what it answers; 0: nothing
}

// Direct says something to one person.
type Direct struct {
	By   By     `cbor:"1,keyasint"`
	ID   string `cbor:"2,keyasint,omitempty"`
	To   string `cbor:"3,keyasint"`
	Text string `cbor:"4,keyasint"`
	Re   uint64 `cbor:"5,keyasint,omitempty"` // the number of what it answers; 0: nothing
}

// Seen moves the cursor of who asks: all direct messages to them up to that number have
// been seen.
type Seen struct {
	By     By     `cbor:"1,keyasint"`
	Number uint64 `cbor:"2,keyasint"`
}

// Block has one hear nothing more of a person, and Unblock hear them again.
type Block struct {
	By   By     `cbor:"1,keyasint"`
	Name string `cbor:"2,keyasint"`
}

// Unblock undoes a Block.
type Unblock struct {
	By   By     `cbor:"1,keyasint"`
	Name string `cbor:"2,keyasint"`
}

// Away says that one is, and why if Text is not empty.
type Away struct {
	By   By     `cbor:"1,keyasint"`
	Text string `cbor:"2,keyasint,omitempty"`
}

// Back says that one is not away any more.
type Back struct {
	By By `cbor:"1,keyasint"`
}

// Invite asks a person for a private session, or agrees if that one has asked.
type Invite struct {
	By    By          `cbor:"1,keyasint"`
	To    string      `cbor:"2,keyasint"`
	Offer users.Offer `cbor:"3,keyasint"`
}

// Accept agrees to a private session.
type Accept struct {
	By    By          `cbor:"1,keyasint"`
	From  string      `cbor:"2,keyasint"`
	Offer users.Offer `cbor:"3,keyasint"`
}

// Decline does not agree to one.
type Decline struct {
	By   By     `cbor:"1,keyasint"`
	From string `cbor:"2,keyasint"`
}

// Withdraw takes an invitation back.
type Withdraw struct {
	By By     `cbor:"1,keyasint"`
	To string `cbor:"2,keyasint"`
}

// LapseInvitations ends those that were not answered in time.
type LapseInvitations struct{}

// Depart announces that somebody whose connection was lost has not come back in time.
type Depart struct {
	Name  string    `cbor:"1,keyasint"` // folded
	Until time.Time `cbor:"2,keyasint"` // when it was lost: who came and was lost again has another time
}

// ForgetGuest ends what is kept of a guest who has not come back.
type ForgetGuest struct {
	Person string `cbor:"1,keyasint"`
}

// Sweep forgets lockouts and people that play no part any more.
type Sweep struct{}

// AddAccount is the owner's: it makes an account. A guest of that name is logged out.
type AddAccount struct {
	Name string `cbor:"1,keyasint"`
	Hash string `cbor:"2,keyasint"`
}

// DeleteAccount is the owner's: the account is gone, with its blocks, the blocks of it,
// and its direct messages. Who is logged in with it is logged out.
type DeleteAccount struct {
	Name string `cbor:"1,keyasint"`
}

// Unlock is the owner's: it ends the lockout of a name or an IP address.
type Unlock struct {
	Who string `cbor:"1,keyasint"`
}

// Limits are what decides in the state. A node proposes its own when it begins.
type Limits struct {
	Accounts   int                 `cbor:"1,keyasint"` // that can be registered by their users
	Lockouts   users.LockoutLimits `cbor:"2,keyasint"`
	GuestGrace time.Duration       `cbor:"3,keyasint"`           // for which a token is good after the session
	Sessions   int                 `cbor:"4,keyasint"`           // that an account may have at once; 0 and 1: one
	EditFor    time.Duration       `cbor:"5,keyasint,omitempty"` // for which one may edit what one has said; 0: always

	// What a room's owner has kept of it is at most that; 0: as long, or as much, as there is.
	KeepDays     int `cbor:"6,keyasint,omitempty"`
	KeepMessages int `cbor:"7,keyasint,omitempty"`

	Lookalikes users.LookalikeRule `cbor:"8,keyasint,omitempty"` // what becomes of who comes with a name that can be taken for another
}
