package command

// AddHook is the owner's: it makes an account that nobody can log in with, under whose name
// whoever has a token says things in one room.
type AddHook struct {
	Name  string `cbor:"1,keyasint"` // as it is to be shown
	Room  string `cbor:"2,keyasint"` // also the lobby
	Token string `cbor:"3,keyasint"` // its TokenID
	Hash  string `cbor:"4,keyasint"` // of a password that nobody knows
}

// DropHook is the owner's: the hook is gone, and its account.
type DropHook struct {
	Name string `cbor:"1,keyasint"`
}

// HookMessage says something through a hook.
type HookMessage struct {
	Token string `cbor:"1,keyasint"`           // its TokenID
	ID    string `cbor:"2,keyasint,omitempty"` // of who asks for it; "": none
	Text  string `cbor:"3,keyasint"`
}
