package command

// What nodes say of themselves, and of each other, where several share a log.

// Begin begins an epoch of a node. Its sessions of the epoch before are over.
type Begin struct {
	Node  string `cbor:"1,keyasint"` // its name
	Epoch uint64 `cbor:"2,keyasint"` // one more than its last one
	Run   string `cbor:"3,keyasint"` // chance, by which the process that proposes it knows its own
	Log   string `cbor:"4,keyasint"` // the name of the log, if it has none yet
}

// Heartbeat says that a node lives, and what it has come to.
type Heartbeat struct {
	Node  uint32 `cbor:"1,keyasint"` // as the state numbers it
	Epoch uint64 `cbor:"2,keyasint"`
	Kinds Kind   `cbor:"3,keyasint"` // the newest kind of command that it knows
	Mark  uint64 `cbor:"4,keyasint"` // the position in the stream up to which it has carried out everything
	Sum   uint64 `cbor:"5,keyasint"` // of what became of all that
}

// Gone says that a node does not live any more: its sessions are over. It counts if Beat is
// still the newest of that node's heartbeats, and enough of the witness's have come behind it.
// A node may say it of itself.
type Gone struct {
	Witness uint32 `cbor:"1,keyasint"`
	Node    uint32 `cbor:"2,keyasint"`
	Epoch   uint64 `cbor:"3,keyasint"`
	Beat    uint64 `cbor:"4,keyasint"` // state.Node.Beat, as who says it has seen it last
}

// Newest is the newest kind that is known here: the one with the highest number.
const Newest = KindHooksSent

// Base is the newest kind that all nodes know that can share a log: the newest of the first
// version with which they could. A kind behind it is proposed only where all are known to know it.
const Base = KindGone
