package command

import (
	"time"

	"parley/users"
)

// What is asked for by those who keep order. A By that names nobody is the server's owner
// at its command line, whose role is above all others.

// SetRole gives a person a role, in a room or of the whole server; users.NoRole takes the
// one away that they have.
type SetRole struct {
	By   By         `cbor:"1,keyasint"`
	Name string     `cbor:"2,keyasint"`
	Role users.Role `cbor:"3,keyasint,omitempty"`
	Room string     `cbor:"4,keyasint,omitempty"` // "": the server
}

// Kick ends all sessions of a person, or has them be in a room no more.
type Kick struct {
	By   By     `cbor:"1,keyasint"`
	Name string `cbor:"2,keyasint"`
	Room string `cbor:"3,keyasint,omitempty"` // "": the server
	Why  string `cbor:"4,keyasint,omitempty"`
}

// Sanction mutes or bans: a person, or whoever comes from an address. There is one of a
// kind for one target in one place: a new one is in place of the old one.
type Sanction struct {
	By   By            `cbor:"1,keyasint"`
	Kind users.Penalty `cbor:"2,keyasint"`
	Name string        `cbor:"3,keyasint,omitempty"` // of the person; "": it is about Addr
	Addr string        `cbor:"4,keyasint,omitempty"` // a netip.Prefix, masked, as it is written
	Room string        `cbor:"5,keyasint,omitempty"` // "": the server
	For  time.Duration `cbor:"6,keyasint,omitempty"` // by the log's time; 0: for ever
	Why  string        `cbor:"7,keyasint,omitempty"`
}

// Lift ends a sanction.
type Lift struct {
	By   By            `cbor:"1,keyasint"`
	Kind users.Penalty `cbor:"2,keyasint"`
	Name string        `cbor:"3,keyasint,omitempty"` // likewise
	Addr string        `cbor:"4,keyasint,omitempty"`
	Room string        `cbor:"5,keyasint,omitempty"`
}

// Lockdown lets no new guests in and no names be registered, or does again.
type Lockdown struct {
	By  By     `cbor:"1,keyasint"`
	On  bool   `cbor:"2,keyasint,omitempty"`
	Why string `cbor:"3,keyasint,omitempty"`
}

// Slow has each person wait between two messages in a room.
type Slow struct {
	By      By     `cbor:"1,keyasint"`
	Room    string `cbor:"2,keyasint"` // also the lobby
	Seconds int    `cbor:"3,keyasint"` // 0: not
}

// Announce tells everybody something who is there.
type Announce struct {
	By   By     `cbor:"1,keyasint"`
	Text string `cbor:"2,keyasint"`
}

// Report tells those who keep order of a message, or of a person.
type Report struct {
	By   By      `cbor:"1,keyasint"`
	Of   *Target `cbor:"2,keyasint,omitempty"` // nil: it is about Name
	Name string  `cbor:"3,keyasint,omitempty"`
	Why  string  `cbor:"4,keyasint,omitempty"`
}
