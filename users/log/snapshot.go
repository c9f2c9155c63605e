package log

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"

	"parley/users/state"
)

// A Snapshot is all that a node has come to at a position of the stream: one that begins with
// it reads on behind that. It is encoded as a line that says what it is, the SHA-256 of the rest,
// and in CBOR what is below and the state.
type Snapshot struct {
	Stream   string    // of which it is
	Position uint64    // of the message that was carried out last
	Message  uint64    // its hash
	Rows     uint64    // position of the last one that has left rows: a node needs them up to there
	Stamped  time.Time // the stream's, of the message
	Last     time.Time // the log's then
	Sum      uint64    // of all results and rows
	State    *state.Snapshot

	applied Position
}

// snapshotHead is what is encoded of a Snapshot beside the state.
type snapshotHead struct {
	Stream   string    `cbor:"1,keyasint"`
	Position uint64    `cbor:"2,keyasint"`
	Message  uint64    `cbor:"3,keyasint"`
	Rows     uint64    `cbor:"4,keyasint"`
	Stamped  time.Time `cbor:"5,keyasint"`
	Last     time.Time `cbor:"6,keyasint"`
	Sum      uint64    `cbor:"7,keyasint"`
}

// snapshotLine begins a Snapshot. The number is that of the encoding of its head; the state has
// one of its own.
const snapshotLine = "parley snapshot 1\n"

var snapshotDecoding = mustMode(cbor.DecOptions{IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
	ExtraReturnErrors: cbor.ExtraDecErrorUnknownField, MaxArrayElements: 1<<31 - 1}.DecMode())

var (
	// ErrSnapshot says that bytes are no snapshot, or are damaged.
	ErrSnapshot = errors.New("that is no snapshot of a node, or a damaged one")

	// ErrSnapshotOther says that a snapshot is one with which a node cannot begin.
	ErrSnapshotOther = errors.New("the snapshot does not fit the data folder")
)

// First returns the snapshot with which a stream begins that goes on from what a single server
// has kept, whose log has a name: at position 1, where no message is. Guests may come back as if
// they had left at a time.
func First(stream, name string, kept state.Kept, now time.Time) *Snapshot {
	of := state.New(kept, now)
	of.NameLog(name)
	return &Snapshot{Stream: stream, Position: 1, Rows: 1, Last: kept.Time, State: of.Snapshot()}
}

// Mark is that of rows which are kept up to the snapshot's position.
func (s *Snapshot) Mark() state.Mark {
	return state.Mark{Stream: s.Stream, Position: s.Position, Message: s.Message}
}

// Nothing returns a message that changes nothing: a turn that no node has an epoch for.
func Nothing() []byte { return encodedTurn{Node: 1}.encode() }

// Snapshot returns that of now; nil if the node has read nothing yet, or has stopped, and while a
// message is carried out: who begins with it reads on behind that message. It takes as long as
// copying the state. It must not be kept before Safe says so.
func (l *Replicated) Snapshot() *Snapshot {
	if l.ended || l.next == 1 || l.inside {
		return nil
	}
	at := l.next - 1
	return &Snapshot{Stream: l.cfg.ID, Position: at, Message: l.past[at%recentSums].sum, Rows: l.left, Stamped: l.stamped, Last: l.last, Sum: l.sum,
		State: l.cfg.State.Snapshot(), applied: l.applied}
}

// Safe reports whether all rows are kept that a node needs which begins with a snapshot of this
// one.
func (l *Replicated) Safe(s *Snapshot) bool { return l.committed >= s.applied }

// Encode returns the bytes of a snapshot. It needs nothing of the node, and may take its time on
// any goroutine.
func (s *Snapshot) Encode() ([]byte, error) {
	head, err := sumEncoding.Marshal(snapshotHead{s.Stream, s.Position, s.Message, s.Rows, s.Stamped, s.Last, s.Sum})
	if err != nil {
		return nil, err
	}
	of, err := s.State.Encode()
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	h.Write(head)
	h.Write(of)
	return bytes.Join([][]byte{[]byte(snapshotLine), h.Sum(nil), head, of}, nil), nil
}

// DecodeSnapshot returns the snapshot that bytes are of. Its errors are ErrSnapshot and
// state.ErrSnapshotNewer.
func DecodeSnapshot(b []byte) (*Snapshot, error) {
	rest, is := bytes.CutPrefix(b, []byte(snapshotLine))
	if !is || len(rest) < sha256.Size {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrSnapshot)
	}
	if sum := sha256.Sum256(rest[sha256.Size:]); !bytes.Equal(sum[:], rest[:sha256.Size]) {
		return nil, fmt.Errorf("%w: its bytes are not those that were written", ErrSnapshot)
	}
	var head snapshotHead
	of, err := snapshotDecoding.UnmarshalFirst(rest[sha256.Size:], &head)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	if head.Position == 0 || head.Rows > head.Position || head.Stream == "" {
		return nil, fmt.Errorf("%w: it is of message %d", ErrSnapshot, head.Position)
	}
	s, err := state.DecodeSnapshot(of)
	if errors.Is(err, state.ErrSnapshot) {
		err = fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	return &Snapshot{Stream: head.Stream, Position: head.Position, Message: head.Message, Rows: head.Rows, Stamped: head.Stamped, Last: head.Last, Sum: head.Sum, State: s}, err
}

// Fits returns an error, ErrSnapshotOther, if a node that has kept rows up to a mark of a stream
// and skips some of its messages cannot begin with the snapshot.
func (s *Snapshot) Fits(mark state.Mark, id string, skipped []uint64) error {
	switch {
	case s.Stream != id:
		return fmt.Errorf("%w: it is of the stream %s, and this one is %s", ErrSnapshotOther, s.Stream, id)
	case mark.Position < s.Rows:
		return fmt.Errorf("%w: it needs what was kept up to message %d, and the data folder has it up to message %d", ErrSnapshotOther, s.Rows, mark.Position)
	case mark.Position == s.Position && mark.Message != markOf(s.Position, s.Message, skipped):
		return fmt.Errorf("%w: message %d of the stream is another one in the data folder", ErrSnapshotOther, s.Position)
	}
	return nil
}

// goOn has the node read on behind a snapshot. The messages at its position and at the mark are
// read first, since they must be those that were there: unless the stream has them no more.
func (l *Replicated) goOn(s *Snapshot) {
	l.next, l.left = s.Position+1, s.Rows
	l.past[s.Position%recentSums] = recentSum{s.Position, s.Message}
	l.stamped, l.last = s.Stamped, s.Last
	l.sum = s.Sum
	l.sums.note(s.Position)
	l.look = s.Position
	if mark := l.cfg.Mark.Position; mark > 0 && mark < s.Position {
		l.look = mark
	}
}
