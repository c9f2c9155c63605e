package state

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"parley/users"
	"parley/users/command"
)

// A Snapshot is all that decides what commands do, at one time: a state that is restored from
// it goes on like the one it is of, with the same results and rows. It is encoded as two items
// in CBOR, the version and the parts. What each part saves is where the part is.
//
// A version is another one when what is saved means something else, or when there is more of
// it that must not be missed. Fields that are not there are zero, so older versions can be read.
type Snapshot struct{ parts savedParts }

// snapshotVersion is the newest version of a Snapshot.
const snapshotVersion = 2

// version returns that of what is saved: the oldest one that has all of it, so that an older
// program can begin with a snapshot as long as there is nothing in it that it does not know.
func (p *savedParts) version() uint64 {
	if slices.ContainsFunc(p.Hooks, func(h savedHook) bool { return h.Sent != 0 }) {
		return 2
	}
	return 1
}

// Why bytes are no Snapshot that can be read here.
var (
	ErrSnapshot      = errors.New("the bytes are no snapshot of a state")
	ErrSnapshotNewer = errors.New("the snapshot is from a newer version of this program: update this one")
)

// savedParts are all fields of a State.
type savedParts struct {
	Limits command.Limits `cbor:"1,keyasint"`
	Last   uint64         `cbor:"2,keyasint,omitzero"`
	Time   time.Time      `cbor:"3,keyasint,omitzero"`
	Swept  time.Time      `cbor:"4,keyasint,omitzero"`

	Accounts    []users.SavedAccount   `cbor:"5,keyasint,omitempty"`
	Presence    users.SavedPresence    `cbor:"6,keyasint"`
	Blocks      []users.SavedBlock     `cbor:"7,keyasint,omitempty"`
	LeftBlocks  []savedLeftBlock       `cbor:"8,keyasint,omitempty"`
	Lockouts    []users.SavedLockout   `cbor:"9,keyasint,omitempty"`
	Invitations users.SavedInvitations `cbor:"10,keyasint"`
	Requests    savedRequests          `cbor:"11,keyasint"`
	Directs     []savedMailbox         `cbor:"12,keyasint,omitempty"`
	Changes     []savedChanged         `cbor:"13,keyasint,omitempty"`
	Guests      []savedGuest           `cbor:"14,keyasint,omitempty"`
	Pruned      []savedPruned          `cbor:"15,keyasint,omitempty"`

	Rooms        []savedRoom        `cbor:"16,keyasint,omitempty"`
	Participants []savedParticipant `cbor:"17,keyasint,omitempty"`

	Hooks []savedHook `cbor:"18,keyasint,omitempty"`
	Nodes savedNodes  `cbor:"19,keyasint"`

	Settings  savedSettings  `cbor:"20,keyasint"`
	Sanctions savedSanctions `cbor:"21,keyasint"`
	Reports   []savedAct     `cbor:"22,keyasint,omitempty"`
	Pace      []savedSaid    `cbor:"23,keyasint,omitempty"`
}

var (
	savedEncoding = mustMode(cbor.EncOptions{Sort: cbor.SortCoreDeterministic, Time: cbor.TimeRFC3339NanoUTC}.EncMode())

	// Names that are no text are ones of commands that were refused, but of some.
	savedDecoding = mustMode(cbor.DecOptions{IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden, DupMapKey: cbor.DupMapKeyEnforcedAPF,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField, UTF8: cbor.UTF8DecodeInvalid, MaxNestedLevels: 8, MaxArrayElements: 1<<31 - 1, MaxMapPairs: 64}.DecMode())
)

