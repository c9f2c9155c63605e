package server

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"parley/protocol"
)

// MaxNodeFrame is how many bytes a frame from one node to another has at most: the longest
// payload that is relayed, in base64, and what stands around it.
const MaxNodeFrame = protocol.MaxRelayed*4/3 + 1<<10

// Nodes is how what concerns one session, and may be lost, gets from one node to another.
type Nodes interface {
	// Listen has what is sent to the node of a number come to Server.Heard from now on. It is
	// called once that is the number of this node, and again with the same one.
	Listen(node uint32)

	// Send sends at most MaxNodeFrame bytes to a node, and waits for nothing. With an error it
	// was not sent. Without one it may be lost, come late or come twice; what comes is in the
	// order in which it was sent, but for that.
	Send(node uint32, frame []byte) error
}

// An end is one of the two sessions of a relay. Of two processes of one node, one after the
// other, both may have a session of one number, so the epoch is a part of its name.
type end struct {
	_       struct{} `cbor:",toarray"`
	Node    uint32
	Epoch   uint64
	Session uint64
}

// A nodeFrame is what goes from one node to another. It is encoded as a CBOR array.
type nodeFrame struct {
	_       struct{} `cbor:",toarray"`
	Version uint16
	From    end
	To      end
	Begun   uint64 // position in the log at which the two have agreed
	Session uint64 // the number of their private session
	Count   uint64 // how many frames of this relay From has sent, with this one
	Ends    ending // why the relay is over; 0: it is not
	Credit  int
	Payload string
}

// nodeFrameVersion is that of the encoding.
const nodeFrameVersion = 1

var errNodeFrame = errors.New("that is no frame of a node")

var nodeFrames = func() cbor.DecMode {
	mode, err := cbor.DecOptions{IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden, MaxNestedLevels: 4, MaxArrayElements: 16, MaxMapPairs: 16}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

func (f *nodeFrame) encode() []byte {
	f.Version = nodeFrameVersion
	b, err := cbor.Marshal(f)
	if err != nil {
		panic(err) // there are numbers and a string only
	}
	return b
}

func decodeNodeFrame(b []byte) (f nodeFrame, err error) {
	if len(b) > MaxNodeFrame {
		return f, fmt.Errorf("%w: it has %d bytes", errNodeFrame, len(b))
	}
	if err := nodeFrames.Unmarshal(b, &f); err != nil {
		return f, fmt.Errorf("%w: %w", errNodeFrame, err)
	}
	switch {
	case f.Version != nodeFrameVersion:
		return f, fmt.Errorf("%w: it is of version %d", errNodeFrame, f.Version)
	case f.Credit < 0 || f.Ends >= endings:
		return f, errNodeFrame
	}
	if bad := protocol.CheckPayload(f.Payload); bad != nil {
		return f, fmt.Errorf("%w: %w", errNodeFrame, bad)
	}
	return f, nil
}
