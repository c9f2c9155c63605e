package command

// Keep says how much is kept of what is said in a room. What is 0 is as the server says.
type Keep struct {
	By       By     `cbor:"1,keyasint"`
	Room     string `cbor:"2,keyasint"`
	Days     int    `cbor:"3,keyasint,omitempty"`
	Messages int    `cbor:"4,keyasint,omitempty"`
}

// Prune forgets what was said up to a number: in one room, also the lobby, or, where Room
// is "", between two persons. A node proposes it when retention says so.
type Prune struct {
	Room string `cbor:"1,keyasint,omitempty"`
	UpTo uint64 `cbor:"2,keyasint"`
}

// ForgetMe deletes the account of who asks with all that is theirs, and with Texts all
// that they have said in rooms. The audit log keeps a pseudonym.
type ForgetMe struct {
	By        By     `cbor:"1,keyasint"`
	Texts     bool   `cbor:"2,keyasint,omitempty"`
	Pseudonym string `cbor:"3,keyasint"`
}