func mustMode[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Snapshot returns all of the state as it is now. It copies only: the copy shares nothing with
// the state that is ever changed, and may be encoded elsewhere while the state goes on.
func (s *State) Snapshot() *Snapshot {
	return &Snapshot{savedParts{
		Limits: s.limits, Last: s.last, Time: s.time, Swept: s.swept,
		Accounts: s.accounts.Save(), Presence: s.presence.Save(), Blocks: s.blocks.Save(), LeftBlocks: s.leftBlocks.save(),
		Lockouts: s.lockouts.Save(), Invitations: s.invitations.Save(), Requests: s.requests.save(), Directs: s.directs.save(),
		Changes: s.changes.save(), Guests: s.guests.save(), Pruned: savePruned(s.pruned),
		Rooms: s.rooms.save(), Participants: s.participants.save(),
		Hooks: s.hooks.save(), Nodes: s.nodes.save(),
		Settings: savedSettings(s.settings), Sanctions: s.sanctions.save(), Reports: saveReports(s.reports), Pace: s.pace.save(),
	}}
}

// sort puts into an order what was found in maps.
func (p *savedParts) sort() {
	users.SortSavedAccounts(p.Accounts)
	users.SortSavedBlocks(p.Blocks)
	users.SortSavedLockouts(p.Lockouts)
	sortSaved(p.LeftBlocks, func(b savedLeftBlock) string { return b.Person })
	sortSaved(p.Directs, func(m savedMailbox) string { return m.Person })
	sortSaved(p.Pruned, func(v savedPruned) string { return v.Room })
	sortSaved(p.Participants, func(v savedParticipant) string { return v.Person })
}

// Encode returns the bytes of a snapshot, the same of equal states.
func (v *Snapshot) Encode() ([]byte, error) {
	v.parts.sort()
	version, err := savedEncoding.Marshal(v.parts.version())
	if err != nil {
		return nil, err
	}
	parts, err := savedEncoding.Marshal(&v.parts)
	return append(version, parts...), err
}

// DecodeSnapshot returns the snapshot that bytes are of. Its errors are ErrSnapshot and
// ErrSnapshotNewer. It takes memory in proportion to the bytes, whatever they say.
func DecodeSnapshot(b []byte) (*Snapshot, error) {
	var version uint64
	rest, err := savedDecoding.UnmarshalFirst(b, &version)
	switch {
	case err != nil || version == 0:
		return nil, fmt.Errorf("%w: it has no version", ErrSnapshot)
	case version > snapshotVersion:
		return nil, fmt.Errorf("%w (it is of version %d)", ErrSnapshotNewer, version)
	}
	v := new(Snapshot)
	if err := savedDecoding.Unmarshal(rest, &v.parts); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	return v, nil
}

// Restore returns the state that a snapshot is of; with ErrSnapshot it is of none, since its
// parts do not fit together. What is in the snapshot is the state's from then on.
func (v *Snapshot) Restore() (*State, error) {
	s := newState(v.parts.Limits, v.parts.Swept)
	if err := s.load(&v.parts); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	return s, nil
}

// load fills an empty state.
func (s *State) load(p *savedParts) error {
	s.last, s.time = p.Last, p.Time
	for _, load := range []func() error{
		func() error { return s.accounts.LoadSaved(p.Accounts) },
		func() error { return s.presence.LoadSaved(p.Presence) },
		func() error { return s.blocks.LoadSaved(p.Blocks) }, // behind those who are there
		func() error { return s.leftBlocks.load(p.LeftBlocks) },
		func() error { return s.lockouts.LoadSaved(p.Lockouts) },
		func() error { return s.invitations.LoadSaved(p.Invitations) },
		func() error { return s.requests.loadAll(p.Requests) },
		func() error { return s.directs.load(p.Directs) },
		func() error { return s.changes.loadAll(p.Changes) },
		func() error { return s.guests.load(p.Guests) },
		func() error { return s.loadPruned(p.Pruned) },
		func() error { return s.loadSavedRooms(p.Rooms, p.Participants) },
		func() error { return s.hooks.load(p.Hooks) },
		func() error { return s.nodes.load(p.Nodes) },
		func() error { return s.sanctions.load(p.Sanctions) },
		func() error { return s.pace.load(p.Pace) },
	} {
		if err := load(); err != nil {
			return err
		}
	}
	s.settings = Settings(p.Settings)
	s.reports = loadReports(p.Reports)
	for _, name := range append(s.presence.Names(), s.accounts.Names()...) { // an account's spelling counts
		s.lookalikes.Put(name)
	}
	return nil
}
