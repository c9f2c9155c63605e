package log

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"parley/users/command"
)

// A turn is what a node puts into the stream as one message: what it has to say in one turn of
// its loop.
type turn struct {
	node     uint32 // as the state numbers it; 0: it begins an epoch, and has no number maybe
	epoch    uint64
	number   uint64 // from 1 on in each epoch
	commands []command.Command
}

const (
	// MaxTurn is how many bytes of commands a message has at most. A stream takes messages of
	// 1 MiB where nobody says otherwise.
	MaxTurn = 512 << 10

	// maxTurnCommands is how many commands.
	maxTurnCommands = 8192

	// turnVersion is that of the encoding of a turn. Commands have versions of their own.
	turnVersion = 1
)

// errTurn says that bytes are no turn.
var errTurn = errors.New("the bytes are no turn of a node")

// An encodedTurn is what is encoded, as a CBOR array.
type encodedTurn struct {
	_        struct{} `cbor:",toarray"`
	Version  uint16
	Node     uint32
	Epoch    uint64
	Number   uint64
	Commands [][]byte // as package command encodes them
}

var turnDecoding = mustMode(cbor.DecOptions{IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
	MaxNestedLevels: 4, MaxArrayElements: maxTurnCommands, MaxMapPairs: 16}.DecMode())

func mustMode[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// encode returns the bytes of a turn of commands that are encoded already.
func (t encodedTurn) encode() []byte {
	t.Version = turnVersion
	b, err := cbor.Marshal(t)
	if err != nil {
		panic(err) // there are numbers and bytes only
	}
	return b
}

// decodeTurn returns the turn that bytes are the encoding of. With command.ErrKind or
// ErrVersion it is one of a newer version than those know that know kinds.
func decodeTurn(b []byte, kinds Kinds) (turn, error) {
	var e encodedTurn
	if err := turnDecoding.Unmarshal(b, &e); err != nil {
		return turn{}, fmt.Errorf("%w: %w", errTurn, err)
	}
	if e.Version != turnVersion {
		return turn{}, fmt.Errorf("%w: a turn of version %d", command.ErrVersion, e.Version)
	}
	t := turn{node: e.Node, epoch: e.Epoch, number: e.Number}
	for i, encoded := range e.Commands {
		c, err := command.Decode(encoded)
		if err == nil {
			err = kinds.knows(c)
		}
		if err != nil {
			return turn{}, fmt.Errorf("command %d: %w", i+1, err)
		}
		t.commands = append(t.commands, c)
	}
	if begins := t.begins(); e.Node == 0 && begins == nil {
		return turn{}, fmt.Errorf("%w: it is nobody's", errTurn)
	}
	return t, nil
}

// begins returns the beginning of an epoch that a turn is; nil: it is none.
func (t turn) begins() *command.Begin {
	if t.node != 0 || len(t.commands) != 1 {
		return nil
	}
	begin, _ := t.commands[0].(*command.Begin)
	return begin
}
