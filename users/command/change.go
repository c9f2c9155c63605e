package command

import "time"

// A Target is the message or direct message that a command is about, as the node that
// proposes has read it: the state does not know what was said. What others may have changed
// since then is refused, and the node reads again.
type Target struct {
	Number  uint64    `cbor:"1,keyasint"`
	AsOf    uint64    `cbor:"2,keyasint"`           // the last number when it was read: what was changed up to it is in here
	Room    string    `cbor:"3,keyasint,omitempty"` // in which it was said, state.Message.Room; "": it is a direct message
	Sender  string    `cbor:"4,keyasint"`           // as it was spelled
	From    string    `cbor:"5,keyasint,omitempty"` // the person who has said it; "": is not known
	To      string    `cbor:"6,keyasint,omitempty"` // of a direct message: the person to whom
	Time    time.Time `cbor:"7,keyasint"`           // when it was said, by the log
	Removed bool      `cbor:"8,keyasint,omitempty"`

	// If it is about a reaction: of how many kinds there are some and how many there are in
	// all, whether that kind is among them, and the number of that of who asks; 0: none.
	Kinds     int    `cbor:"9,keyasint,omitempty"`
	Reactions int    `cbor:"10,keyasint,omitempty"`
	Known     bool   `cbor:"11,keyasint,omitempty"`
	Mine      uint64 `cbor:"12,keyasint,omitempty"`
}

// Edit gives a message of who asks another text.
type Edit struct {
	By   By     `cbor:"1,keyasint"`
	Of   Target `cbor:"2,keyasint"`
	Text string `cbor:"3,keyasint"`
}

// Remove takes the text of a message away, one's own or as somebody who keeps order.
type Remove struct {
	By  By     `cbor:"1,keyasint"`
	Of  Target `cbor:"2,keyasint"`
	Why string `cbor:"3,keyasint,omitempty"`
}

// React puts a reaction of who asks to a message, or takes it back.
type React struct {
	By   By     `cbor:"1,keyasint"`
	Of   Target `cbor:"2,keyasint"`
	Word string `cbor:"3,keyasint"`
	Gone bool   `cbor:"4,keyasint,omitempty"`
}
