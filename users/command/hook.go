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

// AddOutgoingHook is the owner's: what is said in a room from then on is sent to a URL. The
// hook has an account, as others have, so that its name is nobody else's.
type AddOutgoingHook struct {
	Name   string `cbor:"1,keyasint"` // as it is to be shown
	Room   string `cbor:"2,keyasint"` // also the lobby
	URL    string `cbor:"3,keyasint"`
	Secret string `cbor:"4,keyasint"` // with which what is sent is signed
	Hash   string `cbor:"5,keyasint"` // of a password that nobody knows
}

// HooksSent says how far the receivers of outgoing hooks are. What of it is older than what is
// known, or of hooks that are not there any more, counts for nothing.
type HooksSent struct {
	Hooks []HookSent `cbor:"1,keyasint"` // not more than there can be: state.MaxOutgoingHooks
}

// A HookSent says up to which number the receiver of a hook has acknowledged all.
type HookSent struct {
	Hook uint64 `cbor:"1,keyasint"` // the hook's own number
	UpTo uint64 `cbor:"2,keyasint"`
}

// StopHook has an outgoing hook send nothing any more: its receiver wants no more of it.
type StopHook struct {
	Name   string `cbor:"1,keyasint"`
	Number uint64 `cbor:"2,keyasint"` // the hook's own: another one may have the name by now
}
