package command

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// MaxSize is how many bytes an encoded command has at most: several times what the
// longest text and the most paths need.
const MaxSize = 64 << 10

// version is that of all kinds. One that is to have other fields is another kind: nodes tell each
// other which kinds they know, and not which versions.
const version = 1

// Why bytes are no command that is known here.
var (
	ErrSize     = errors.New("the command is too long")
	ErrEncoding = errors.New("the bytes are no command")
	ErrKind     = errors.New("a newer version is needed for a command of that kind")
	ErrVersion  = errors.New("a newer version is needed for that version of a command")
)

// An envelope is what is encoded, as a CBOR array. Fields are a map by numbers.
type envelope[F any] struct {
	_       struct{} `cbor:",toarray"`
	Kind    Kind
	Version uint16
	Fields  F
}

// blanks make empty commands.
var blanks = [...]func() Command{
	KindEnter:            blank[Enter],
	KindLeave:            blank[Leave],
	KindRegister:         blank[Register],
	KindSetHash:          blank[SetHash],
	KindWrongPassword:    blank[WrongPassword],
	KindRightPassword:    blank[RightPassword],
	KindMessage:          blank[Message],
	KindDirect:           blank[Direct],
	KindSeen:             blank[Seen],
	KindBlock:            blank[Block],
	KindUnblock:          blank[Unblock],
	KindAway:             blank[Away],
	KindBack:             blank[Back],
	KindInvite:           blank[Invite],
	KindAccept:           blank[Accept],
	KindDecline:          blank[Decline],
	KindWithdraw:         blank[Withdraw],
	KindLapseInvitations: blank[LapseInvitations],
	KindDepart:           blank[Depart],
	KindForgetGuest:      blank[ForgetGuest],
	KindSweep:            blank[Sweep],
	KindAddAccount:       blank[AddAccount],
	KindDeleteAccount:    blank[DeleteAccount],
	KindUnlock:           blank[Unlock],
	KindLimits:           blank[Limits],
	KindCreateRoom:       blank[CreateRoom],
	KindJoinRoom:         blank[JoinRoom],
	KindLeaveRoom:        blank[LeaveRoom],
	KindSetTopic:         blank[SetTopic],
	KindInviteToRoom:     blank[InviteToRoom],
	KindRead:             blank[Read],
	KindEndSession:       blank[EndSession],
	KindSetRole:          blank[SetRole],
	KindKick:             blank[Kick],
	KindSanction:         blank[Sanction],
	KindLift:             blank[Lift],
	KindLockdown:         blank[Lockdown],
	KindSlow:             blank[Slow],
	KindAnnounce:         blank[Announce],
	KindReport:           blank[Report],
	KindEdit:             blank[Edit],
	KindRemove:           blank[Remove],
	KindReact:            blank[React],
	KindKeep:             blank[Keep],
	KindPrune:            blank[Prune],
	KindForgetMe:         blank[ForgetMe],
	KindAddHook:          blank[AddHook],
	KindDropHook:         blank[DropHook],
	KindHookMessage:      blank[HookMessage],
	KindAddOutgoingHook:  blank[AddOutgoingHook],
	KindStopHook:         blank[StopHook],
	KindHooksSent:        blank[HooksSent],
	KindBegin:            blank[Begin],
	KindHeartbeat:        blank[Heartbeat],
	KindGone:             blank[Gone],
}

func blank[T any, P interface {
	*T
	Command
}]() Command {
	return P(new(T))
}

// Kinds returns an empty command of each kind.
func Kinds() []Command {
	var all []Command
	for _, blank := range blanks {
		if blank != nil {
			all = append(all, blank())
		}
	}
	return all
}

var (
	encoding = must(cbor.EncOptions{Sort: cbor.SortCoreDeterministic, Time: cbor.TimeRFC3339NanoUTC,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden, NilContainers: cbor.NilContainerAsEmpty}.EncMode())

	// Texts may be any bytes, as strings may: what was encoded can be decoded.
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 5, MaxArrayElements: 64, MaxMapPairs: 32,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField, UTF8: cbor.UTF8DecodeInvalid, FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Append appends a command's encoding to b. Equal commands have the same one.
func Append(b []byte, c Command) ([]byte, error) {
	encoded, err := encoding.Marshal(envelope[Command]{Kind: c.kind(), Version: version, Fields: c})
	switch {
	case err != nil:
		return b, fmt.Errorf("%w: %w", ErrEncoding, err)
	case len(encoded) > MaxSize:
		return b, ErrSize
	}
	return append(b, encoded...), nil
}

// Decode returns the command that b is the encoding of, by Append: other bytes for the
// same command are refused.
func Decode(b []byte) (Command, error) {
	if len(b) > MaxSize {
		return nil, ErrSize
	}
	var e envelope[cbor.RawMessage]
	if err := decoding.Unmarshal(b, &e); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if int(e.Kind) >= len(blanks) || blanks[e.Kind] == nil {
		return nil, fmt.Errorf("%w: %d", ErrKind, e.Kind)
	}
	if e.Version != version {
		return nil, fmt.Errorf("%w: kind %d, version %d", ErrVersion, e.Kind, e.Version)
	}
	c := blanks[e.Kind]()
	if err := decoding.Unmarshal(e.Fields, c); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if again, err := Append(nil, c); err != nil || !bytes.Equal(again, b) {
		return nil, fmt.Errorf("%w: it could be encoded otherwise", ErrEncoding)
	}
	return c, nil
}
